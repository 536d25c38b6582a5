"""The residual networks of He et al. 2015, section 4.2, for small images."""

from typing import Annotated, Literal

from pydantic import Field, PositiveInt

from bn.architecture.document import WHOLE, Document
from bn.architecture.layers import HE, Activation, Conv2d, GlobalAveragePool, Init, Layer, Linear, NormalInit
from bn.architecture.named import Named, leaves, residual

STAGES = 3


class Resnet(Document):
    """3 stages of residual blocks of two 3x3 convolutions, 6n+2 layers deep (He et al. 2015, section 4.2).

    A block that halves the map has a 1x1 convolution as its shortcut (their option B). With batch normalization each
    convolution is normalized, as in the paper, and the sums are not.
    """

    preset: Literal["resnet"] = "resnet"
    depth: Annotated[Literal[20, 32, 44, 56], WHOLE] = 20
    channels: Annotated[PositiveInt, Field(le=1024), WHOLE] = 16
    """Of the first stage; each later one has twice as many."""
    activation: Activation = "relu"
    init: Init = HE


def resnet_layers(options: Resnet, classes: int) -> tuple[Named, ...]:
    """`conv1`, then `stage1.0.conv1`, `stage1.0.conv2`, `stage1.0`, ..., `global_average_pool`, `output`."""
    blocks = tuple(
        _block(f"stage{stage + 1}.{i}", options, options.channels << stage, halves=stage > 0 and i == 0)
        for stage in range(STAGES)
        for i in range((options.depth - 2) // (2 * STAGES))
    )
    head: dict[str, Layer] = {
        "global_average_pool": GlobalAveragePool(),
        "output": Linear(features=classes, init=NormalInit(std=0.01)),
    }
    first = _convolution(options, options.channels, activation=options.activation)
    return (*leaves({"conv1": first}), *blocks, *leaves(head))


def _block(path: str, options: Resnet, channels: int, *, halves: bool) -> Named:
    stride = 2 if halves else 1
    layers: dict[str, Layer] = {
        "conv1": _convolution(options, channels, stride=stride, activation=options.activation),
        "conv2": _convolution(options, channels),
    }
    shortcut: dict[str, Layer] = {"conv": _convolution(options, channels, kernel=1, stride=stride)} if halves else {}
    return residual(path, layers, shortcut, options.activation)


def _convolution(
    options: Resnet, channels: int, *, kernel: int = 3, stride: int = 1, activation: Activation = "none"
) -> Conv2d:
    return Conv2d(
        channels=channels,
        kernel=kernel,
        stride=stride,
        padding=kernel // 2,
        activation=activation,
        init=options.init,
        batch_norm="inherit",
    )
