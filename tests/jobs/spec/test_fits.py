"""What a dataset does not go with, each fault at its field."""

from typing import Any

import pytest

from jobs.datasets.catalogue import Dataset
from jobs.errors import InvalidSpec
from jobs.spec.resolved import Resolved
from tests.support.documents import resolved

FLOWERS = Dataset("flowers", (4,), 3, 120, 30, "a" * 64, (60, 58, 2))
EVALUATED = {"training": {"steps": 100}, "evaluation": {"every": 50}}
SMALL: dict[str, Any] = {"batch_size": 10}


def faults_of(**document: Any) -> dict[str, str]:
    """By field, what is wrong with a document on features of three classes, the last of which has two examples."""
    data = {"dataset": "flowers", **SMALL, **document.pop("data", {})}
    with pytest.raises(InvalidSpec) as caught:
        resolved(FLOWERS, data=data, **{"recording": {"probe_size": 30}, **document})
    return {error.pointer: error.message for error in caught.value.errors}


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("binarize", True, "'flowers' has no pixels: an example is 4 features; say false, or null"),
        ("normalize", "unit", "which have no full scale; say 'standardize' or 'none'"),
        ("normalize", "per_pixel", "an example is 4 features, each of which 'standardize' takes apart"),
        ("augment", {}, "which cannot be moved; say null"),
        ("sha256", "b" * 64, f"the dataset 'flowers' that is here has SHA-256 {'a' * 64}; null takes what is here"),
        ("validation", 0.1, "0 of the 2 training examples of class 2 would be held out; take another share"),
        ("validation", 0.9, "2 of the 2 training examples of class 2 would be held out; take another share"),
        ("batch_size", 121, "121 is more than the 120 training examples"),
    ],
)
def test_what_is_done_to_pixels_or_leaves_a_part_empty_is_refused_at_its_field(
    field: str, value: Any, told: str
) -> None:
    faults = faults_of(data={field: value})
    assert list(faults) == [f"/data/{field}"]
    assert told in faults[f"/data/{field}"]


def test_pixels_are_taken_apart_where_a_job_can_keep_a_mean_and_an_sd_of_each() -> None:
    def of(side: int) -> Resolved:
        photos = Dataset("photos", (1, side, side), 3, 120, 30)
        data = {"dataset": "photos", **SMALL, "normalize": "per_pixel"}
        return resolved(photos, data=data, architecture={"preset": "mlp", "hidden": []}, recording={"probe_size": 30})

    assert of(128).spec.data.normalize == "per_pixel"
    with pytest.raises(InvalidSpec, match="an image of 'photos' has 16641 values, over the cap of 16384; say 'standar"):
        of(129)


def test_inputs_are_whitened_where_a_matrix_is_not_too_large_and_nothing_moves_them() -> None:
    def of(shape: tuple[int, ...], **data: Any) -> Resolved:
        photos = Dataset("photos", shape, 3, 120, 30)
        asked = {"dataset": "photos", **SMALL, "normalize": "whiten", **data}
        return resolved(photos, data=asked, architecture={"preset": "mlp", "hidden": []}, recording={"probe_size": 30})

    for shape in ((1, 32, 32), (4,)):
        assert of(shape).spec.data.normalize == "whiten"
    with pytest.raises(InvalidSpec, match="an input of 'photos' has 1089 values, over the cap of 1024 for a matrix"):
        of((1, 33, 33))
    with pytest.raises(InvalidSpec, match="images are whitened once, before the training, and only stored pixels can"):
        of((1, 8, 8), augment={"shift": 1})


def test_what_is_held_out_is_not_there_for_a_batch_nor_among_the_first_samples() -> None:
    half = {"validation": 0.5}
    assert faults_of(data={**half, "batch_size": 61}) == {
        "/data/batch_size": "61 is more than the 60 training examples"
    }
    told = "'flowers' has 60 training examples that are not held out, not 61"
    assert faults_of(data={**half, "train_samples": 61}) == {"/data/train_samples": told}


@pytest.mark.parametrize(
    ("architecture", "pointer"),
    [
        *((name, "/architecture") for name in ("convnet", "resnet", "bn_inception")),
        ({"layers": [{"kind": "max_pool", "kernel": 2}, {"kind": "linear", "features": 3}]}, "/architecture/layers/0"),
    ],
)
def test_a_network_that_convolves_or_pools_is_told_that_features_are_no_images(architecture: Any, pointer: str) -> None:
    (told,) = faults_of(architecture=architecture).items()
    assert told[0] == pointer
    assert "got [4] and needs [channels, height, width]: it takes images, not features" in told[1]


def test_features_are_standardized_and_never_binarized_unless_the_document_says_otherwise() -> None:
    found = resolved(FLOWERS, data={"dataset": "flowers", **SMALL}, recording={"probe_size": 30}).spec.data
    assert (found.binarize, found.normalize, found.sha256) == (False, "standardize", "a" * 64)


def test_a_factor_of_the_rate_is_of_a_layer_that_is_there_and_of_none_twice() -> None:
    factors = {"hiden*": 2, "output": 0.5, "out*": 3, "a/b": 1}
    faults = faults_of(training={"rate_factors": factors})
    there = "there is: hidden1, hidden2, hidden3, output"
    assert faults == {
        "/training/rate_factors/hiden*": f"no layer with weights is called 'hiden*'; the nearest is 'hidden3'; {there}",
        "/training/rate_factors/out*": "'output' has a factor by 'output' already: give a layer one",
        "/training/rate_factors/a~1b": f"no layer with weights is called 'a/b'; {there}",
    }


@pytest.mark.parametrize("factor", [0, -1, 1e7, "NaN"])
def test_a_factor_of_the_rate_is_a_number_above_0_that_leaves_it_finite(factor: Any) -> None:
    assert list(faults_of(training={"rate_factors": {"hidden*": factor}})) == ["/training/rate_factors/hidden*"]


def test_a_pattern_of_nothing_is_refused_at_its_place() -> None:
    assert list(faults_of(training={"rate_factors": {"": 2}})) == ["/training/rate_factors/"]


def test_a_patience_that_no_evaluation_can_end_is_refused() -> None:
    def stop(patience: int) -> dict[str, Any]:
        return EVALUATED | {"training": {"steps": 100, "stop": {"metric": "test.loss", "patience": patience}}}

    assert resolved(**stop(2))
    with pytest.raises(InvalidSpec, match=r"/training/stop/patience: the network is evaluated 3 times in 100 steps"):
        resolved(**stop(3))


def test_nothing_is_decided_by_a_validation_part_that_there_is_not() -> None:
    with pytest.raises(InvalidSpec, match=r'/training/stop/metric: .* say "data": {"validation": 0.1}'):
        resolved(**EVALUATED | {"training": {"steps": 100, "stop": {"metric": "validation.loss", "patience": 1}}})
