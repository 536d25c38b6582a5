"""A fault of a job is blamed on the place of the experiment's document where it was written."""

from typing import Any

import pytest

from jobs.errors import FieldError
from jobs.experiments.blame import index_of, located, not_there
from jobs.experiments.document import ExperimentSpec
from jobs.spec.pointers import Place

STEPS = "/training/steps"
LAYERS = [{"kind": "flatten"}, {"kind": "linear", "features": 10}]
SPEC = ExperimentSpec.model_validate(
    {
        "base": {"training": {"steps": 5}, "data": {"dataset": "synthetic"}},
        "variants": {"a": {"training": {"batch": 1}}},
        "grid": {STEPS: [1, 1.0, True]},
    }
)


@pytest.mark.parametrize(
    ("pointer", "point", "place", "said"),
    [
        (STEPS, {STEPS: 1.0}, ("grid", STEPS, 1), f"wrong (variant 'a' at {{\"{STEPS}\": 1.0}})"),
        ("/training/batch", {}, ("variants", "a", "training", "batch"), "wrong (variant 'a')"),
        ("/data/dataset", {}, ("base", "data", "dataset"), "wrong (variant 'a')"),
        ("/data/size", {}, ("base", "data"), "/data/size: wrong (variant 'a')"),
    ],
)
def test_a_fault_stands_in_the_grid_in_a_variant_or_in_the_base(
    pointer: str, point: dict[str, Any], place: Place, said: str
) -> None:
    assert located(SPEC, "a", point, FieldError(pointer, "wrong")) == (place, said)


def test_values_of_a_grid_that_are_equal_and_not_the_same_are_told_apart() -> None:
    assert [index_of(SPEC, STEPS, {STEPS: value}) for value in (1, 1.0, True)] == [0, 1, 2]


@pytest.mark.parametrize(
    ("where", "says"),
    [
        ("/training/step", "it is called steps: /training/steps"),
        ("/architecture/layers/7/rate", "has 2 items, counted from 0; by name there is: flatten1, linear1"),
        ("/training/steps/0", "/training/steps is 5"),
    ],
)
def test_a_place_that_leads_nowhere_is_said_with_what_is_there(where: str, says: str) -> None:
    found = not_there("a", {"training": {"steps": 5}, "architecture": {"layers": LAYERS}}, where)
    assert found.startswith("there is no such field in variant 'a'")
    assert says in found
