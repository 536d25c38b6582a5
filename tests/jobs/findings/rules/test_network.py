from dataclasses import replace
from typing import Any

import pytest

from jobs.datasets.catalogue import Dataset
from jobs.findings.rules import network
from tests.support.documents import resolved
from tests.support.evidence import shown

RAW: dict[str, Any] = {"normalize": "none"}


def _listed(*layers: dict[str, Any]) -> dict[str, Any]:
    return {"layers": [*layers, {"kind": "flatten"}, {"kind": "linear", "features": 10}]}


@pytest.mark.parametrize(
    ("architecture", "is_linear"),
    [
        ({"preset": "mlp", "activation": "none"}, True),
        ({"preset": "mlp"}, False),
        ({"preset": "convnet", "activation": "none"}, False),  # its max-pools are not linear
        (_listed({"kind": "conv2d", "channels": 4}, {"kind": "average_pool"}), True),
        (_listed({"kind": "conv2d", "channels": 4}, {"kind": "local_response_norm"}), False),
        (_listed(), False),  # one layer with weights is what it is
    ],
)
def test_a_network_is_linear_where_nothing_in_it_is_not(architecture: dict[str, Any], is_linear: bool) -> None:
    assert (network.no_nonlinearity(shown(architecture=architecture), 2) is not None) is is_linear


@pytest.mark.parametrize(
    ("data", "sd", "found"),
    [
        (RAW, 200, True),
        (RAW, 5, False),
        ({**RAW, "normalize": "unit"}, 200, False),
        ({"binarize": True}, 200, False),
        ({}, 200, False),
    ],
)
def test_pixels_as_they_are_stored_count_where_the_first_layer_feels_them(
    data: dict[str, Any], sd: float, found: bool
) -> None:
    evidence = shown(layers={"hidden1": {"std": [sd, 1, 1]}}, data=data)
    assert (network.input_scale(evidence, 10) is not None) is found


def test_features_are_not_called_pixels() -> None:
    measured = Dataset("measured", (4,), 10, 1000, 1000)
    features = resolved(measured, data={"dataset": "measured", "normalize": "none"})
    evidence = replace(shown(layers={"hidden1": {"std": [200, 1, 1]}}), resolved=features)
    found = network.input_scale(evidence, 10)
    assert found is not None
    assert found.sentence.startswith("features come as they are stored: hidden1 gets values with an sd of 200")


def test_batch_normalization_takes_the_scale_of_the_inputs_away() -> None:
    assert network.input_scale(shown(layers={"hidden1": {"std": [200, 1, 1]}}, data=RAW, batch_norm=True), 10) is None


def test_a_frozen_batch_normalization_takes_no_scale_away() -> None:
    layers = [{"kind": "batch_norm", "frozen": True}, {"kind": "conv2d", "channels": 4, "activation": "relu"}]
    evidence = shown(layers={"conv2d1": {"std": [200, 1, 1]}}, data=RAW, architecture=_listed(*layers))
    assert network.input_scale(evidence, 10) is not None
