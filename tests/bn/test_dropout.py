"""What dropout draws, beside torch's own dropout in a forward pass."""

from typing import Any

import pytest
import torch
from torch import Tensor

from bn.architecture.plan import plan
from bn.architecture.presets import Layers
from bn.dropout import dropout_noise
from bn.network import Network, build

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
    noise = dropout_noise(network.plan, len(images), CPU)
    logits, _ = network.eval().observe(images, noise)
    assert torch.equal(logits, expected)
    assert all(map(torch.equal, gradients(network, logits), gradients(network, expected)))


def test_what_is_drawn_is_zero_at_the_rate_and_else_makes_up_for_it() -> None:
    network, _ = network_of(SEQUENCES["in branches"])
    noise = dropout_noise(network.plan, 1000, CPU)
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
