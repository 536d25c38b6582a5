"""Numbers in a job document: whole ones in whichever form, and those that must not become 0 in float32."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from jobs.errors import InvalidSpec
from jobs.settings import Settings
from jobs.spec.check import check, parse
from jobs.spec.document import JobSpec
from jobs.spec.known import in_catalogue

LAYER = {"kind": "conv2d", "channels": 4, "kernel": 1, "stride": 1, "padding": 0}
POOL = {"kind": "max_pool", "kernel": 1, "stride": 1, "padding": 0}
NORM = {"kind": "local_response_norm", "size": 5}
HEAD = ({"kind": "global_average_pool"}, {"kind": "linear", "features": 10})

DOCUMENTS: list[dict[str, Any]] = [
    {
        "architecture": {"layers": [LAYER, POOL, NORM, *HEAD]},
        "data": {"batch_size": 50, "train_samples": 100, "augment": {"shift": 2}},
        "training": {
            "steps": 10,
            "seed": 3,
            "schedule": {"kind": "step", "every": 5, "warmup_steps": 2},
            "stop": {"metric": "test.loss", "patience": 2},
        },
        "evaluation": {"every": 2},
        "recording": {
            "activations_every": 1,
            "histograms_every": 5,
            "sample": 1024,
            "units": 1,
            "probe_size": 100,
            "probe_every": 5,
            "diagnostics": [{"name": "rank", "every": 5}],
        },
        "resources": {"threads": 1},
        "limits": {"memory_mb": 1000},
    },
    {"architecture": {"preset": "mlp", "hidden": [10, 20]}, "training": {"epochs": 2}},
    {"architecture": {"preset": "convnet", "channels": [4], "hidden": [5]}},
    {"architecture": {"preset": "resnet", "depth": 20, "channels": 4}},
]


def integers(value: Any, path: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    """The places of whole numbers in a document."""
    if isinstance(value, dict | list):
        for key, inner in value.items() if isinstance(value, dict) else enumerate(value):
            yield from integers(inner, (*path, key))
    elif type(value) is int:
        yield path


def changed(document: Any, path: tuple[str | int, ...], value: Any) -> str:
    copied = json.loads(json.dumps(document))
    at = copied
    for part in path[:-1]:
        at = at[part]
    at[path[-1]] = value
    return json.dumps(copied)


PLACES = [(document, path) for document in DOCUMENTS for path in integers(document)]


@pytest.mark.parametrize(("document", "path"), PLACES, ids=["/".join(map(str, path)) for _, path in PLACES])
def test_a_whole_number_may_be_written_as_a_float(document: dict[str, Any], path: tuple[str | int, ...]) -> None:
    at: Any = document
    for part in path:
        at = at[part]
    as_float = check(changed(document, path, float(at)), in_catalogue(Settings()))
    assert as_float.sha256 == check(json.dumps(document), in_catalogue(Settings())).sha256
    for other in (at + 0.5, str(at), True):
        with pytest.raises(InvalidSpec):
            parse(changed(document, path, other))


def test_every_whole_number_of_a_job_is_among_those_places() -> None:
    definitions = JobSpec.model_json_schema()["$defs"]
    named = {path[-1] for _, path in PLACES} | {path[-2] for _, path in PLACES}
    named.add("step")  # of `initial`: the server finds it
    for name, definition in definitions.items():
        for field, schema in definition.get("properties", {}).items():
            forms = [schema, schema.get("items", {}), *schema.get("anyOf", ())]
            if any(form.get("type") == "integer" for form in forms):
                assert field in named, f"{field} of {name}"


def test_a_whole_number_with_an_exponent_is_one() -> None:
    assert parse('{"training": {"steps": 1e3}}').training.steps == 1000


def test_metadata_keep_their_numbers_as_they_are() -> None:
    body = '{"metadata": {"x": [1.0, 1, 1e2, 18446744073709551615, -9223372036854775808]}}'
    accepted = check(body, in_catalogue(Settings()))
    assert json.dumps(accepted.spec.metadata["x"]) == "[1.0, 1, 100.0, 18446744073709551615, -9223372036854775808]"
    assert check(accepted.spec.model_dump_json(), in_catalogue(Settings())).sha256 == accepted.sha256


CONSTANTS: dict[str, tuple[dict[str, Any], tuple[str | int, ...]]] = {
    "of batch normalization": ({"batch_norm": {"epsilon": 1}}, ("batch_norm", "epsilon")),
    "of a layer's": (
        {"architecture": {"layers": [{**LAYER, "batch_norm": {"epsilon": 1}}, *HEAD]}},
        ("architecture", "layers", 0, "batch_norm", "epsilon"),
    ),
    "of a layer of its own": (
        {"architecture": {"layers": [{"kind": "batch_norm", "epsilon": 1}, *HEAD]}},
        ("architecture", "layers", 0, "epsilon"),
    ),
    "of adam": (
        {"training": {"optimizer": {"kind": "adam", "epsilon": 1}}},
        ("training", "optimizer", "epsilon"),
    ),
    "of local response normalization": (
        {"architecture": {"layers": [{**NORM, "k": 1}, *HEAD]}},
        ("architecture", "layers", 0, "k"),
    ),
}


@pytest.mark.parametrize(("document", "path"), CONSTANTS.values(), ids=CONSTANTS)
def test_a_constant_of_a_denominator_is_a_number_of_float32(
    document: dict[str, Any], path: tuple[str | int, ...]
) -> None:
    check(changed(document, path, 2.0**-126), in_catalogue(Settings()))
    for value in (1e-46, 1e-38, 1e31, 1e300):
        with pytest.raises(InvalidSpec) as refused:
            check(changed(document, path, value), in_catalogue(Settings()))
        (error,) = refused.value.errors
        assert error.pointer == "/" + "/".join(map(str, path))
        assert "networks compute in float32" in error.message


@pytest.mark.parametrize("options", [{"k": 1e-10, "beta": 10}, {"k": 1e-30, "beta": 1.5}, {"k": 1e20, "beta": 2}])
def test_local_response_normalization_never_divides_by_0(options: dict[str, Any]) -> None:
    with pytest.raises(InvalidSpec) as refused:
        check(json.dumps({"architecture": {"layers": [{**NORM, **options}, *HEAD]}}), in_catalogue(Settings()))
    assert [error.pointer for error in refused.value.errors] == ["/architecture/layers/0"]


def test_null_batch_normalization_is_none_at_all() -> None:
    assert (
        check('{"batch_norm": null}', in_catalogue(Settings())).sha256
        == check('{"batch_norm": false}', in_catalogue(Settings())).sha256
    )
