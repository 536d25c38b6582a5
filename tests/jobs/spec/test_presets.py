"""The presets at the bounds of their options: whatever follows from them is a network, or an answer in words."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from bn.architecture.plan import Underivable, plan
from bn.architecture.presets import PRESETS
from bn.architecture.resnet import Resnet
from jobs.errors import InvalidSpec
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue


def extremes(schema: dict[str, Any]) -> Iterator[Any]:
    """The smallest and the largest values that an option's schema allows."""
    if "enum" in schema:
        yield from (schema["enum"][0], schema["enum"][-1])
    elif schema.get("type") == "array":
        for value in extremes(schema["items"]):
            yield from ([], [value], [value] * schema["maxItems"])
    elif schema.get("type") == "integer":
        yield from (schema.get("minimum", schema.get("exclusiveMinimum", 0) + 1), schema["maximum"])
    elif schema.get("type") == "number":
        yield from (schema.get("minimum", 1e-300), schema.get("maximum", 1 - 1e-9))
    elif schema.get("type") == "boolean":
        yield from (False, True)


def at_the_bounds() -> Iterator[tuple[str, str, Any]]:
    for preset, kind in PRESETS.items():
        for option, schema in kind.model_json_schema()["properties"].items():
            if option not in ("preset", "init"):
                yield from ((preset, option, value) for value in extremes(schema))


@pytest.mark.parametrize("dataset", ["cifar10", "synthetic"])
@pytest.mark.parametrize(("preset", "option", "value"), list(at_the_bounds()))
def test_an_option_at_its_bound_gives_a_network_or_says_what_does_not_fit(
    preset: str, option: str, value: Any, dataset: str
) -> None:
    document = {"architecture": {"preset": preset, option: value}, "batch_norm": True, "data": {"dataset": dataset}}
    try:
        check(json.dumps(document), in_catalogue(Settings()))
    except InvalidSpec as error:
        if "its options ask for" in str(error):  # what an option allows no layer refuses
            pytest.fail(str(error))


@pytest.mark.parametrize(
    ("architecture", "pointer"),
    [
        ({"preset": "resnet", "channels": 999_999}, "/architecture/channels"),
        ({"preset": "resnet", "channels": 1025}, "/architecture/channels"),
        ({"preset": "mlp", "hidden": [1_000_001]}, "/architecture/hidden/0"),
        ({"preset": "convnet", "channels": [1_000_001]}, "/architecture/channels/0"),
        ({"preset": "bn_inception", "width": 4.1}, "/architecture/width"),
    ],
)
def test_an_option_beyond_its_bound_is_named(architecture: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidSpec) as refused:
        check(json.dumps({"architecture": architecture}), in_catalogue(Settings()))
    assert [error.pointer for error in refused.value.errors] == [pointer]


def test_options_from_which_no_layer_follows_are_an_error_of_their_own() -> None:
    unchecked = Resnet.model_construct(channels=999_999)
    with pytest.raises(Underivable, match="its options ask for a Conv2d of channels 1999998, which there cannot be"):
        plan(unchecked, None, (1, 28, 28), 10)
