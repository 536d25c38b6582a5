"""Which jobs an experiment amounts to, and where it is wrong."""

import json
from typing import Any

import pytest

from jobs.errors import FieldError, InvalidSpec
from jobs.experiments.document import read
from jobs.experiments.members import further_members, members
from jobs.settings import Settings
from jobs.spec.document import JobSpec
from jobs.spec.known import in_catalogue
from jobs.spec.training import LARGEST

S: dict[str, Any] = {"data": {"dataset": "synthetic"}}
RATE = "/training/optimizer/learning_rate"
AT_RATE = "/grid/~1training~1optimizer~1learning_rate"
LISTED = {"layers": [{"kind": "flatten"}, {"kind": "linear", "features": 10}]}


def planned(**document: Any) -> list[JobSpec]:
    spec = read(json.dumps({"base": S, "variants": {"a": {}}} | document))
    return [accepted.spec for _, accepted in members(spec, in_catalogue(Settings()), range(spec.seeds))]


def refused(**document: Any) -> tuple[FieldError, ...]:
    with pytest.raises(InvalidSpec) as error:
        planned(**document)
    return error.value.errors


def optimizers(**document: Any) -> list[tuple[str, float]]:
    found = [spec.training.optimizer for spec in planned(**document)]
    return [(each.kind, each.learning_rate) for each in found]


def base(**fields: Any) -> dict[str, Any]:
    return S | fields


# The synthetic dataset has 10,000 training examples.
LENGTHS: dict[str, tuple[dict[str, Any], list[int]]] = {
    "epochs are of each member's own batch size": (
        {"base": base(training={"epochs": 2}), "grid": {"/data/batch_size": [50, 500]}},
        [400, 40],
    ),
    "in a variant too": (
        {"base": base(training={"epochs": 2}), "variants": {"a": {"data": {"batch_size": 1000}}}},
        [20],
    ),
    "steps of a variant take the place of epochs": (
        {"base": base(training={"epochs": 2}), "variants": {"a": {"training": {"steps": 7}}}},
        [7],
    ),
    "epochs of a variant take the place of steps": (
        {"base": base(training={"steps": 7}), "variants": {"a": {"training": {"epochs": 1}}}},
        [167],
    ),
    "steps of the grid": ({"base": base(training={"epochs": 2}), "grid": {"/training/steps": [3, 4]}}, [3, 4]),
    "epochs of the grid": ({"grid": {"/training/epochs": [1, 2]}}, [167, 334]),
    "epochs beside batch sizes": (
        {"grid": {"/training/epochs": [1, 2], "/data/batch_size": [100, 1000]}},
        [100, 10, 200, 20],
    ),
    "neither": ({}, [10_000]),
}


@pytest.mark.parametrize(("document", "steps"), LENGTHS.values(), ids=LENGTHS)
def test_a_length_is_resolved_by_the_member_that_has_it(document: dict[str, Any], steps: list[int]) -> None:
    assert [spec.steps for spec in planned(**document)] == steps
    assert all(spec.training.epochs is None for spec in planned(**document))


def test_another_optimizer_begins_with_its_own_rate() -> None:
    of = {"training": {"optimizer": {"kind": "sgd", "learning_rate": 0.3}}}
    variants = {
        "adam": {"training": {"optimizer": {"kind": "adam"}}},
        "the same": {"training": {"optimizer": {"kind": "sgd"}}},
        "its own": {"training": {"optimizer": {"kind": "momentum", "learning_rate": 0.2}}},
    }
    assert optimizers(base=base(**of), variants=variants) == [("adam", 0.001), ("sgd", 0.3), ("momentum", 0.2)]
    grid = {"/training/optimizer/kind": ["sgd", "adamw"]}
    assert optimizers(base=base(**of), grid=grid) == [("sgd", 0.3), ("adamw", 0.001)]


def test_a_kind_and_its_options_may_stand_in_one_grid_in_any_order() -> None:
    grid = {RATE: [0.5, 0.6], "/training/optimizer/kind": ["sgd", "adam"]}
    assert optimizers(grid=grid) == [("sgd", 0.5), ("adam", 0.5), ("sgd", 0.6), ("adam", 0.6)]
    grid = {RATE: [0.5], "/training/optimizer": ["sgd", "adam"]}
    assert optimizers(grid=grid) == [("sgd", 0.5), ("adam", 0.5)]


def test_a_kind_may_need_an_option_that_the_grid_has() -> None:
    grid = {"/training/schedule/every": [5], "/training/schedule/kind": ["step", "exponential"]}
    assert [spec.training.schedule.kind for spec in planned(grid=grid)] == ["step", "exponential"]


def test_another_network_begins_with_its_own_defaults() -> None:
    of = {"architecture": {"preset": "mlp", "hidden": [5], "activation": "tanh"}}
    convnet = {"architecture": {"preset": "convnet"}}
    variants = {"convnet": convnet, "layers": {"architecture": LISTED}}
    found = [spec.architecture for spec in planned(base=base(**of), variants=variants)]
    assert found == [JobSpec.model_validate_json(json.dumps(each)).architecture for each in variants.values()]
    (back,) = planned(base=base(architecture=LISTED), variants={"a": convnet})
    assert back.architecture == found[0]
    by_grid = planned(base=base(**of), grid={"/architecture/preset": ["convnet"]})
    assert by_grid[0].architecture == found[0]
    assert planned(base=base(**of), grid={"/architecture/layers": [LISTED["layers"]]})[0].architecture == found[1]


def test_another_initialization_begins_with_its_own_defaults() -> None:
    (found,) = planned(variants={"a": {"architecture": {"init": {"scheme": "xavier_normal"}}}})
    assert found.architecture.model_dump()["init"] == {"scheme": "xavier_normal", "gain": 1.0}
    assert found.architecture.model_dump()["preset"] == "mlp"


def test_metadata_know_no_kinds() -> None:
    (found,) = planned(base=base(metadata={"kind": "x", "steps": 1}), variants={"a": {"metadata": {"kind": "y"}}})
    assert found.metadata == {"kind": "y", "steps": 1}
    (found,) = planned(base=base(metadata={"kind": "x", "steps": 1}), grid={"/metadata/kind": ["y"]})
    assert found.metadata == {"kind": "y", "steps": 1}


TWICE: dict[str, tuple[dict[str, Any], str]] = {
    "the same number": ({RATE: [0.1, 0.10]}, f"{AT_RATE}/1"),
    "a whole number and a float": ({RATE: [2, 1, 1.0]}, f"{AT_RATE}/2"),
    "many times": ({RATE: [0.1] * 32}, f"{AT_RATE}/1"),
    "a name and what it stands for": (
        {"/training/optimizer": ["adam", {"kind": "adam"}]},
        "/grid/~1training~1optimizer/1",
    ),
    "null and what it stands for": ({"/batch_norm": [False, True, None]}, "/grid/~1batch_norm/2"),
    "one of several axes": ({RATE: [1, 2], "/data/batch_size": [60, 50, 60.0]}, "/grid/~1data~1batch_size/2"),
    "the outer of several axes": ({RATE: [1, 1], "/data/batch_size": [60, 50]}, f"{AT_RATE}/1"),
}


@pytest.mark.parametrize(("grid", "pointer"), TWICE.values(), ids=TWICE)
def test_a_grid_value_that_makes_the_same_job_again_is_refused(grid: dict[str, Any], pointer: str) -> None:
    (error,) = refused(grid=grid)
    assert error.pointer == pointer
    assert "give each value once" in error.message


@pytest.mark.parametrize(
    ("document", "pointer"),
    [
        ({"grid": {"/training/steps": [7], "/training/epochs": [1]}}, "/grid/~1training~1epochs"),
        (
            {"grid": {"/architecture/layers": [LISTED["layers"]], "/architecture/preset": ["resnet"]}},
            "/grid/~1architecture~1preset",
        ),
        ({"grid": {"/training/seed": [0, 1]}, "seeds": 2}, "/grid/~1training~1seed"),
        ({"grid": {"/metadata": [{"a": "x" * 300_000}, {"a": "y"}]}, "variants": {"a": {}, "b": {}}}, "/grid"),
    ],
)
def test_axes_that_undo_one_another_or_drown_an_answer_are_refused(document: dict[str, Any], pointer: str) -> None:
    (error,) = refused(**document)
    assert error.pointer == pointer


def test_seeds_may_be_an_axis_where_they_are_the_only_ones() -> None:
    assert [spec.training.seed for spec in planned(grid={"/training/seed": [5, 9]})] == [5, 9]


def test_metadata_set_points_apart() -> None:
    found = planned(base=base(metadata={"x": 0}), grid={"/metadata/x": [1, 1.0, True]})
    assert [json.dumps(spec.metadata["x"]) for spec in found] == ["1", "1.0", "true"]


BAD: dict[str, tuple[dict[str, Any], str, str]] = {
    "a grid value": ({"grid": {RATE: [0.1, -1]}}, f"{AT_RATE}/1", f"(variant 'a' at {{\"{RATE}\": -1}})"),
    "a field of a grid value": (
        {"grid": {"/training/optimizer": ["sgd", {"kind": "momentum", "momentum": 0.9, "learning_rate": -1}]}},
        "/grid/~1training~1optimizer/1/learning_rate",
        "greater than 0",
    ),
    "a field that a grid value lacks": (
        {"grid": {"/training/schedule": [{"kind": "step"}]}},
        "/grid/~1training~1schedule/0",
        "/every: must be given",
    ),
    "a grid value that does not fit the rest": (
        {"grid": {RATE: [1], "/data/train_samples": [100, 10]}},
        "/grid/~1data~1train_samples/1",
        "60 is more than the 10 training examples",
    ),
    "a network that a grid value makes too large": (
        {"grid": {"/architecture/hidden": [[5], [10**6]]}},
        "/grid/~1architecture~1hidden/1",
        "over the cap",
    ),
    "a field of a patch": (
        {"variants": {"a/b": {"training": {"seed": -1}}}},
        "/variants/a~1b/training/seed",
        "a whole number of at least 0, not -1",
    ),
    "a field that a patch lacks": (
        {"variants": {"a": {"training": {"schedule": {"kind": "step"}}}}},
        "/variants/a/training/schedule",
        "/every: must be given: a whole number (variant 'a')",
    ),
    "a patch that does not fit the base": (
        {"base": base(batch_norm=True, recording={"probe_size": 60}), "variants": {"a": {"data": {"batch_size": 1}}}},
        "/variants/a/data/batch_size",
        "one value a channel",
    ),
    "a patch that the base does not fit": (
        {
            "base": {"recording": {"probe_size": 5000}, "data": {"dataset": "mnist"}},
            "variants": {"a": {"data": {"dataset": "synthetic"}}},
        },
        "/base/recording/probe_size",
        "has only 2000 test examples (variant 'a')",
    ),
    "the base": ({"base": base(training={"seed": -1})}, "/base/training/seed", "a whole number of at least 0, not -1"),
    "a patch with two lengths": (
        {"variants": {"a": {"training": {"steps": 1, "epochs": 1}}}},
        "/variants/a/training",
        "not both",
    ),
    "an index with a sign": (
        {"base": base(architecture=LISTED), "grid": {"/architecture/layers/-1/features": [10]}},
        "/grid/~1architecture~1layers~1-1~1features",
        "there is no such field in variant 'a'",
    ),
    "an index with a zero in front": (
        {"base": base(architecture=LISTED), "grid": {"/architecture/layers/01/features": [10]}},
        "/grid/~1architecture~1layers~101~1features",
        "there is no such field in variant 'a'",
    ),
    "an index beyond the list": (
        {"base": base(architecture=LISTED), "grid": {"/architecture/layers/2": [{"kind": "flatten"}]}},
        "/grid/~1architecture~1layers~12",
        "there is no such field in variant 'a'",
    ),
    "a place within what is no object": (
        {"grid": {"/batch_norm/epsilon": [1e-3]}},
        "/grid/~1batch_norm~1epsilon",
        "there is no such field",
    ),
    "an escape that there is none of": ({"grid": {"/a~2": [1]}}, "/grid/~1a~02", "'~' is written '~0'"),
    "no pointer": ({"grid": {"steps": [1]}}, "/grid/steps", "it begins with '/'"),
    "the whole document": ({"grid": {"": [{}]}}, "/grid/", "name a place in it"),
    "a control character in a label": ({"variants": {"\x1b[31m": {}}}, "/variants/\x1b[31m", "U+001B"),
    "NUL in a label": ({"variants": {"a\0": {}}}, "/variants/a\0", "U+0000"),
    "a line break in a label": ({"variants": {"a\nb": {}}}, "/variants/a\nb", "no line break"),
    "a line break in the claim": ({"claim": "a\nb"}, "/claim", "no line break"),
    "a tab in the name": ({"name": "a\tb"}, "/name", "no tab"),
    "a control character in a grid value": ({"grid": {"/name": ["a", "\x07"]}}, "/grid/~1name/1", "U+0007"),
    "a line break in a grid value": ({"grid": {"/name": ["a", "b\n"]}}, "/grid/~1name/1", "no line break"),
    "seeds that go beyond what they may be": (
        {"base": base(training={"seed": LARGEST - 1}), "seeds": 3},
        "/base/training/seed",
        f"the last of 3 seeds would be {LARGEST + 1}",
    ),
    "those of a variant": (
        {"variants": {"a": {}, "b": {"training": {"seed": LARGEST}}}, "seeds": 2},
        "/variants/b/training/seed",
        "the last of 2 seeds",
    ),
    "those of the grid": (
        {"grid": {"/training": [{}, {"seed": LARGEST}]}, "seeds": 2},
        "/grid/~1training/1/seed",
        "the last of 2 seeds",
    ),
}


@pytest.mark.parametrize(("document", "pointer", "says"), BAD.values(), ids=BAD)
def test_an_error_points_at_what_was_written(document: dict[str, Any], pointer: str, says: str) -> None:
    found = {error.pointer: error.message for error in refused(**document)}
    assert pointer in found
    assert says in found[pointer]


def test_the_largest_seed_may_be_taken() -> None:
    found = planned(base=base(training={"seed": LARGEST - 1}), seeds=2)
    assert [spec.training.seed for spec in found] == [LARGEST - 1, LARGEST]


def test_added_seeds_keep_to_the_same_bound() -> None:
    spec = read(json.dumps({"base": base(training={"seed": LARGEST - 1}), "variants": {"a": {}}}))
    assert len(further_members(spec, in_catalogue(Settings()), range(1, 2))) == 1
    with pytest.raises(InvalidSpec) as refused:
        further_members(spec, in_catalogue(Settings()), range(1, 3))
    (error,) = refused.value.errors
    assert error.pointer == "/seeds"
    assert f"would be {LARGEST + 1}" in error.message


def test_seeds_are_a_whole_number_in_any_form() -> None:
    assert len(planned(seeds=2.0)) == 2
