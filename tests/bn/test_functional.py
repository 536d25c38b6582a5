import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bn import functional

SHAPES = [(60, 100), (7, 5), (2, 3, 4), (8, 3, 6, 5)]


def reference(x: torch.Tensor, epsilon: float) -> torch.Tensor:
    """The transform in float64, written as the paper does."""
    x = x.double()
    dims = [0, *range(2, x.dim())]
    mean = x.mean(dims, keepdim=True)
    variance = (x - mean).square().mean(dims, keepdim=True)
    return (x - mean) / torch.sqrt(variance + epsilon)


@pytest.mark.parametrize("shape", SHAPES)
def test_float32_stays_within_a_millionth_where_one_pass_cancels(shape: tuple[int, ...]) -> None:
    x = 1e4 + 0.1 * torch.randn(64, *shape[1:], generator=torch.Generator().manual_seed(0))
    output = functional.normalize_batch(x, None, None, 1e-5).output
    assert (output - reference(x, 1e-5)).abs().max() < 1e-6


@given(
    value=st.floats(-1e9, 1e9, width=32),
    count=st.integers(2, 300),
)
def test_a_constant_channel_becomes_exactly_zero(value: float, count: int) -> None:
    x = torch.full((count, 1), value)
    assert torch.equal(functional.normalize_batch(x, None, None, 1e-5).output, torch.zeros(count, 1))


def test_a_huge_constant_channel_becomes_exactly_zero_where_torchs_does_not() -> None:
    x = torch.full((60, 1), 7e9)
    assert torch.equal(functional.normalize_batch(x, None, None, 1e-5).output, torch.zeros(60, 1))
    assert torch.nn.functional.batch_norm(x, None, None, training=True).abs().max() >= 1


@pytest.mark.parametrize("shape", SHAPES)
def test_moments_are_those_of_float64(shape: tuple[int, ...]) -> None:
    x = 3 + 2 * torch.randn(shape, generator=torch.Generator().manual_seed(1))
    dims = [0, *range(2, x.dim())]
    mean, variance = functional.batch_moments(x)
    torch.testing.assert_close(mean, x.double().mean(dims).float())
    torch.testing.assert_close(variance, x.double().var(dims, correction=0).float())


def test_bfloat16_is_normalized_by_float32_moments() -> None:
    x = torch.randn(64, 8, generator=torch.Generator().manual_seed(2)).bfloat16()
    output, mean, variance = functional.normalize_batch(x, None, None, 1e-5)
    assert (output.dtype, mean.dtype, variance.dtype) == (torch.bfloat16, torch.float32, torch.float32)


def test_first_and_second_derivatives_are_those_of_finite_differences() -> None:
    generator = torch.Generator().manual_seed(3)
    x, weight, bias = (
        torch.randn(shape, generator=generator, dtype=torch.float64, requires_grad=True)
        for shape in ((5, 3), (3,), (3,))
    )

    def output(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        return functional.normalize_batch(x, weight, bias, 1e-3).output

    assert torch.autograd.gradcheck(output, (x, weight, bias))
    assert torch.autograd.gradgradcheck(output, (x, weight, bias))


def test_a_single_value_a_channel_is_refused() -> None:
    with pytest.raises(ValueError, match="more than one value a channel"):
        functional.normalize_batch(torch.zeros(1, 4), None, None, 1e-5)


def test_moments_that_are_not_finite_leave_their_channel_as_it_was() -> None:
    running_mean, running_var = torch.tensor([1.0, 2.0]), torch.tensor([3.0, 4.0])
    batch_mean, batch_variance = torch.tensor([float("nan"), 0.0]), torch.tensor([1.0, 0.0])
    mean, variance = functional.updated_running(
        running_mean, running_var, batch_mean, batch_variance, num_values=10, decay=0.5, unbiased=False
    )
    assert mean.tolist() == [1.0, 1.0]
    assert variance.tolist() == [3.0, 2.0]
