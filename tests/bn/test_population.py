"""Population statistics by a pass over data, and folding."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_linear_bn_eval

from bn.architecture.inception import BnInception
from bn.architecture.normalization import BatchNorm
from bn.architecture.plan import plan
from bn.architecture.presets import Architecture, Convnet, Layers, Mlp
from bn.architecture.resnet import Resnet
from bn.folding import fold
from bn.layers import BatchNorm1d
from bn.network import build
from bn.population import Estimator, population_moments, set_running


def batches(sizes: tuple[int, ...] = (20, 20, 7), shape: tuple[int, ...] = (6,)) -> list[Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [3 + 2 * torch.randn(size, *shape, generator=generator) for size in sizes]


@pytest.mark.parametrize("layer", [BatchNorm1d(6), nn.BatchNorm1d(6)], ids=["ours", "torch's"])
def test_algorithm_2_is_the_mean_of_the_batches_means_and_unbiased_variances(layer: nn.Module) -> None:
    found = population_moments(nn.Sequential(layer), batches())["0"]
    torch.testing.assert_close(found.mean, torch.stack([x.double().mean(0) for x in batches()]).mean(0))
    torch.testing.assert_close(found.variance, torch.stack([x.double().var(0) for x in batches()]).mean(0))


@pytest.mark.parametrize("sizes", [(20, 20, 7), (47,), (2, 40, 5)])
def test_pooled_is_of_all_examples_however_they_were_split(sizes: tuple[int, ...]) -> None:
    whole = torch.cat(batches())
    split = list(torch.split(whole, list(sizes)))
    found = population_moments(nn.Sequential(BatchNorm1d(6)), split, "pooled")["0"]
    torch.testing.assert_close(found.mean, whole.double().mean(0))
    torch.testing.assert_close(found.variance, whole.double().var(0, correction=0))


@pytest.mark.parametrize("estimator", ["algorithm2", "pooled"])
def test_a_second_layer_sees_what_the_first_makes_of_each_batch(estimator: Estimator) -> None:
    network = nn.Sequential(BatchNorm1d(6), nn.Linear(6, 4), BatchNorm1d(4))
    found = population_moments(network, batches(), estimator)
    seen = [network[1](BatchNorm1d(6)(x)) for x in batches()]
    expected = population_moments(nn.Sequential(BatchNorm1d(4)), seen, estimator)["0"]
    torch.testing.assert_close(found["2"].mean, expected.mean)
    torch.testing.assert_close(found["2"].variance, expected.variance)


def test_the_pass_leaves_modes_buffers_and_random_state_as_they_were() -> None:
    network = nn.Sequential(BatchNorm1d(6), nn.Dropout(0.5), nn.Linear(6, 4), nn.BatchNorm1d(4).eval())
    network(batches()[0])
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    modes, state = [module.training for module in network.modules()], torch.get_rng_state()
    population_moments(network, batches())
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert [module.training for module in network.modules()] == modes
    assert torch.equal(torch.get_rng_state(), state)
    assert not any(module._forward_pre_hooks for module in network.modules())


def test_what_is_set_is_what_inference_normalizes_by() -> None:
    network = nn.Sequential(nn.BatchNorm1d(6)).eval()
    set_running(network, population_moments(network, batches(), "pooled"))
    whole = torch.cat(batches())
    expected = (whole - whole.mean(0)) / (whole.var(0, correction=0) + 1e-5).sqrt()
    torch.testing.assert_close(network(whole), expected)


def test_a_network_without_batch_normalization_has_nothing_to_measure() -> None:
    with pytest.raises(ValueError, match="nothing to measure"):
        population_moments(nn.Linear(6, 6), batches())


def test_a_layer_that_keeps_no_running_statistics_is_named() -> None:
    network = nn.Sequential(nn.BatchNorm1d(6, track_running_stats=False))
    with pytest.raises(ValueError, match="'0' keeps no running statistics"):
        set_running(network, population_moments(network, batches()))
    with pytest.raises(ValueError, match="'0' keeps no running statistics"):
        fold(network)


def test_moments_of_another_network_are_refused_by_the_name_of_the_layer() -> None:
    moments = population_moments(nn.Sequential(nn.BatchNorm1d(6)), batches())
    with pytest.raises(ValueError, match="'0' is a Linear"):
        set_running(nn.Sequential(nn.Linear(6, 6)), moments)


class Shared(nn.Module):
    """One linear layer, used twice, and one whose output is used twice."""

    def __init__(self) -> None:
        super().__init__()
        self.twice, self.norm = nn.Linear(6, 6), nn.BatchNorm1d(6)
        self.forked, self.behind = nn.Linear(6, 6), nn.BatchNorm1d(6)

    def forward(self, x: Tensor) -> Tensor:
        x = self.norm(self.twice(x)) + self.twice(x)
        y: Tensor = self.forked(x)
        out: Tensor = self.behind(y) * y
        return out


def torchs(affine: bool, bias: bool) -> Callable[[], nn.Module]:
    return lambda: nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1, groups=1, bias=bias),
        nn.BatchNorm2d(4, affine=affine),
        nn.ReLU(),
        nn.BatchNorm2d(4, affine=affine),
        nn.Conv2d(4, 6, 3, groups=2, bias=bias),
        nn.BatchNorm2d(6, affine=affine),
        nn.Flatten(),
        nn.Linear(6 * 14 * 14, 8, bias=bias),
        nn.BatchNorm1d(8, affine=affine),
    )


def ours(architecture: Architecture, batch_norm: BatchNorm | None) -> Callable[[], nn.Module]:
    return lambda: build(plan(architecture, batch_norm, (1, 16, 16), 10), seed=0)


ON_INPUT = Layers.model_validate(
    {"layers": [{"kind": "batch_norm"}, {"kind": "flatten"}, {"kind": "linear", "features": 10}]}
)
NETWORKS = {
    **{f"torch's, affine={a}, bias={b}": torchs(a, b) for a in (True, False) for b in (True, False)},
    "mlp": ours(Mlp(), BatchNorm()),
    "mlp, after the activation, not affine": ours(Mlp(), BatchNorm(placement="after_activation", affine=False)),
    "convnet": ours(Convnet(), BatchNorm(epsilon=1e-3)),
    "on the input": ours(ON_INPUT, None),
    "residuals with shortcuts": ours(Resnet(channels=4), BatchNorm()),
    "branches side by side": ours(BnInception(width=0.05, dropout=0.5), BatchNorm()),
    "a frozen layer": ours(Mlp(), BatchNorm(frozen=True, epsilon=1.0)),
}


@pytest.mark.parametrize("make", NETWORKS.values(), ids=NETWORKS.keys())
def test_the_folded_network_has_no_batch_normalization_and_gives_what_inference_gives(
    make: Callable[[], nn.Module],
) -> None:
    network = make().double()
    generator = torch.Generator().manual_seed(1)
    images = torch.randn(32, 1, 16, 16, generator=generator, dtype=torch.float64)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.add_(0.3 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
    for _ in range(3):
        network(images)  # running statistics that are neither 0 nor 1
    folded = fold(network)
    assert not any("BatchNorm" in type(module).__name__ for module in folded.modules())
    torch.testing.assert_close(folded(images), network.eval()(images), rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("bias", [True, False])
def test_a_layer_without_an_affine_map_is_folded_where_torchs_own_fusion_fails(bias: bool) -> None:
    linear, norm = nn.Linear(4, 3, bias=bias), nn.BatchNorm1d(3, affine=False)
    x = torch.randn(8, 4, generator=torch.Generator().manual_seed(3))
    norm(linear(x))
    with pytest.raises(TypeError):
        fuse_linear_bn_eval(linear.eval(), norm.eval())
    torch.testing.assert_close(fold(nn.Sequential(linear, norm))(x), norm(linear(x)))


def test_a_layer_that_others_use_too_is_not_folded_into() -> None:
    network = Shared().double()
    x = torch.randn(9, 6, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    network(x)
    torch.testing.assert_close(fold(network)(x), network.eval()(x), rtol=1e-12, atol=1e-12)


def test_folding_leaves_the_network_itself_alone() -> None:
    network = nn.Sequential(nn.Linear(6, 6), nn.BatchNorm1d(6))
    before = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    fold(network)
    assert network.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
