import numpy as np
import pytest

from tests.support.evidence import line, shown

NAN = float("nan")


def test_what_holds_is_dated_by_the_first_row_behind_the_last_one_in_which_it_did_not() -> None:
    values = line([0, 9, 0, 9, 9, 9, 9, 9])
    assert values.since(values.mean > 5) == 301


def test_what_has_held_for_fewer_than_five_rows_is_not_dated() -> None:
    values = line([9, 0, 0, 0, 9, 9, 9, 9])
    assert values.since(values.mean > 5) is None


def test_of_a_series_of_fewer_than_five_rows_all_must_hold() -> None:
    values = line([9, 9])
    assert values.since(values.mean > 5) == 1
    assert line([]).since(np.array([], bool)) is None


def test_now_is_the_median_of_the_last_quarter_whatever_is_not_finite_in_it() -> None:
    assert line([1, 1, 1, 1, 1, 1, 2, 4]).now == 3
    assert line([1, 1, 1, NAN]).now != line([1, 1, 1, NAN]).now  # NaN: nothing is known
    assert line([1, 3, 5, 5]).early == 2


@pytest.mark.parametrize(("accuracy", "since"), [([0.1] * 8, 1), ([0.3, 0.3] + [0.1] * 6, 201), ([0.1, 0.3], None)])
def test_chance_is_dated(accuracy: list[float], since: int | None) -> None:
    assert shown({"loss": accuracy, "accuracy": accuracy}).at_chance_since == since


def test_a_single_batch_that_was_lucky_does_not_end_chance() -> None:
    accuracy = np.full(200, 0.1)
    accuracy[150] = 0.2  # 12 of 60
    evidence = shown({"loss": list(accuracy), "accuracy": list(accuracy)}, every=1)
    assert evidence.at_chance_since == 1


def test_a_job_that_has_recorded_nothing_is_at_no_step_and_at_no_chance() -> None:
    evidence = shown()
    assert (evidence.step, evidence.at_chance_since, evidence.accuracy, evidence.evaluated) == (0, None, 0.0, None)
