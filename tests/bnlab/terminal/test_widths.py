"""Which columns a line has room for."""

import pytest

from bnlab.terminal.widths import fitting

COLUMNS = {"id": 14, "status": 10, "step": 12, "accuracy": 9, "age": 7}


@pytest.mark.parametrize(("width", "shown"), [(1, 1), (20, 1), (40, 2), (60, 3), (80, 4), (90, 5), (10_000, 5)])
def test_the_first_column_is_always_there_and_others_where_there_is_room(width: int, shown: int) -> None:
    assert fitting(COLUMNS, ["x" * 200], width) == list(COLUMNS)[:shown]


def test_short_labels_leave_room_for_more() -> None:
    assert fitting(COLUMNS, ["mlp"], 60) == list(COLUMNS)
    assert fitting(COLUMNS, [], 52) == list(COLUMNS)
