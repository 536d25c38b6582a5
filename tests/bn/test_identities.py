"""The identities of batch normalization as properties over random shapes and values, in float64."""

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from bn import functional

TINY = 1e-12  # an epsilon that is next to none


@dataclass(frozen=True)
class Case:
    """A mini-batch [N, C, ...] of random scale and offset, an affine map, a gradient of the loss, and epsilon."""

    x: Tensor
    weight: Tensor
    bias: Tensor
    g: Tensor
    epsilon: float

    @property
    def values(self) -> Tensor:
        """[C, m]: each channel's values."""
        return by_channel(self.x)

    @property
    def m(self) -> int:
        return self.values.shape[1]

    @property
    def variance(self) -> Tensor:
        return self.values.var(1, correction=0)

    @property
    def s(self) -> Tensor:
        return self.variance / (self.variance + self.epsilon)

    @property
    def sigma(self) -> Tensor:
        return (self.variance + self.epsilon).sqrt()

    def normalized(self, x: Tensor | None = None) -> Tensor:
        """The transform without its affine map."""
        return functional.normalize_batch(self.x if x is None else x, None, None, self.epsilon).output

    def input_gradient(self) -> Tensor:
        """[C, m]: dl/dx."""
        x = self.x.clone().requires_grad_()
        output = functional.normalize_batch(x, self.weight, self.bias, self.epsilon).output
        (gradient,) = torch.autograd.grad(output, x, self.g)
        return by_channel(gradient)


def by_channel(x: Tensor) -> Tensor:
    return x.transpose(0, 1).flatten(1)


@st.composite
def cases(draw: Callable[[st.SearchStrategy[int | float]], int | float], least: int = 3) -> Case:
    """Mini-batches of at least `least` values a channel."""
    locations = [int(draw(st.integers(1, 3))) for _ in range(int(draw(st.integers(0, 2))))]
    shape = (int(draw(st.integers(least, 9))), int(draw(st.integers(1, 4))), *locations)
    generator = torch.Generator().manual_seed(int(draw(st.integers(0, 2**32))))

    def normal(*size: int) -> Tensor:
        return torch.randn(size, generator=generator, dtype=torch.float64)

    x = draw(st.floats(-100, 100)) + 10 ** draw(st.floats(-2, 2)) * normal(*shape)
    epsilon = float(draw(st.sampled_from([1e-5, 1e-3, 0.1])))
    return Case(x, normal(shape[1]), normal(shape[1]), normal(*shape), epsilon)


@given(cases())
def test_the_normalized_values_sum_to_nothing_and_their_mean_square_is_s(case: Case) -> None:
    xhat = by_channel(case.normalized())
    torch.testing.assert_close(xhat.sum(1), torch.zeros(len(xhat), dtype=torch.float64), atol=1e-9, rtol=0)
    torch.testing.assert_close(xhat.square().mean(1), case.s)


@given(cases(), st.floats(-50, 50))
def test_a_constant_that_is_added_to_a_channel_changes_nothing_and_gets_no_gradient(case: Case, c: float) -> None:
    torch.testing.assert_close(case.normalized(case.x + c), case.normalized(), atol=1e-8, rtol=1e-8)
    gradient = case.input_gradient()
    scale = gradient.abs().sum(1).clamp(min=1e-300)
    torch.testing.assert_close(gradient.sum(1) / scale, torch.zeros_like(scale), atol=1e-10, rtol=0)


@given(cases(), st.floats(0.1, 30))
def test_scaled_weights_give_the_same_output_and_a_gradient_that_is_as_much_smaller(case: Case, a: float) -> None:
    inputs, channels = case.x.flatten(1), 3
    weights = torch.linspace(0.5, 2, channels * inputs.shape[1], dtype=torch.float64).view(channels, -1)
    g = case.g.flatten(1)[:, :1] * torch.arange(1, channels + 1)

    def output_and_gradient(weight: Tensor) -> tuple[Tensor, Tensor]:
        weight = weight.clone().requires_grad_()
        output = functional.normalize_batch(inputs @ weight.T, None, None, TINY).output
        return output.detach(), torch.autograd.grad(output, weight, g)[0]

    output, gradient = output_and_gradient(weights)
    scaled_output, scaled_gradient = output_and_gradient(a * weights)
    sd = (inputs @ weights.T).std(0, correction=0)
    # The identity holds as epsilon goes to 0: with some left it is off by epsilon over the variance.
    off = 1e-7 + 2 * TINY / float(sd.min() * min(a, 1)) ** 2
    largest = (g.norm(dim=0) * (inputs - inputs.mean(0)).norm() / sd)[:, None]  # no gradient is larger than this
    torch.testing.assert_close(scaled_output, output, atol=off * case.m, rtol=0)
    torch.testing.assert_close(a * scaled_gradient / largest, gradient / largest, atol=off, rtol=0)
    # And no unit's gradient has a part along the unit's own weights.
    along = (weights * gradient / largest).sum(1) / weights.norm(dim=1)
    torch.testing.assert_close(along, torch.zeros_like(along), atol=off, rtol=0)


@given(cases())
def test_a_channels_jacobian_has_the_singular_values_of_identity_5(case: Case) -> None:
    channel = case.values[:1].T  # [m, 1]

    def output(x: Tensor) -> Tensor:
        return functional.normalize_batch(x, case.weight[:1], None, case.epsilon).output[:, 0]

    jacobian = torch.func.jacrev(output)(channel)[:, :, 0]
    gain = (case.weight[0] / case.sigma[0]).abs()
    expected = torch.cat(
        [torch.zeros(1, dtype=torch.float64), (gain * (1 - case.s[0])).view(1), gain.repeat(case.m - 2)]
    )
    found = torch.linalg.svdvals(jacobian).flip(0)
    torch.testing.assert_close(found / gain, expected / gain, atol=1e-7, rtol=1e-7)


@given(cases())
def test_the_gradients_norm_is_that_of_identity_6(case: Case) -> None:
    g, xhat = by_channel(case.g), by_channel(case.normalized())
    ones, along = g.sum(1), (g * xhat).sum(1)
    kept = g.square().sum(1) - ones.square() / case.m - (2 - case.s) * along.square() / case.m
    expected = (case.weight / case.sigma).square() * kept
    torch.testing.assert_close(case.input_gradient().square().sum(1), expected, rtol=1e-6, atol=1e-12)


@given(st.floats(-10, 10), st.floats(0.01, 10), st.sampled_from([1e-5, 0.1]))
def test_two_values_become_plus_and_minus_the_root_of_s(low: float, gap: float, epsilon: float) -> None:
    x = torch.tensor([[low], [low + gap]], dtype=torch.float64)
    s = (gap / 2) ** 2 / ((gap / 2) ** 2 + epsilon)
    output = functional.normalize_batch(x, None, None, epsilon).output
    torch.testing.assert_close(output, torch.tensor([[-(s**0.5)], [s**0.5]], dtype=torch.float64), rtol=1e-6, atol=1e-9)


@given(cases(), st.randoms(use_true_random=False))
def test_permuting_the_batch_permutes_the_output(case: Case, random: Random) -> None:
    order = list(range(len(case.x)))
    random.shuffle(order)
    torch.testing.assert_close(case.normalized(case.x[order]), case.normalized()[order])


@given(cases())
def test_the_gradients_are_those_of_the_papers_formulas(case: Case) -> None:
    x, weight, bias = (tensor.clone().requires_grad_() for tensor in (case.x, case.weight, case.bias))
    output = functional.normalize_batch(x, weight, bias, case.epsilon).output
    found = torch.autograd.grad(output, (x, weight, bias), case.g)
    g, xhat = by_channel(case.g), by_channel(case.normalized())
    along = (g * xhat).sum(1)
    inner = case.m * g - g.sum(1, keepdim=True) - xhat * along[:, None]
    torch.testing.assert_close(
        by_channel(found[0]), (case.weight / (case.m * case.sigma))[:, None] * inner, atol=1e-8, rtol=1e-6
    )
    torch.testing.assert_close(found[1], along, atol=1e-8, rtol=1e-8)
    torch.testing.assert_close(found[2], g.sum(1), atol=1e-8, rtol=1e-8)
