"""A training's values over its steps as one number."""

import numpy as np
import pytest

from jobs.experiments.statistics.over_steps import OVER_STEPS, Kind, wander


def columns(*rows: list[float]) -> list[np.typing.NDArray[np.float32]]:
    return [np.array(row, np.float32) for row in rows]


def test_a_median_wanders_by_its_sd_over_the_steps_in_widths() -> None:
    assert wander(columns([-1, -1], [-0.5, 1.5], [1, 3])) == 1 / 3
    assert wander(columns([0, 2], [1, 3], [2, 4])) == 0.5
    assert wander(columns([0, 1], [0.5, 1.5], [1, 2], [0, 2], [1, 3], [2, 4])) == 0.5


@pytest.mark.parametrize("factor", [0.01, 100.0])
def test_how_far_it_wanders_is_the_same_in_any_unit_and_from_any_origin(factor: float) -> None:
    drawn = np.sort(np.random.default_rng(0).normal(size=(50, 3)), axis=1).T
    assert wander(list(factor * drawn + 3)) == pytest.approx(wander(list(drawn)))


def test_a_unit_without_a_width_is_left_out() -> None:
    assert wander(columns([7, 7], [7, 7], [7, 7], [0, 2], [1, 3], [2, 4])) == 0.5
    assert wander(columns([7, 7], [7, 7], [7, 7])) is None


@pytest.mark.parametrize("kind", OVER_STEPS)
def test_nothing_has_no_number(kind: Kind) -> None:
    assert OVER_STEPS[kind](columns(*[[]] * (3 if kind == "wander" else 1))) is None


def test_one_step_does_not_wander() -> None:
    assert wander(columns([0], [1], [2])) is None
