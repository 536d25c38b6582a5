import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from bn import functional
from bn.moments import batch_moments
from bn.transform import shifted_by_pilot

SHAPES = [(60, 100), (7, 5), (2, 3, 4), (8, 3, 6, 5)]


# torch's own compiler warns of itself
COMPILING = pytest.mark.filterwarnings(
    "ignore:`torch.jit:DeprecationWarning", "ignore:<class 'torch.autograd.function.Function'>:DeprecationWarning"
)


def reference(x: torch.Tensor, epsilon: float) -> torch.Tensor:
    """The transform in float64, written as the paper does."""
    x = x.double()
    dims = [0, *range(2, x.dim())]
    mean = x.mean(dims, keepdim=True)
    variance = (x - mean).square().mean(dims, keepdim=True)
    return (x - mean) / torch.sqrt(variance + epsilon)


@pytest.mark.parametrize("memory_format", [torch.contiguous_format, torch.channels_last])
@pytest.mark.parametrize(
    "shape", [(60, 100), (1024, 100), (20_000, 8), (64, 3, 500), (64, 16, 28, 28), (200, 4, 14, 14), (1024, 4, 14, 14)]
)
def test_float32_stays_within_a_millionth_where_one_pass_cancels(
    shape: tuple[int, ...], memory_format: torch.memory_format
) -> None:
    if len(shape) < 4 and memory_format == torch.channels_last:
        return
    x = 1e4 + 0.1 * torch.randn(shape, generator=torch.Generator().manual_seed(0))
    x = x.contiguous(memory_format=memory_format)
    output = functional.normalize_batch(x, None, None, 1e-5).output
    assert (output - reference(x, 1e-5)).abs().max() <= 1e-6
    assert output.is_contiguous(memory_format=memory_format)
    assert (torch.nn.functional.batch_norm(x, None, None, training=True) - reference(x, 1e-5)).abs().max() > 1e-3


@COMPILING
@pytest.mark.parametrize("shape", [(60, 20), (1024, 20), (33, 4), (61, 3, 5), (32, 8, 28, 28), (1024, 4, 14, 14)])
def test_compiled_it_is_as_exact_even_where_a_channel_begins_with_an_outlier(shape: tuple[int, ...]) -> None:
    x = 1e4 + 0.1 * torch.randn(shape, generator=torch.Generator().manual_seed(0))
    x.view(*shape[:2], -1)[0, :, 0] += 100  # a thousand times the sd
    compiled = torch.compile(
        lambda x: functional.normalize_batch(x, None, None, 1e-5, shifted_by_pilot).output, fullgraph=True
    )
    expected = reference(x, 1e-5)
    error = (compiled(x) - expected).abs()
    error[0] = 0  # the outlier itself is a thousand sd away, and rounded there
    assert error.max() <= 1e-6
    constant = torch.full(shape, 7e9)
    assert torch.equal(compiled(constant), torch.zeros(shape))


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
    mean, variance = batch_moments(x)
    torch.testing.assert_close(mean, x.double().mean(dims).float())
    torch.testing.assert_close(variance, x.double().var(dims, correction=0).float())


def test_bfloat16_is_normalized_by_float32_moments() -> None:
    x = torch.randn(64, 8, generator=torch.Generator().manual_seed(2)).bfloat16()
    output, mean, variance = functional.normalize_batch(x, None, None, 1e-5)
    assert (output.dtype, mean.dtype, variance.dtype) == (torch.bfloat16, torch.float32, torch.float32)


@pytest.mark.parametrize("affine", [(True, True), (True, False), (False, True), (False, False)])
@pytest.mark.parametrize("shape", [(5, 3), (3, 2, 4), (2, 2, 3, 2)])
def test_first_and_second_derivatives_are_those_of_finite_differences(
    shape: tuple[int, ...], affine: tuple[bool, bool]
) -> None:
    generator = torch.Generator().manual_seed(3)
    x, *parameters = (
        torch.randn(size, generator=generator, dtype=torch.float64, requires_grad=True)
        for size in (shape, shape[1:2], shape[1:2])
    )
    given = [parameter for parameter, there in zip(parameters, affine, strict=True) if there]

    def output(x: torch.Tensor, *given: torch.Tensor) -> torch.Tensor:
        parts = iter(given)
        weight, bias = (next(parts) if there else None for there in affine)
        return functional.normalize_batch(x, weight, bias, 1e-3).output

    assert torch.autograd.gradcheck(output, (x, *given))
    assert torch.autograd.gradgradcheck(output, (x, *given))


def test_bfloat16_has_the_gradients_of_float32_up_to_rounding() -> None:
    generator = torch.Generator().manual_seed(4)
    x, gradient = (torch.randn(64, 8, generator=generator).bfloat16() for _ in range(2))
    found = []
    for values in (x, x.float()):
        values.requires_grad_()
        output = functional.normalize_batch(values, None, None, 1e-5).output
        found.append(torch.autograd.grad(output, values, gradient.to(output.dtype))[0])
    assert found[0].dtype == torch.bfloat16
    torch.testing.assert_close(found[0].float(), found[1], rtol=0.02, atol=0.02)


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
