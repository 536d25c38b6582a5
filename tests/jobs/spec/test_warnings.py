"""What a person should look at again in a document that can be run, and nothing else."""

import json
from typing import Any

import pytest

from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue

CONV: dict[str, Any] = {"kind": "conv2d", "channels": 4, "padding": 1}
RELU: dict[str, Any] = {**CONV, "activation": "relu"}
BATCH_NORM = {"kind": "batch_norm"}
POOLED = {"kind": "global_average_pool"}
OUTPUT: dict[str, Any] = {"kind": "linear", "features": 10}
WIDE: dict[str, Any] = {"kind": "linear", "features": 20}


def residual(*inner: dict[str, Any], **options: Any) -> dict[str, Any]:
    return {"kind": "residual", "layers": list(inner), **options}


def warnings(*layers: dict[str, Any], **document: Any) -> tuple[str, ...]:
    described = {"architecture": {"layers": list(layers)}, "batch_norm": True, **document}
    return check(json.dumps(described), in_catalogue(Settings())).warnings


PASSED_OVER: dict[str, tuple[list[dict[str, Any]], str]] = {
    "the second convolution of a block": (
        [RELU, residual(RELU, CONV, activation="relu"), POOLED, OUTPUT],
        "residual1.conv2d2 (/architecture/layers/1/layers/1)",
    ),
    "that of a block without a nonlinearity": (
        [RELU, residual(RELU, CONV), RELU, POOLED, OUTPUT],
        "residual1.conv2d2 (/architecture/layers/1/layers/1)",
    ),
    "a shortcut": (
        [RELU, residual(RELU, shortcut=[{**CONV, "kernel": 1, "padding": 0}], activation="relu"), POOLED, OUTPUT],
        "residual1.shortcut.conv2d1 (/architecture/layers/1/shortcut/0)",
    ),
    "a branch": (
        [{"kind": "concatenate", "branches": [[RELU], [RELU, CONV]]}, RELU, POOLED, OUTPUT],
        "concatenate1.branch2.conv2d2 (/architecture/layers/0/branches/1/1)",
    ),
    "a linear bottleneck": (
        [{"kind": "flatten"}, WIDE, {**WIDE, "activation": "relu"}, OUTPUT],
        "linear1 (/architecture/layers/1)",
    ),
    "a convolution in front of a pool": ([CONV, {"kind": "max_pool"}, RELU, POOLED, OUTPUT], "conv2d1 (/arch"),
    "two of them": (
        [RELU, residual(CONV, CONV, activation="relu"), POOLED, OUTPUT],
        "residual1.conv2d1 (/architecture/layers/1/layers/0), residual1.conv2d2 (/architecture/layers/1/layers/1): ",
    ),
}


@pytest.mark.parametrize(("layers", "named"), PASSED_OVER.values(), ids=PASSED_OVER)
def test_a_layer_that_silently_gets_no_batch_norm_is_named_with_what_to_write(
    layers: list[dict[str, Any]], named: str
) -> None:
    (warning,) = warnings(*layers)
    assert warning.startswith(f"no batch normalization at {named}")
    assert '"batch_norm": "inherit"' in warning


MEANT: dict[str, list[dict[str, Any]]] = {
    "the output": [RELU, POOLED, OUTPUT],
    "an output that is pooled": [RELU, {**CONV, "channels": 10}, POOLED],
    "the output of several branches": [
        {"kind": "flatten"},
        {**WIDE, "activation": "relu"},
        {"kind": "concatenate", "branches": [[{**OUTPUT, "features": 4}], [{**OUTPUT, "features": 6}]]},
    ],
    "the output of a block": [{"kind": "flatten"}, {**WIDE, "features": 10, "activation": "relu"}, residual(OUTPUT)],
    "one that inherits": [RELU, residual(RELU, {**CONV, "batch_norm": "inherit"}, activation="relu"), POOLED, OUTPUT],
    "one that says no": [RELU, residual(RELU, {**CONV, "batch_norm": False}, activation="relu"), POOLED, OUTPUT],
    "one with options of its own": [RELU, residual(RELU, {**CONV, "batch_norm": True}), RELU, POOLED, OUTPUT],
    "a layer of batch normalization behind": [RELU, residual(RELU, CONV, BATCH_NORM), RELU, POOLED, OUTPUT],
    "one behind a pool": [CONV, {"kind": "max_pool"}, BATCH_NORM, RELU, POOLED, OUTPUT],
    "one behind the sum": [RELU, residual(RELU, CONV), BATCH_NORM, RELU, POOLED, OUTPUT],
}


@pytest.mark.parametrize("layers", MEANT.values(), ids=MEANT)
def test_what_is_meant_or_is_the_output_is_no_warning(layers: list[dict[str, Any]]) -> None:
    assert warnings(*layers) == ()


def test_what_the_warning_says_to_write_ends_it_and_normalizes() -> None:
    def document(**options: Any) -> dict[str, Any]:
        block = residual(RELU, {**CONV, **options}, activation="relu")
        return {"architecture": {"layers": [RELU, block, POOLED, OUTPUT]}, "batch_norm": True}

    for options, normalized in (({}, False), ({"batch_norm": "inherit"}, True), ({"batch_norm": False}, False)):
        resolved = check(json.dumps(document(**options)), in_catalogue(Settings()))
        by_name = {placed.name: placed for placed in resolved.plan.layers}
        assert (by_name["residual1.conv2d2"].normalization is not None) is normalized
        assert bool(resolved.warnings) is (options == {})


def test_of_many_layers_five_are_named() -> None:
    (warning,) = warnings(*[CONV] * 8, RELU, POOLED, OUTPUT)
    assert "conv2d5 (/architecture/layers/4) and 3 more: " in warning


def test_a_job_without_batch_norm_misses_none() -> None:
    assert warnings(RELU, residual(RELU, CONV, activation="relu"), POOLED, OUTPUT, batch_norm=False) == ()


@pytest.mark.parametrize("preset", ["mlp", "convnet", "resnet", "bn_inception"])
def test_a_preset_has_nothing_to_be_looked_at(preset: str) -> None:
    document = {"architecture": preset, "batch_norm": True}
    assert check(json.dumps(document), in_catalogue(Settings())).warnings == ()


def test_batch_norm_that_changes_nothing_is_said() -> None:
    document = {"architecture": {"preset": "mlp", "activation": "none"}, "batch_norm": True}
    (warning,) = check(json.dumps(document), in_catalogue(Settings())).warnings
    assert warning.startswith("batch_norm changes nothing")


def test_a_diagnostic_that_finds_nothing_to_measure_is_said() -> None:
    document = {"recording": {"diagnostics": [{"name": "drift"}, {"name": "rank"}]}}
    (warning,) = check(json.dumps(document), in_catalogue(Settings())).warnings
    assert warning.startswith("diagnostic 'drift' measures nothing")


def test_more_threads_than_there_are_cores_are_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.cpu_count", lambda: 2)
    assert warnings(RELU, POOLED, OUTPUT, resources={"threads": 2}) == ()
    (warning,) = warnings(RELU, POOLED, OUTPUT, resources={"threads": 3})
    assert warning == "3 threads are more than the 2 cores here: those that share one wait for it"
