"""The Jacobian between two batch normalizations."""

import math
from dataclasses import replace

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from bn.architecture.measures import pairs
from bn.architecture.normalization import BatchNorm
from bn.architecture.plan import plan
from bn.architecture.presets import Convnet, Layers
from bn.diagnostics.catalogue import DIAGNOSTICS
from bn.diagnostics.jacobian import matrix_of, random_like, share_near_one, singular_values
from bn.diagnostics.probe import Measures, Probe
from bn.functional import normalize_batch
from bn.network import Network, build
from tests.support.probes import SHAPE, mlp, probe_of, randoms

MEASURES = ("min", "median", "max", "rms", "share_near_one", "share_random")


@given(seed=st.integers(0, 10_000), m=st.integers(3, 20), epsilon=st.sampled_from([1e-5, 0.1]), gamma=st.floats(0.2, 3))
def test_one_channels_jacobian_has_the_singular_values_of_identity_5(
    seed: int, m: int, epsilon: float, gamma: float
) -> None:
    x = randoms(m, seed=seed).double()
    weight = torch.tensor([gamma], dtype=torch.float64)
    found = singular_values(
        matrix_of(lambda values: normalize_batch(values[:, None], weight, None, epsilon).output[:, 0], x)
    )
    variance = x.var(correction=0).item()
    sigma = math.sqrt(variance + epsilon)
    s = variance / (variance + epsilon)
    expected = sorted([0.0, gamma / sigma * (1 - s), *[gamma / sigma] * (m - 2)], reverse=True)
    assert found.tolist() == pytest.approx(expected, rel=1e-7, abs=1e-9)


def test_the_jacobian_between_two_layers_is_that_of_their_map() -> None:
    probe = probe_of(mlp(hidden=[7, 5]), BatchNorm())
    found = DIAGNOSTICS["jacobian"](probe)
    network = probe.network
    _, observed = network.observe(probe.images)
    y = observed.moments["hidden1"].output.detach()
    variance = observed.moments["hidden2"].variance.detach()
    weight, gamma = network.weights["hidden2"].detach(), network.batch_norms["hidden1"].weight.detach()
    values = []
    for example in y[:8]:
        matrix = weight * ((example > 0) * gamma) / (variance + 1e-5).sqrt()[:, None]
        values.append(torch.linalg.svdvals(matrix.double()))
    expected = torch.cat(values)
    assert set(found) == {f"hidden2.{measure}" for measure in MEASURES}
    assert found["hidden2.max"] == pytest.approx(expected.max().item(), rel=1e-5)
    assert found["hidden2.median"] == pytest.approx(expected.median().item(), rel=1e-4)
    assert found["hidden2.rms"] == pytest.approx(expected.square().mean().sqrt().item(), rel=1e-5)
    near = ((expected >= 0.5) & (expected <= 2)).double().mean().item()
    assert found["hidden2.share_near_one"] == pytest.approx(near)


def measured(probe: Probe, network: Network) -> Measures:
    return DIAGNOSTICS["jacobian"](replace(probe, network=network))


def folded(network: Network, images: Tensor) -> Network:
    """A network without BN that gives for these images what the one of the `mlp` with BN does."""
    _, observed = network.observe(images)
    tensors = network.state_dict()
    for name, norm in network.batch_norms.items():
        mean, variance = (moment.detach() for moment in observed.moments[name][1:])
        scale = norm.weight.detach() / torch.sqrt(variance + norm.eps)
        tensors[f"{name}.transform.weight"] = tensors[f"{name}.transform.weight"] * scale[:, None]
        tensors[f"{name}.transform.bias"] = norm.bias.detach() - mean * scale
    without = build(plan(HIDDEN, None, SHAPE, 10), seed=0)
    without.load_state_dict({name: tensors[name] for name in without.state_dict()})
    return without


HIDDEN = mlp(hidden=[9, 8, 7])


def test_a_network_whose_bn_is_folded_into_its_weights_has_the_same_singular_values_as_a_control() -> None:
    probe = probe_of(HIDDEN, BatchNorm(epsilon=1e-7))
    with_bn, without = probe.network, folded(probe.network, probe.images)
    torch.testing.assert_close(without(probe.images), with_bn.observe(probe.images)[0])
    wanted, found = measured(probe, with_bn), measured(probe, without)
    assert found.keys() == wanted.keys()
    for name, value in wanted.items():
        assert found[name] == pytest.approx(value, rel=1e-3, abs=1e-5), name


def test_the_control_does_not_see_by_what_a_layer_is_multiplied() -> None:
    """Behind a relu without biases, whose outputs grow as its inputs do."""
    probe = probe_of(HIDDEN, None)
    small, large = (build(plan(HIDDEN, None, SHAPE, 10), seed=0) for _ in range(2))
    with torch.no_grad():
        for parameter in large.parameters():
            parameter.mul_(3)
    wanted, found = (measured(probe, network) for network in (small, large))
    assert found == pytest.approx(wanted, rel=1e-3)
    assert set(found) == {f"hidden{i}.{measure}" for i in (2, 3) for measure in MEASURES}


def test_where_bn_is_frozen_the_control_passes_it() -> None:
    """As a network without it whose weights are multiplied by what is left of it."""
    frozen, plain = (build(plan(HIDDEN, norm, SHAPE, 10), seed=0) for norm in (BatchNorm(frozen=True), None))
    with torch.no_grad():
        for norm in frozen.batch_norms.values():
            norm.weight.mul_(2)
        for weight in list(plain.weights.values())[:-1]:
            weight.mul_(2)
    probe = probe_of(HIDDEN, None)
    assert measured(probe, frozen) == pytest.approx(measured(probe, plain), rel=1e-3)


@pytest.mark.parametrize(("through", "share"), [(1.0, 0.685), (0.5, 0.42)])
def test_of_a_random_matrix_more_are_near_one_than_half_and_behind_a_relu_fewer(through: float, share: float) -> None:
    """Where all inputs get through, by the quarter circle: 1 - (1/pi) integral of sqrt(4 - x^2) from 0 to 1/2."""
    matrix = torch.eye(300, dtype=torch.float64) * (torch.arange(300) < 300 * through) / through**0.5
    drawn = random_like(matrix, seed=0)
    values = singular_values(drawn)
    assert drawn.norm().item() == pytest.approx(300**0.5)
    assert int((drawn.norm(dim=0) > 0).sum()) == 300 * through
    assert share_near_one(values).item() == pytest.approx(share, abs=0.015)


def test_pairs_are_of_one_sequence_and_small_enough() -> None:
    described = Layers.model_validate(
        {
            "layers": [
                {"kind": "batch_norm"},
                {"kind": "max_pool", "kernel": 3},
                {"kind": "conv2d", "channels": 2, "activation": "relu"},
                {"kind": "residual", "layers": [{"kind": "batch_norm"}, {"kind": "dropout"}, {"kind": "batch_norm"}]},
                {"kind": "flatten"},
                {"kind": "linear", "features": 10, "batch_norm": "inherit"},
            ]
        }
    )
    found = pairs(plan(described, BatchNorm(), SHAPE, 10))
    names = [(pair.start.name, [placed.name for placed in pair.between], pair.end.name) for pair in found]
    assert names == [
        ("batch_norm1", ["max_pool1"], "conv2d1"),
        ("residual1.batch_norm1", ["residual1.dropout1"], "residual1.batch_norm2"),
    ]
    assert pairs(plan(Convnet(channels=(64, 64), hidden=()), BatchNorm(), (1, 28, 28), 10)) == ()
    DIAGNOSTICS["jacobian"](probe_of(described, BatchNorm()))


@pytest.mark.parametrize("options", [None, BatchNorm()], ids=["without BN", "with BN"])
def test_of_a_network_that_diverged_no_share_is_known_and_of_one_of_zeros_both_are_0(options: BatchNorm | None) -> None:
    for value, expected in ((math.nan, math.nan), (0.0, 0.0)):
        probe = probe_of(mlp(hidden=[7, 5]), options)
        with torch.no_grad():
            for parameter in probe.network.parameters():
                parameter.fill_(value)
        found = DIAGNOSTICS["jacobian"](probe)
        shares = [found[f"hidden2.{measure}"] for measure in ("share_near_one", "share_random")]
        assert shares == pytest.approx([expected] * 2, nan_ok=True)
