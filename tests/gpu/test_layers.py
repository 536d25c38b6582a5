"""Layers on a GPU: batch normalization is as exact there, and every layer has a gradient that repeats."""

from typing import Any

import pytest
import torch
from pydantic import TypeAdapter

from bn import functional
from bn.architecture.layers import Conv2d, Flatten, Layer
from bn.architecture.normalization import BatchNorm
from bn.architecture.plan import plan
from bn.architecture.presets import Layers
from bn.moments import batch_moments
from bn.network import build

pytestmark = pytest.mark.gpu

OPTIONS: dict[str, dict[str, Any]] = {
    "max_pool": {},
    "average_pool": {},
    "global_average_pool": {},
    "batch_norm": {},
    "dropout": {},
    "local_response_norm": {},
    "flatten": {},
    "linear": {"features": 3, "batch_norm": True},
    "conv2d": {"channels": 3, "batch_norm": True},
}
EXACT = 2e-6  # in sd, the most by which a value may be off; 1e-6 on a CPU, whose root errs by half as much
SHAPES = [(60, 20), (100, 20), (1024, 20), (33, 4), (61, 3, 5), (32, 8, 28, 28), (60, 16, 14, 14), (1024, 4, 14, 14)]
FORMATS = [torch.contiguous_format, torch.channels_last]


def laid_out(x: torch.Tensor, memory_format: torch.memory_format) -> torch.Tensor:
    return x.contiguous(memory_format=memory_format) if x.dim() == 4 else x


@pytest.mark.parametrize("memory_format", FORMATS)
@pytest.mark.parametrize("shape", SHAPES)
def test_float32_stays_within_two_millionths_where_one_pass_cancels(
    shape: tuple[int, ...], memory_format: torch.memory_format, device: torch.device
) -> None:
    x = 1e4 + 0.1 * torch.randn(shape, generator=torch.Generator().manual_seed(0))
    output = functional.normalize_batch(laid_out(x, memory_format).to(device), None, None, 1e-5).output
    dims = [0, *range(2, x.dim())]
    exact = x.double()
    variance, mean = torch.var_mean(exact, dims, correction=0, keepdim=True)
    assert (output.cpu().double() - (exact - mean) / (variance + 1e-5).sqrt()).abs().max() <= EXACT


@pytest.mark.parametrize("memory_format", FORMATS)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_constant_channel_gives_0_there_too(
    shape: tuple[int, ...], memory_format: torch.memory_format, device: torch.device
) -> None:
    x = laid_out(torch.full(shape, 7e9), memory_format).to(device)
    normalized = functional.normalize_batch(x, None, None, 1e-5)
    assert normalized.output.count_nonzero() == 0
    assert batch_moments(x)[1].count_nonzero() == 0


@pytest.mark.parametrize("kind", OPTIONS)
def test_each_layer_has_a_deterministic_gradient(kind: str, device: torch.device) -> None:
    layer = TypeAdapter(Layer).validate_python({"kind": kind, **OPTIONS[kind]})
    first = Flatten() if kind == "linear" else Conv2d(channels=4, padding=1)
    network = build(plan(Layers(layers=(first, layer)), BatchNorm(), (1, 28, 28), 10), seed=0).to(device)
    gradients = torch.autograd.grad(network(torch.rand(16, 1, 28, 28, device=device)).sum(), list(network.parameters()))
    assert all(torch.isfinite(gradient).all() for gradient in gradients)


@pytest.mark.parametrize("memory_format", FORMATS)
def test_a_convolution_is_of_float32(memory_format: torch.memory_format, device: torch.device) -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(32, 16, 14, 14, generator=generator).contiguous(memory_format=memory_format)
    weight = torch.randn(16, 16, 3, 3, generator=generator).contiguous(memory_format=memory_format)
    exact = torch.nn.functional.conv2d(x.double(), weight.double(), padding=1)
    found = torch.nn.functional.conv2d(x.to(device), weight.to(device), padding=1).cpu()
    assert (found - exact).norm() <= 5e-5 * exact.norm()  # of TensorFloat-32 it would be off by 2e-4 and more
