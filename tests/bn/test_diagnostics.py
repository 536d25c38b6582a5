"""The diagnostics, each by the check that its definition gives."""

import copy
import dataclasses
import math
from collections.abc import Callable
from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.nn.functional import cross_entropy

from bn.architecture.inception import BnInception
from bn.architecture.measures import DIAGNOSTIC_NAMES, DiagnosticName, measures_something
from bn.architecture.normalization import BatchNorm
from bn.architecture.plan import plan
from bn.architecture.presets import Convnet
from bn.architecture.resnet import Resnet
from bn.diagnostics.catalogue import DIAGNOSTICS
from bn.diagnostics.covariate_shift import compared
from bn.diagnostics.gradient_filter import removed_share
from bn.diagnostics.landscape import along_gradient
from bn.diagnostics.probe import Probe
from bn.diagnostics.rank import EXAMPLES, rank, rank_and_gap
from bn.functional import normalize_batch
from bn.network import build
from tests.support.probes import SHAPE, loss_of, mlp, probe_of, randoms
from tests.support.small_runs import small_run
from tests.support.steps import each_batch, take
from worker.train.engines.eager import Eager
from worker.train.evaluation import diagnose
from worker.train.state import initial_state

LAST = {"kind": "linear", "features": 10}

NETWORKS: dict[str, Callable[[], Probe]] = {
    "mlp": lambda: probe_of(mlp(), BatchNorm()),
    "mlp without BN": lambda: probe_of(mlp(), None),
    "mlp, not affine, after": lambda: probe_of(mlp(), BatchNorm(affine=False, placement="after_activation")),
    "convnet": lambda: probe_of(Convnet(channels=(2, 3), hidden=(5,)), BatchNorm()),
    "resnet": lambda: probe_of(Resnet(channels=2), BatchNorm()),
    "bn_inception": lambda: probe_of(BnInception(width=0.03, dropout=0.5), BatchNorm()),
    "frozen": lambda: probe_of(mlp(), BatchNorm(frozen=True)),
}


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS)
@pytest.mark.parametrize("name", DIAGNOSTICS)
def test_a_diagnostic_leaves_no_trace_and_measures_where_it_says_so(
    name: DiagnosticName, make: Callable[[], Probe]
) -> None:
    probe = make()
    if not measures_something(name, probe.network.plan):
        return
    state = copy.deepcopy(probe.network.state_dict())
    random = torch.get_rng_state()
    found = DIAGNOSTICS[name](probe)
    assert found
    assert found == pytest.approx(DIAGNOSTICS[name](probe), nan_ok=True, rel=0, abs=0)
    torch.testing.assert_close(probe.network.state_dict(), state, rtol=0, atol=0)
    assert torch.equal(torch.get_rng_state(), random)
    assert all(parameter.grad is None for parameter in probe.network.parameters())
    assert probe.network.training
    layers = {layer.name for layer in probe.network.layers}
    assert all("." not in measure or measure.rsplit(".", 1)[0] in layers for measure in found)


def test_each_name_has_its_function() -> None:
    assert tuple(DIAGNOSTICS) == DIAGNOSTIC_NAMES


def test_what_needs_batch_normalization_measures_nothing_without() -> None:
    without = plan(mlp(), None, SHAPE, 10)
    found = {name for name in DIAGNOSTIC_NAMES if measures_something(name, without)}
    assert found == {"covariate_shift", "landscape", "jacobian", "rank", "depth_gradient"}
    assert all(measures_something(name, plan(mlp(), BatchNorm(), SHAPE, 10)) for name in DIAGNOSTIC_NAMES)


@pytest.mark.parametrize("batch_norm", [None, BatchNorm()])
def test_the_first_layer_has_no_covariate_shift(batch_norm: BatchNorm | None) -> None:
    found = DIAGNOSTICS["covariate_shift"](probe_of(mlp(), batch_norm))
    assert found["hidden1.shift"] == 0
    assert found["hidden1.cosine"] == pytest.approx(1, abs=1e-12)
    assert all(found[f"hidden{i}.shift"] > 0 and found[f"hidden{i}.cosine"] < 1 for i in (2, 3))


def test_covariate_shift_is_that_of_its_definition() -> None:
    probe = probe_of(mlp(hidden=[8, 6]), BatchNorm())
    found = DIAGNOSTICS["covariate_shift"](probe)
    network = copy.deepcopy(probe.network)
    loss_of(network, probe).backward()  # type: ignore[no-untyped-call]  # declared so in torch
    before = {name: weight.grad.clone() for name, weight in network.weights.items() if weight.grad is not None}
    gradients = tuple(parameter.grad for parameter in network.parameters() if parameter.grad is not None)
    updated = zip(network.parameter_names, probe.stepped(gradients), strict=True)
    first = {name: value for name, value in updated if name.startswith("hidden1.")}
    network.load_state_dict({**network.state_dict(), **first})  # only hidden1 has taken the step
    loss = loss_of(network, probe)
    (after,) = torch.autograd.grad(loss, [network.weights["hidden2"]])
    shift, cosine = compared(before["hidden2"].flatten().double(), after.flatten().double())
    assert found["hidden2.shift"] == pytest.approx(shift, rel=1e-4)
    assert found["hidden2.cosine"] == pytest.approx(cosine, rel=1e-6)


@given(seed=st.integers(0, 10_000), size=st.integers(1, 12), rate=st.floats(1e-3, 10))
def test_a_quadratics_smoothness_is_at_most_its_largest_eigenvalue(seed: int, size: int, rate: float) -> None:
    root = randoms(size, size, seed=seed).double()
    hessian = root @ root.T + torch.eye(size, dtype=torch.float64)
    start = randoms(size, seed=seed + 1).double()
    found = along_gradient(lambda x: ((0.5 * x @ hessian @ x).item(), hessian @ x), start, rate)
    assert found["smoothness"] <= torch.linalg.eigvalsh(hessian)[-1].item() * (1 + 1e-9)
    assert found["loss_min"] <= found["loss_max"]
    along_top = torch.linalg.eigh(hessian).eigenvectors[:, -1]
    exact = along_gradient(lambda x: ((0.5 * x @ hessian @ x).item(), hessian @ x), along_top, rate)
    assert exact["smoothness"] == pytest.approx(torch.linalg.eigvalsh(hessian)[-1].item(), rel=1e-6)


def test_a_loss_along_the_gradient_that_is_no_number_shows() -> None:
    def loss_and_gradient(point: Tensor) -> tuple[float, Tensor]:
        value = point.item()
        return math.nan if -2 < value < -1 else value, torch.ones(1, dtype=torch.float64)

    found = along_gradient(loss_and_gradient, torch.zeros(1, dtype=torch.float64), 1.0)
    assert [name for name, value in found.items() if math.isnan(value)] == ["loss_min", "loss_max"]


def test_the_landscape_is_of_the_networks_loss_along_its_gradient() -> None:
    probe = probe_of(mlp(), BatchNorm(), rate=0.01)
    found = DIAGNOSTICS["landscape"](probe)
    network = copy.deepcopy(probe.network)
    loss_of(network, probe).backward()  # type: ignore[no-untyped-call]  # declared so in torch
    losses = []
    for multiple in (0.5, 4):
        moved = copy.deepcopy(network)
        with torch.no_grad():
            for mine, its in zip(moved.parameters(), network.parameters(), strict=True):
                assert its.grad is not None
                mine.sub_(multiple * 0.01 * its.grad)
            losses.append(loss_of(moved, probe).item())
    assert (found["loss_max"], found["loss_min"]) == pytest.approx((max(losses), min(losses)), rel=1e-4)


@given(
    seed=st.integers(0, 10_000),
    m=st.integers(2, 40),
    epsilon=st.sampled_from([1e-12, 1e-5, 0.1, 1.0]),
    gamma=st.floats(0.1, 3),
)
def test_the_removed_share_is_what_the_gradient_loses(seed: int, m: int, epsilon: float, gamma: float) -> None:
    x = randoms(m, 1, seed=seed).double().requires_grad_()
    weight = torch.tensor([gamma], dtype=torch.float64)
    y, _, variance = normalize_batch(x, weight, None, epsilon)
    g = randoms(m, 1, seed=seed + 1).double()
    (dx,) = torch.autograd.grad(y, x, g)
    xhat, variance = y.detach() / gamma, variance.detach()
    share = removed_share(g.sum(0), (g * xhat).sum(0), g.square().sum(0), variance / (variance + epsilon), m)
    kept = dx.square().sum() * (variance + epsilon) / gamma**2 / g.square().sum()
    torch.testing.assert_close(1 - share, kept, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("affine", [True, False])
def test_the_gradient_filter_of_a_network_is_of_each_channel(affine: bool) -> None:
    probe = probe_of(Convnet(channels=(3,), hidden=()), BatchNorm(affine=affine))
    with torch.no_grad():
        for norm in probe.network.batch_norms.values():
            if affine:
                norm.weight[0] = 0  # a scale of 0 hides xhat from the output, but not from the measure
    found = DIAGNOSTICS["gradient_filter"](probe)
    _, observed = probe.network.observe(probe.images)
    x = probe.network.layers[0].transform(probe.images)  # type: ignore[misc]  # a convolution
    y = observed.moments["conv1"]
    assert torch.equal(y.mean, x.mean((0, 2, 3))) or torch.allclose(y.mean, x.mean((0, 2, 3)), atol=1e-6)
    assert 0 <= found["conv1.share_min"] <= found["conv1.share_mean"] <= found["conv1.share_max"] <= 1 + 1e-6


def test_orthonormal_examples_have_no_gap_and_equal_ones_the_largest() -> None:
    effective, gap = rank_and_gap(torch.eye(6, dtype=torch.float64)[:4] * 3)
    assert (effective, gap) == pytest.approx((4, 0))
    effective, gap = rank_and_gap(torch.ones(5, 7, dtype=torch.float64))
    assert (effective, gap) == pytest.approx((1, math.sqrt(1 - 1 / 5)))


@given(seed=st.integers(0, 10_000), n=st.integers(1, 12), d=st.integers(1, 12))
def test_the_rank_measure_is_at_most_the_rank(seed: int, n: int, d: int) -> None:
    outputs = randoms(n, d, seed=seed).double()
    effective, gap = rank_and_gap(outputs)
    second_moments = outputs.T @ outputs / n
    assert effective == pytest.approx((second_moments.trace() ** 2 / second_moments.square().sum()).item())
    assert 1 - 1e-9 <= effective <= min(n, d) + 1e-9
    assert gap**2 == pytest.approx(1 / effective - 1 / n, abs=1e-9)


def test_the_gradient_of_a_wide_network_of_relu_and_bn_grows_by_1_21_a_layer() -> None:
    wide = mlp(hidden=[1000] * 12)
    network = build(plan(wide, BatchNorm(), SHAPE, 10), seed=0)
    images, labels = randoms(256, *SHAPE), torch.arange(256) % 10
    batches, test = lambda: [images], lambda: (images, labels)
    probe = Probe(network, 0.1, lambda _: network.parameters(), cross_entropy, images, labels, batches, test)
    found = DIAGNOSTICS["depth_gradient"](probe)
    logs = [found[f"hidden{i}.log_norm"] for i in range(2, 12)]
    growth = math.exp(sum(below - above for below, above in pairwise(logs)) / (len(logs) - 1))
    assert growth == pytest.approx(math.sqrt(math.pi / (math.pi - 1)), rel=0.05)


def test_the_effective_learning_rate_is_of_weights_in_front_of_bn_alone() -> None:
    probe = probe_of(mlp(), BatchNorm(), rate=0.3)
    found = DIAGNOSTICS["effective_learning_rate"](probe)
    ends = ("", "_min", "_max")
    assert set(found) == {f"hidden{i}.effective_learning_rate{end}" for i in (1, 2, 3) for end in ends}
    of_units = 0.3 / probe.network.weights["hidden2"].square().sum(1)
    expected = (of_units.median().item(), of_units.min().item(), of_units.max().item())
    assert [found[f"hidden2.effective_learning_rate{end}"] for end in ends] == pytest.approx(expected, rel=1e-5)


@pytest.mark.parametrize("scale", [0.5, 4.0])
def test_a_unit_whose_weights_are_scaled_is_turned_alike_at_the_rate_that_makes_up_for_it(scale: float) -> None:
    """Of plain SGD by the scale's square, of Adam by the scale: the measure says so, and so does a step."""
    for kind, power in (("sgd", 2), ("adam", 1)):
        turned, said = zip(*(turned_by(kind, each, each**power) for each in (1.0, scale)), strict=True)
        assert turned[0] == pytest.approx(turned[1], rel=1e-3)
        assert said[0] == pytest.approx(said[1], rel=1e-5)
        assert said[0] != pytest.approx(turned_by(kind, scale, 1.0)[1], rel=0.1)


def turned_by(kind: str, scale: float, factor: float) -> tuple[float, float]:
    """By how much a first step turns the weights of a unit in front of BN, and what is measured of that unit."""
    layers = [{"kind": "flatten"}, {"kind": "linear", "features": 1}, {"kind": "batch_norm"}, LAST]
    run = small_run(
        architecture={"layers": layers},
        training={"steps": 1, "optimizer": {"kind": kind, "learning_rate": 1e-3}, "rate_factors": {"linear1": factor}},
    )
    state, name = initial_state(run), "linear1.transform.weight"
    before = state.learned.parameters[name].mul_(scale).clone().double()
    found = diagnose(run, state, "effective_learning_rate")["linear1.effective_learning_rate"]
    for pixels, labels in each_batch(run, 1, 1):
        take(Eager(run), state, pixels, labels)
    after = state.learned.parameters[name].double()
    return (after / after.norm() - before / before.norm()).norm().item(), found


def test_momentum_adds_its_gradients_up() -> None:
    def measured(optimizer: object) -> float:
        run = small_run(training={"steps": 1, "optimizer": optimizer})
        return diagnose(run, initial_state(run), "effective_learning_rate")["hidden1.effective_learning_rate"]

    plain = measured({"kind": "sgd", "learning_rate": 0.1})
    for kind in ("momentum", "nesterov"):
        summed = measured({"kind": kind, "learning_rate": 0.1, "momentum": 0.75})
        assert summed == pytest.approx(4 * plain, rel=1e-6)


def test_the_rank_of_a_large_batch_is_that_of_its_first_examples() -> None:
    large = probe_of(mlp(), None, count=EXAMPLES + 100)
    first = dataclasses.replace(large, images=large.images[:EXAMPLES], labels=large.labels[:EXAMPLES])
    assert rank(large) == pytest.approx(rank(first))


def test_the_effective_learning_rate_of_weights_of_zero_is_infinite() -> None:
    probe = probe_of(mlp(), BatchNorm())
    with torch.no_grad():
        probe.network.weights["hidden2"].zero_()
    found = DIAGNOSTICS["effective_learning_rate"](probe)
    assert math.isinf(found["hidden2.effective_learning_rate"])
    assert math.isfinite(found["hidden1.effective_learning_rate"])
