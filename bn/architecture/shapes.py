"""What each kind of layer makes of a shape, how many weights it has for that and how many multiply-adds it takes."""

from collections.abc import Callable, Sequence
from math import prod
from typing import Any

from bn.architecture.layers import Conv2d, Linear, Pool

Shape = tuple[int, ...]  # of one example: [features] or [channels, height, width]
Effect = tuple[Shape, int, int]  # output shape, weights, multiply-adds of one example


class Misfit(ValueError):
    """What a layer needs instead; its name and place are added by the caller."""


def _linear(layer: Linear, shape: Shape) -> Effect:
    if len(shape) != 1:
        raise Misfit("[features]: put a flatten or a global_average_pool in front of it")
    weights = shape[0] * layer.features
    return (layer.features,), weights, weights


def _conv2d(layer: Conv2d, shape: Shape) -> Effect:
    channels, *_ = _image(shape)
    height, width = _windows(shape, layer.kernel, layer.stride, layer.padding)
    weights = channels * layer.channels * layer.kernel**2
    return (layer.channels, height, width), weights, weights * height * width


def _pool(layer: Pool, shape: Shape) -> Effect:
    channels, *_ = _image(shape)
    if 2 * layer.padding > layer.kernel:
        raise Misfit(f"a padding of at most half its kernel of {layer.kernel}, not {layer.padding}")
    return (channels, *_windows(shape, layer.kernel, layer.stride or layer.kernel, layer.padding)), 0, 0


def _image(shape: Shape) -> Shape:
    if len(shape) != 3:
        raise Misfit("[channels, height, width]: it takes images, not features, and follows no layer that flattens")
    return shape


def _windows(shape: Shape, kernel: int, stride: int, padding: int) -> Shape:
    if min(shape[1:]) + 2 * padding < kernel:
        raise Misfit(f"at least {kernel - 2 * padding}x{kernel - 2 * padding} pixels for its kernel of {kernel}")
    return tuple((size + 2 * padding - kernel) // stride + 1 for size in shape[1:])


def _same(_layer: Any, shape: Shape) -> Effect:
    return shape, 0, 0


EFFECT: dict[str, Callable[[Any, Shape], Effect]] = {
    "linear": _linear,
    "conv2d": _conv2d,
    "max_pool": _pool,
    "average_pool": _pool,
    "global_average_pool": lambda _, shape: (_image(shape)[:1], 0, 0),
    "flatten": lambda _, shape: ((prod(shape),), 0, 0),
    "batch_norm": _same,
    "dropout": _same,
    "local_response_norm": lambda _, shape: (_image(shape), 0, 0),
}
"""Of the layers that hold no others. Raises Misfit for a shape that the layer cannot take."""


def _sum(shapes: Sequence[Shape]) -> Shape:
    if len(set(shapes)) > 1:
        raise Misfit(f"a shortcut of the shape of its layers: they give {_text(shapes[0])}, it {_text(shapes[1])}")
    return shapes[0]


def _concatenation(shapes: Sequence[Shape]) -> Shape:
    if len({shape[1:] for shape in shapes}) > 1:
        raise Misfit(f"branches of one height and width: they give {', '.join(map(_text, shapes))}")
    return (sum(shape[0] for shape in shapes), *shapes[0][1:])


def _text(shape: Shape) -> str:
    return str(list(shape))


JOIN: dict[str, Callable[[Sequence[Shape]], Shape]] = {"residual": _sum, "concatenate": _concatenation}
"""The output shape of a layer that holds others, from those of its branches. Raises Misfit where they do not fit."""
