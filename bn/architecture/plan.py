"""A network's plan: its layers in order with every shape, parameter count and multiply-add, and where BN stands."""

from collections.abc import Callable
from dataclasses import dataclass
from math import gcd, prod
from typing import Any

from bn.architecture.layers import BatchNorm, BatchNormLayer, Conv2d, Layer, Linear, Pool
from bn.architecture.presets import EXPAND, Architecture, NamedLayer

Shape = tuple[int, ...]  # of one example: [features] or [channels, height, width]


class ShapeError(ValueError):
    """A layer that does not fit what comes before it; `layer` is its name and `index` its place, from 0."""

    def __init__(self, layer: str, index: int, got: Shape, needs: str) -> None:
        self.layer, self.index = layer, index
        super().__init__(f"layer '{layer}' got {list(got)} and needs {needs}")


@dataclass(frozen=True)
class Placed:
    """A layer at its place. Shapes and multiply-adds are of one example."""

    name: str
    layer: Layer
    batch_norm: BatchNorm | None  # at this layer's nonlinearity
    bias: bool
    input: Shape
    output: Shape
    parameters: int
    multiply_adds: int

    @property
    def has_tap(self) -> bool:
        """Whether the input of a nonlinearity stands here to be measured."""
        return getattr(self.layer, "activation", "none") != "none"

    @property
    def normalized(self) -> Shape | None:
        """The shape that BN normalizes here, or None."""
        if isinstance(self.layer, BatchNormLayer) or self.batch_norm is not None:
            return self.output
        return None


@dataclass(frozen=True)
class Plan:
    """A network, ready to be built or asked about."""

    input: Shape
    layers: tuple[Placed, ...]

    @property
    def output(self) -> Shape:
        """The shape of the network's output."""
        return self.layers[-1].output

    @property
    def parameters(self) -> int:
        """The number of trained values."""
        return sum(placed.parameters for placed in self.layers)

    @property
    def multiply_adds(self) -> int:
        """Of one example's forward pass, in linear layers and convolutions."""
        return sum(placed.multiply_adds for placed in self.layers)

    @property
    def taps(self) -> tuple[Placed, ...]:
        """The layers at whose nonlinearity activations are measured."""
        return tuple(placed for placed in self.layers if placed.has_tap)

    @property
    def dropped_biases(self) -> tuple[str, ...]:
        """The layers whose description has a bias that BN directly behind them makes void."""
        return tuple(placed.name for placed in self.layers if getattr(placed.layer, "bias", False) and not placed.bias)


def plan(architecture: Architecture, batch_norm: BatchNorm | None, input_shape: Shape, classes: int) -> Plan:
    """Lay the described network out for inputs of `input_shape`. Raises ShapeError at a layer that does not fit."""
    named = EXPAND[type(architecture)](architecture, classes)
    placed: list[Placed] = []
    shape = input_shape
    for index, (name, layer) in enumerate(named):
        try:
            placed.append(_place(name, layer, shape, batch_norm, normalized_next=_is_batch_norm(named, index + 1)))
        except _Misfit as misfit:
            raise ShapeError(name, index, shape, str(misfit)) from None
        shape = placed[-1].output
    return Plan(input_shape, tuple(placed))


def sample_stride(shape: Shape, limit: int) -> int:
    """The least s >= n/limit, n the number of values in `shape`, that shares no factor with any dimension.

    A common factor would sample one column of an image again and again.

    >>> sample_stride((60, 100), 1024), sample_stride((128, 16, 32, 32), 1024), sample_stride((10, 10), 1024)
    (7, 2049, 1)
    """
    stride = max(1, -(-prod(shape) // limit))
    while any(gcd(stride, size) > 1 for size in shape):
        stride += 1
    return stride


def sample_size(shape: Shape, limit: int) -> int:
    """How many values the sample of a tap of this shape holds.

    >>> sample_size((60, 100), 1024)
    858
    """
    return -(-prod(shape) // sample_stride(shape, limit))


def recorded_units(shape: Shape, units: int) -> tuple[int, ...]:
    """Which of a tap's units (for a convolution: channels) are recorded: `units` of them, evenly spaced.

    >>> recorded_units((100,), 1), recorded_units((16, 14, 14), 4), recorded_units((3,), 8)
    ((50,), (2, 6, 10, 14), (0, 1, 2))
    """
    width = shape[0]
    count = min(units, width)
    return tuple((2 * i + 1) * width // (2 * count) for i in range(count))


class _Misfit(ValueError):
    """What a layer needs instead; its name and place are added by the caller."""


def _is_batch_norm(named: tuple[NamedLayer, ...], index: int) -> bool:
    return index < len(named) and isinstance(named[index][1], BatchNormLayer)


def _place(name: str, layer: Layer, shape: Shape, batch_norm: BatchNorm | None, *, normalized_next: bool) -> Placed:
    output, weights, multiply_adds = _EFFECT[layer.kind](layer, shape)
    here = batch_norm if getattr(layer, "activation", "none") != "none" else None
    behind = here is not None and here.placement == "before_activation"
    if getattr(layer, "activation", None) == "none" and normalized_next:
        behind = True
    bias = getattr(layer, "bias", False) and not behind
    affine = (here is not None and here.affine) or (isinstance(layer, BatchNormLayer) and layer.affine)
    parameters = weights + (output[0] if bias else 0) + (2 * output[0] if affine else 0)
    return Placed(name, layer, here, bias, shape, output, parameters, multiply_adds)


Effect = tuple[Shape, int, int]  # output shape, weights, multiply-adds


def _linear(layer: Linear, shape: Shape) -> Effect:
    if len(shape) != 1:
        raise _Misfit("[features]: put a flatten or a global_average_pool in front of it")
    weights = shape[0] * layer.features
    return (layer.features,), weights, weights


def _conv2d(layer: Conv2d, shape: Shape) -> Effect:
    channels, *_ = _image(shape)
    height, width = _windows(shape, layer.kernel, layer.stride, layer.padding)
    weights = channels * layer.channels * layer.kernel**2
    return (layer.channels, height, width), weights, weights * height * width


def _pool(layer: Pool, shape: Shape) -> Effect:
    channels, *_ = _image(shape)
    return (channels, *_windows(shape, layer.kernel, layer.stride or layer.kernel, 0)), 0, 0


def _image(shape: Shape) -> Shape:
    if len(shape) != 3:
        raise _Misfit("[channels, height, width]: it cannot follow a layer that flattens")
    return shape


def _windows(shape: Shape, kernel: int, stride: int, padding: int) -> Shape:
    if min(shape[1:]) + 2 * padding < kernel:
        raise _Misfit(f"at least {kernel - 2 * padding}x{kernel - 2 * padding} pixels for its kernel of {kernel}")
    return tuple((size + 2 * padding - kernel) // stride + 1 for size in shape[1:])


_EFFECT: dict[str, Callable[[Any, Shape], Effect]] = {
    "linear": _linear,
    "conv2d": _conv2d,
    "max_pool": _pool,
    "average_pool": _pool,
    "global_average_pool": lambda _, shape: (_image(shape)[:1], 0, 0),
    "flatten": lambda _, shape: ((prod(shape),), 0, 0),
    "batch_norm": lambda _, shape: (shape, 0, 0),
}
