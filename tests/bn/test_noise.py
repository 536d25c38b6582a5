"""What a training step draws: for dropout, beside torch's own in a forward pass, and behind batch normalization."""

from typing import Any

import pytest
import torch
from torch import Tensor

from bn.architecture.plan import plan
from bn.architecture.presets import Layers
from bn.network import Network, build
from bn.noise import noise_of

IMAGES = torch.rand(12, 1, 9, 9, generator=torch.Generator().manual_seed(0))
CPU = torch.device("cpu")
BRANCHES: list[Any] = [[{"kind": "dropout", "rate": 0.3}], [], [{"kind": "dropout", "rate": 0.0}]]
SEQUENCES: dict[str, list[dict[str, Any]]] = {
    "behind linear layers": [
        {"kind": "flatten"},
        {"kind": "dropout", "rate": 0.2},
        {"kind": "linear", "features": 7, "activation": "relu"},
        {"kind": "dropout"},
        {"kind": "linear", "features": 10},
    ],
    "of images": [
        {"kind": "conv2d", "channels": 5, "padding": 1, "activation": "tanh"},
        {"kind": "dropout", "rate": 0.4},
        {"kind": "conv2d", "channels": 3},
        {"kind": "dropout", "rate": 0.1},
        {"kind": "flatten"},
        {"kind": "linear", "features": 10},
    ],
    "in branches": [
        {"kind": "conv2d", "channels": 2, "activation": "relu"},
        {"kind": "concatenate", "branches": BRANCHES},
        {"kind": "local_response_norm", "size": 3},
        {"kind": "dropout", "rate": 0.5},
        {"kind": "global_average_pool"},
        {"kind": "linear", "features": 10},
    ],
}


def network_of(layers: list[dict[str, Any]]) -> tuple[Network, Tensor]:
    network = build(plan(Layers.model_validate({"layers": layers}), None, (1, 9, 9), 10), seed=0)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks this overload
    return network, IMAGES.contiguous(memory_format=torch.channels_last)


def gradients(network: Network, logits: Tensor) -> tuple[Tensor, ...]:
    return torch.autograd.grad(logits.square().sum(), list(network.parameters()))


@pytest.mark.parametrize("layers", SEQUENCES.values(), ids=SEQUENCES)
def test_a_pass_that_is_given_what_was_drawn_is_torchs_own_training_pass_to_the_bit(layers: list[Any]) -> None:
    network, images = network_of(layers)
    torch.manual_seed(3)
    expected = network(images)
    torch.manual_seed(3)
    noise = noise_of(network.plan, len(images), CPU)
    logits, _ = network.eval().observe(images, noise)
    assert torch.equal(logits, expected)
    assert all(map(torch.equal, gradients(network, logits), gradients(network, expected)))


def test_what_is_drawn_is_zero_at_the_rate_and_else_makes_up_for_it() -> None:
    network, _ = network_of(SEQUENCES["in branches"])
    noise = noise_of(network.plan, 1000, CPU)
    assert {name: tuple(values.shape) for name, values in noise.items()} == {
        placed.name: (1000, *placed.input) for placed in network.plan.layers if placed.layer.kind == "dropout"
    }
    for placed in network.plan.layers:
        rate = getattr(placed.layer, "rate", None)
        if rate is not None:
            values = noise[placed.name]
            assert torch.all((values == 0) | torch.isclose(values, torch.tensor(1 / (1 - rate))))
            assert (values == 0).float().mean().item() == pytest.approx(rate, abs=0.02)


def test_nothing_is_dropped_where_nothing_was_drawn_in_any_mode() -> None:
    network, images = network_of(SEQUENCES["of images"])
    expected = network.eval()(images)
    for training in (True, False):
        assert torch.equal(network.train(training).observe(images)[0], expected)


NOISY: list[dict[str, Any]] = [
    {"kind": "conv2d", "channels": 3, "activation": "tanh", "batch_norm": {"noise": {"mean": 2.0, "scale": 0.0}}},
    {"kind": "conv2d", "channels": 4, "activation": "none", "batch_norm": False},
    {"kind": "batch_norm", "noise": {"mean": 0.0, "scale": 3.0}},
    {"kind": "flatten"},
    {"kind": "linear", "features": 10, "batch_norm": {"noise": False}},
]


def test_noise_behind_batch_normalization_is_a_scale_and_a_shift_of_each_channel_between_their_bounds() -> None:
    network, _ = network_of(
        [{"kind": "flatten"}, {"kind": "linear", "features": 10_000, "batch_norm": {"noise": True}}]
    )
    ((name, drawn),) = noise_of(network.plan, 7, CPU).items()
    scale, shift = drawn
    assert (name, tuple(drawn.shape)) == ("linear1", (2, 10_000))
    for values, low, high in ((scale, 1.0, 1.25), (shift, -0.5, 0.5)):  # of Santurkar et al. 2018, appendix A
        assert low <= values.min() < low + 0.001
        assert high - 0.001 < values.max() <= high
        assert values.mean().item() == pytest.approx((low + high) / 2, abs=0.01)
        assert values.std().item() == pytest.approx((high - low) / 12**0.5, rel=0.02)
    assert abs(torch.corrcoef(drawn)[0, 1]) < 0.03


def test_it_disturbs_what_comes_behind_and_not_the_moments() -> None:
    network, images = network_of(NOISY)
    noise = noise_of(network.plan, len(images), CPU)
    assert {name: tuple(values.shape) for name, values in noise.items()} == {"conv2d1": (2, 3), "batch_norm1": (2, 4)}
    (_, still), (logits, observed) = network.observe(images), network.observe(images, noise)
    scale, shift = noise["conv2d1"].view(2, 1, 3, 1, 1)
    assert torch.all(scale == 1)
    torch.testing.assert_close(observed.taps["conv2d1"], still.taps["conv2d1"] + shift)
    assert torch.equal(observed.moments["conv2d1"].mean, still.moments["conv2d1"].mean)
    scale, _ = noise["batch_norm1"].view(2, 1, 4, 1, 1)
    expected = network.layers[-1]((observed.moments["batch_norm1"].output * scale).flatten(1))
    torch.testing.assert_close(logits, expected)
