"""The demo's sentences, of invented seeds."""

from typing import Any

import pytest

from bnlab.claims.plainly import arrivals, finals, what_seeds_show

STEPS = 10_000


def group(variant: str, *after: float | str, accuracy: float = 0.9) -> dict[str, Any]:
    """Seeds that came to the target after so many steps."""
    seeds = [
        {"measured": {"steps_to": [{"low": 0, "high": each}], "final_accuracy": accuracy + number / 100}}
        for number, each in enumerate(after)
    ]
    return {"variant": variant, "steps_to": [{"target": 0.9}], "seeds": seeds}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        (group("BN", 700, 760, 900), "BN after 700 to 900 steps in all three"),
        (group("BN", 760, 760), "BN after 760 steps in both"),
        (group("BN", 5200), "BN after 5,200 steps"),
        (group("BN", "Infinity", "Infinity", "Infinity"), "BN never, within 10,000 steps"),
        (group("BN", 700, "Infinity"), "BN after 700 steps in one of two, else never, within 10,000"),
    ],
)
def test_who_came_to_the_target_when_and_who_never_did(found: dict[str, Any], said: str) -> None:
    assert arrivals([found], 0, STEPS) == f"Accuracy 0.90: {said}."


def test_accuracies_at_the_end_are_from_the_least_to_the_greatest_seed() -> None:
    groups = [group("without BN", 1, 2, accuracy=0.94), group("with BN", 1, accuracy=0.96)]
    assert finals(groups, STEPS) == "After 10,000 steps: without BN 0.940 to 0.950; with BN 0.960."


@pytest.mark.parametrize(
    ("seeds", "said"),
    [
        (1, "Take three (--seeds 3)."),
        (3, "in one of 4 experiments. Six (--seeds 6) are the fewest with which that is rarer than one of 20."),
        (5, "in one of 16 experiments. Six"),
        (6, "chance alone is a poor explanation: if BN made no difference"),
        (11, "in one of 1,024 experiments."),
    ],
)
def test_what_so_many_seeds_can_show_is_said_by_how_often_chance_would_do_the_same(seeds: int, said: str) -> None:
    assert said in what_seeds_show(seeds)
