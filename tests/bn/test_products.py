"""Products by oneDNN are torch's, and are taken where they may be."""

import pytest
import torch

from bn.modules import TRANSFORM
from bn.products import LARGE, is_large, product
from tests.support.small_runs import small_run


@pytest.mark.parametrize("transposed", [False, True])
def test_a_product_is_torchs_to_rounding(transposed: bool) -> None:
    x, weight, bias = torch.randn(60, 784), torch.randn(100, 784), torch.randn(100)
    if transposed:
        x, weight = x.t().contiguous().t(), weight.t().contiguous().t()
    torch.testing.assert_close(product(x, weight), x @ weight.t(), rtol=1e-5, atol=1e-4)
    torch.testing.assert_close(product(x, weight, bias), x @ weight.t() + bias, rtol=1e-5, atol=1e-4)


def test_small_ones_and_those_of_other_types_are_left_to_torch() -> None:
    assert 60 * 784 * 100 >= LARGE > 60 * 100 * 100
    x, weight = torch.randn(60, 784), torch.randn(100, 784)
    assert is_large(x, weight)
    assert not is_large(torch.randn(60, 100), torch.randn(100, 100))
    assert not is_large(x.double(), weight.double())
    assert not is_large(x.bfloat16(), weight.bfloat16())
    assert not is_large(x[None], weight)


def test_a_linear_layer_has_its_gradients_and_transforms_as_ever() -> None:
    placed = small_run(batch_norm=False).plan.layers[1]
    layer = TRANSFORM["linear"](placed).to_empty(device="cpu")
    weight, bias = layer.get_parameter("weight"), layer.get_parameter("bias")
    x = torch.randn(60, 784)
    for parameter in layer.parameters():
        torch.nn.init.normal_(parameter)
    plain = torch.nn.functional.linear(x, weight, bias)
    with torch.no_grad():
        torch.testing.assert_close(layer(x), plain, rtol=1e-5, atol=1e-4)
        torch.testing.assert_close(torch.vmap(layer)(x[:, None])[:, 0], plain, rtol=1e-5, atol=1e-4)
    (gradient,) = torch.autograd.grad(layer(x).sum(), weight)
    torch.testing.assert_close(gradient, x.sum(0).expand(100, -1), rtol=1e-4, atol=1e-4)
