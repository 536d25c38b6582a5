"""What a change to a document takes along: of a resolved one, the defaults that followed from what is changed."""

import json
from typing import Any

import pytest

from jobs.experiments.document import read
from jobs.experiments.members import members
from jobs.experiments.patches import merged, undecided
from jobs.settings import Settings
from jobs.spec.document import Data
from jobs.spec.known import in_catalogue
from tests.support.documents import resolved


def like(document: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """The resolved document with a patch over it, resolved again."""
    before = resolved(**document).document
    return resolved(**merged(undecided(before, patch), patch)).document  # type: ignore[arg-type]  # it is an object


@pytest.mark.parametrize(
    ("before", "patch", "binarize", "normalize"),
    [
        ({}, {"dataset": "cifar10"}, False, "standardize"),
        ({"dataset": "cifar10"}, {"dataset": None}, True, "none"),
        ({}, {"dataset": "cifar10", "binarize": True}, True, "none"),
        ({}, {"dataset": "cifar10", "normalize": "unit"}, False, "unit"),
        ({}, {"binarize": False}, False, "standardize"),
        ({"normalize": "unit", "binarize": False}, {"dataset": "mnist", "batch_size": 50}, False, "unit"),
        ({"dataset": "cifar10", "normalize": "unit"}, {"batch_size": 50}, False, "unit"),
    ],
)
def test_what_is_done_to_pixels_follows_another_dataset_unless_the_patch_says_it(
    before: dict[str, Any], patch: dict[str, Any], binarize: bool, normalize: str
) -> None:
    found = like({"data": before}, {"data": patch})["data"]
    assert (found["binarize"], found["normalize"]) == (binarize, normalize)


def test_what_a_job_starts_from_is_found_anew_of_another_job_network_or_memory() -> None:
    initial: dict[str, Any] = {"job": "1", "checkpoint": "best", "optimizer": "reset", "sha256": "a", "step": 3}
    found = {"job": "1", "checkpoint": "best", "optimizer": "reset"}
    patches: tuple[dict[str, Any], ...] = ({"job": "2"}, {"checkpoint": "final"}, {"optimizer": "copy"})
    for patch in patches:
        assert merged({"initial": initial}, {"initial": patch}) == {"initial": found | patch}
    assert merged({"initial": initial}, {"initial": {"job": "1"}}) == {"initial": initial}


def test_what_is_better_follows_another_metric() -> None:
    stop = {"metric": "test.loss", "patience": 2}
    found = like({"training": {"stop": stop}}, {"training": {"stop": {"metric": "test.accuracy"}}})
    assert found["training"]["stop"] == {"metric": "test.accuracy", "goal": "max", "patience": 2, "min_delta": 0.0}


def test_metadata_mean_nothing_here() -> None:
    document: dict[str, Any] = {"metadata": {"dataset": "a", "binarize": True}}
    assert undecided(document, {"metadata": {"dataset": "b"}}) == document


def test_of_an_experiment_what_its_base_says_holds_for_every_dataset_and_what_it_leaves_open_for_none() -> None:
    def data(base: dict[str, Any]) -> list[Data]:
        asked = {"base": {"data": base}, "variants": {"one": {}, "two": {"data": {"dataset": "cifar10"}}}}
        spec = read(json.dumps(asked))
        return [each.spec.data for _, each in members(spec, in_catalogue(Settings()), range(spec.seeds))]

    assert [each.binarize for each in data({})] == [True, False]
    assert [each.normalize for each in data({})] == ["none", "standardize"]
    assert [each.binarize for each in data({"binarize": True})] == [True, True]
