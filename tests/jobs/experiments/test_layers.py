"""A layer of a list is changed by its name: by a patch, and by an axis of a grid."""

import json
from typing import Any

import pytest

from bn.architecture.layers import Layer
from bn.architecture.presets import Layers
from jobs.errors import InvalidSpec
from jobs.experiments.document import read
from jobs.experiments.layers import names_in
from jobs.experiments.members import members
from jobs.experiments.patches import merged
from jobs.settings import Settings
from jobs.spec.known import in_catalogue
from tests.support.documents import resolved

FLAT: list[dict[str, Any]] = [
    {"kind": "flatten"},
    {"kind": "linear", "features": 20, "activation": "relu"},
    {"kind": "dropout", "rate": 0.5},
    {"kind": "linear", "features": 10},
]
NESTED: list[dict[str, Any]] = [
    {"kind": "conv2d", "channels": 4, "padding": 1},
    {
        "kind": "residual",
        "layers": [{"kind": "conv2d", "channels": 4, "padding": 1}],
        "shortcut": [{"kind": "conv2d", "channels": 4, "kernel": 1}],
    },
    {"kind": "concatenate", "branches": [[{"kind": "conv2d", "channels": 4, "kernel": 1}], []]},
    {"kind": "flatten"},
    {"kind": "linear", "features": 10},
]


def document(layers: list[dict[str, Any]]) -> dict[str, Any]:
    return {"data": {"dataset": "synthetic"}, "architecture": {"layers": layers}}


def networks(layers: list[dict[str, Any]], patch: Any = None, **grid: list[Any]) -> list[tuple[Layer, ...]]:
    """Those of an experiment's jobs; the grid's places are within the list."""
    variant = {"architecture": {"layers": patch}} if patch is not None else {}
    axes = {f"/architecture/layers/{place}": values for place, values in grid.items()}
    spec = read(json.dumps({"base": document(layers), "variants": {"a": variant}, "grid": axes}))
    found = [each.spec.architecture for _, each in members(spec, in_catalogue(Settings()), range(1))]
    return [each.layers for each in found if isinstance(each, Layers)]


def as_layers(layers: list[dict[str, Any]]) -> tuple[Layer, ...]:
    return Layers.model_validate({"layers": layers}).layers


def test_a_layer_is_called_as_the_network_calls_it_within_its_list() -> None:
    plan = resolved(**document(NESTED)).plan
    assert names_in(document(NESTED)["architecture"]["layers"]) == [placed.name for placed in plan.sequence]
    assert names_in(NESTED[2]["branches"]) == ["branch1", "branch2"]


def test_a_patch_changes_layers_by_their_names_and_null_removes_one() -> None:
    patch = {"dropout1": None, "linear1": {"features": 5, "init": {"std": 0.2}}}
    (found,) = networks(FLAT, patch)
    assert found == as_layers([FLAT[0], FLAT[1] | {"features": 5, "init": {"scheme": "normal", "std": 0.2}}, FLAT[3]])


def test_a_layer_of_another_kind_begins_with_that_ones_defaults() -> None:
    (found,) = networks(FLAT, {"linear1": {"kind": "batch_norm"}})
    assert found[1] == as_layers([{"kind": "batch_norm"}])[0]


def test_layers_within_a_layer_are_named_in_their_own_lists() -> None:
    patch = {
        "residual1": {"layers": {"conv2d1": {"activation": "relu"}}, "shortcut": {"conv2d1": None}},
        "concatenate1": {"branches": {"branch1": {"conv2d1": {"channels": 7}}}},
    }
    (found,) = networks(NESTED, patch)
    inner = {"kind": "conv2d", "channels": 4, "padding": 1, "activation": "relu"}
    assert found[1] == as_layers([{"kind": "residual", "layers": [inner]}])[0]
    branches = [[{"kind": "conv2d", "channels": 7, "kernel": 1}], []]
    assert found[2] == as_layers([{"kind": "concatenate", "branches": branches}])[0]


def test_a_list_still_takes_the_place_of_a_list() -> None:
    (found,) = networks(FLAT, [{"kind": "flatten"}, {"kind": "linear", "features": 10}])
    assert found == as_layers([{"kind": "flatten"}, {"kind": "linear", "features": 10}])


def test_an_axis_may_name_a_layer() -> None:
    found = networks(FLAT, dropout1=[{"kind": "dropout", "rate": 0.1}, {"kind": "batch_norm"}])
    assert [each[2] for each in found] == list(as_layers([{"kind": "dropout", "rate": 0.1}, {"kind": "batch_norm"}]))
    found = networks(FLAT, **{"linear1/features": [5, 6]})
    assert [each[1] for each in found] == list(as_layers([FLAT[1] | {"features": 5}, FLAT[1] | {"features": 6}]))
    (nested,) = networks(NESTED, **{"concatenate1/branches/branch1/conv2d1/channels": [6]})
    branches = [[{"kind": "conv2d", "channels": 6, "kernel": 1}], []]
    assert nested[2] == as_layers([{"kind": "concatenate", "branches": branches}])[0]


BAD: dict[str, tuple[Any, dict[str, list[Any]], str, str]] = {
    "a name that is not there": (
        {"linera1": {"features": 5}},
        {},
        "/variants/a/architecture/layers/linera1",
        "there is no layer 'linera1'; the nearest is 'linear1'; there is: flatten1, linear1, dropout1, linear2",
    ),
    "a removal of what is not there": (
        {"hidden2": None},
        {},
        "/variants/a/architecture/layers/hidden2",
        "there is no layer 'hidden2'",
    ),
    "a name within another layer": (
        {"linear1.linear1": {}},
        {},
        "/variants/a/architecture/layers/linear1.linear1",
        "what is within 'linear1' is named there",
    ),
    "a field of a layer": (
        {"linear1": {"featrues": 5}},
        {},
        "/variants/a/architecture/layers/linear1/featrues",
        "unknown field; the nearest is features",
    ),
    "an axis whose layer is not there": (
        None,
        {"linear9/features": [5]},
        "/grid/~1architecture~1layers~1linear9~1features",
        "by name there is: flatten1, linear1, dropout1, linear2; the nearest is 'linear2'",
    ),
    "a value of an axis that names a layer": (
        None,
        {"linear1/features": [5, -1]},
        "/grid/~1architecture~1layers~1linear1~1features/1",
        "a whole number of at least 1, not -1",
    ),
}


@pytest.mark.parametrize(("patch", "grid", "pointer", "says"), BAD.values(), ids=BAD)
def test_a_layer_that_cannot_be_changed_so_is_refused(
    patch: Any, grid: dict[str, list[Any]], pointer: str, says: str
) -> None:
    with pytest.raises(InvalidSpec) as refused:
        networks(FLAT, patch, **grid)
    found = {error.pointer: error.message for error in refused.value.errors}
    assert says in found[pointer]


def test_lists_of_anything_else_are_replaced() -> None:
    document: dict[str, Any] = {"metadata": {"runs": [{"kind": "a"}]}, "tags": ["x"]}
    assert merged(document, {"tags": {"x": 1}}) == document | {"tags": {"x": 1}}
    assert merged(document, {"metadata": {"runs": {"a1": 1}}}) == document | {"metadata": {"runs": {"a1": 1}}}


def test_two_axes_of_one_place_are_refused_whether_they_name_it_or_number_it() -> None:
    with pytest.raises(InvalidSpec) as refused:
        networks(FLAT, **{"dropout1/rate": [0.3], "2/rate": [0.1, 0.5]})
    (error,) = refused.value.errors
    assert error.pointer == "/grid/~1architecture~1layers~12~1rate"
    assert "the same place as '/architecture/layers/dropout1/rate': have one axis for both" in error.message


@pytest.mark.parametrize(
    ("layers", "patch", "place", "says"),
    [
        (FLAT, {"linear1": 5}, "/linear1", 'must be an object such as {"kind": "linear"}, not 5'),
        (FLAT, {"flatten1": None, "dropout1": {"rate": 2}}, "/dropout1/rate", "must be a number less than 1, not 2"),
        (FLAT, {"linear2": {"batch_norm": {"noise": {"mean": -1}}}}, "/linear2/batch_norm/noise/mean", "at least 0"),
        (FLAT, {"dropout1": {"kind": "linear"}}, "/dropout1", "must be given: a whole number"),
        (
            NESTED,
            {"residual1": {"layers": {"conv2d1": {"channels": 0}}}},
            "/residual1/layers/conv2d1/channels",
            "not 0",
        ),
        (
            NESTED,
            {"concatenate1": {"branches": {"branch1": {"conv2d1": {"channels": 0}}}}},
            "/concatenate1/branches/branch1/conv2d1/channels",
            "not 0",
        ),
    ],
)
def test_what_is_wrong_with_a_layer_that_a_variant_names_is_said_at_that_name(
    layers: list[dict[str, Any]], patch: Any, place: str, says: str
) -> None:
    with pytest.raises(InvalidSpec) as refused:
        networks(layers, patch)
    (error,) = refused.value.errors
    assert error.pointer == f"/variants/a/architecture/layers{place}"
    assert says in error.message


def test_a_factor_of_the_rate_that_the_base_has_not_is_asked_for_there() -> None:
    grid = {"/training/rate_factors/linear1": [1, 2]}
    spec = read(json.dumps({"base": document(FLAT), "variants": {"a": {}}, "grid": grid}))
    with pytest.raises(InvalidSpec, match="have a factor there in the base") as refused:
        members(spec, in_catalogue(Settings()), range(1))
    assert refused.value.errors[0].message.endswith('{"rate_factors": {"linear1": 1}}')
