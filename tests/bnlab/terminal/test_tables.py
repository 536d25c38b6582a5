"""Tables that fit the terminal."""

import pytest
from rich.console import Console

from bnlab.terminal.tables import side_by_side

FOUND = {"status": "3 of 3 succeeded", "test.accuracy": "0.9123 ±0.0045", "test.loss": "0.2123 ±0.0145"}


def printed(things: list[str], width: int) -> str:
    console = Console(record=True, width=width)
    for table in side_by_side(things, {name: [value] * len(things) for name, value in FOUND.items()}, width):
        console.print(table)
    return console.export_text()


@pytest.mark.parametrize("width", [32, 40, 80, 120])
@pytest.mark.parametrize("things", [1, 2, 4, 6])
def test_no_word_of_what_is_compared_is_broken_or_lost_at_any_width(things: int, width: int) -> None:
    names = [f"{number} sigmoid without normalization at the paper's rate" for number in range(1, things + 1)]
    text = printed(names, width)
    for word in ("sigmoid", "normalization", "paper's", "0.9123", "±0.0045", "0.2123", "±0.0145"):
        assert text.split().count(word) == things, (word, text)
    assert max(map(len, text.splitlines())) <= width


def test_a_row_is_a_thing_where_that_fits_and_else_a_property() -> None:
    rows = [line.split()[0] for line in printed(["1 one", "2 two"], 80).splitlines() if line.strip()]
    assert rows[-2:] == ["1", "2"]
    rows = [line.split()[0] for line in printed(["1 one", "2 two"], 40).splitlines() if line.strip()]
    assert [row for row in rows if row in FOUND] == list(FOUND)


def test_brackets_and_control_characters_of_a_name_are_shown_and_not_obeyed() -> None:
    text = printed(["[bold]one[/bold]", "two\x1b[2J"], 80)
    assert "[bold]one[/bold]" in text
    assert "\\x1b[2J" in text
