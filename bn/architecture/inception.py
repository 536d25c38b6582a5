"""BN-Inception: the network of Ioffe and Szegedy 2015, section 4.2 and figure 5."""

from dataclasses import dataclass, replace
from typing import Annotated, Literal

from pydantic import Field, FiniteFloat

from bn.architecture.document import Document
from bn.architecture.layers import (
    HE,
    Activation,
    Conv2d,
    Dropout,
    GlobalAveragePool,
    Init,
    Layer,
    Linear,
    LocalResponseNorm,
    NormalInit,
    Pool,
    Rate,
)
from bn.architecture.named import Named, concatenate, leaves


class BnInception(Document):
    """The Inception of Ioffe and Szegedy 2015, for images of any size; what makes it BN-Inception is `batch_norm`.

    As its table is printed, modules 4c and 4d give 608 channels, where its column of output sizes says 576. The public
    ports that carry pretrained weights have 608, which is 11.29 million parameters for ImageNet; the paper says 13.6,
    which neither gives. Convolutions and pools are padded so that a map is halved whatever its size. The weights' scale
    is ours.
    """

    preset: Literal["bn_inception"] = "bn_inception"
    width: Annotated[FiniteFloat, Field(gt=0, le=4)] = 1.0
    """Every number of channels is multiplied by this, and rounded."""
    activation: Activation = "relu"
    dropout: Rate = 0.0
    """In front of the output; 0: none, as with batch normalization in the paper."""
    local_response_norm: bool = False
    """Behind the first pool and in front of the second, as in the network without batch normalization."""
    wide_4cd: bool = True
    """Projections of 128 in 4c and 4d, as printed: 608 channels; false: of 96, which gives the 576 that are stated."""
    init: Init = HE


@dataclass(frozen=True)
class Module:
    """One row of the table: channels of each convolution, 0 where there is none, and what the pool branch does."""

    one: int
    three_reduce: int
    three: int
    twice_three_reduce: int
    twice_three: int
    pool: Literal["average_pool", "max_pool"]
    projection: int  # 0: the pool passes on what it gives, and the module halves the map


MODULES: dict[str, Module] = {
    "inception3a": Module(64, 64, 64, 64, 96, "average_pool", 32),
    "inception3b": Module(64, 64, 96, 64, 96, "average_pool", 64),
    "inception3c": Module(0, 128, 160, 64, 96, "max_pool", 0),
    "inception4a": Module(224, 64, 96, 96, 128, "average_pool", 128),
    "inception4b": Module(192, 96, 128, 96, 128, "average_pool", 128),
    "inception4c": Module(160, 128, 160, 128, 160, "average_pool", 128),
    "inception4d": Module(96, 128, 192, 160, 192, "average_pool", 128),
    "inception4e": Module(0, 128, 192, 192, 256, "max_pool", 0),
    "inception5a": Module(352, 192, 320, 160, 224, "average_pool", 128),
    "inception5b": Module(352, 192, 320, 192, 224, "max_pool", 128),
}

NARROW = {name: replace(MODULES[name], projection=96) for name in ("inception4c", "inception4d")}
"""Those that differ where the channels are to be the 576 that are stated."""


def bn_inception_layers(options: BnInception, classes: int) -> tuple[Named, ...]:
    """`conv1`, `pool1`, `conv2_reduce`, `conv2`, `pool2`, `inception3a.three.conv`, ..., `output`."""
    normalized: dict[str, Layer] = {"local_response_norm": LocalResponseNorm()} if options.local_response_norm else {}
    stem: dict[str, Layer] = {
        "conv1": _convolution(options, 64, kernel=7, stride=2),
        "pool1": _pool("max_pool", stride=2),
        **{f"{name}1": layer for name, layer in normalized.items()},
        "conv2_reduce": _convolution(options, 64, kernel=1),
        "conv2": _convolution(options, 192),
        **{f"{name}2": layer for name, layer in normalized.items()},
        "pool2": _pool("max_pool", stride=2),
    }
    head: dict[str, Layer] = {
        "global_average_pool": GlobalAveragePool(),
        **({"dropout": Dropout(rate=options.dropout)} if options.dropout else {}),
        "output": Linear(features=classes, init=NormalInit(std=0.01)),
    }
    table = MODULES if options.wide_4cd else MODULES | NARROW
    modules = tuple(_module(path, options, module) for path, module in table.items())
    return (*leaves(stem), *modules, *leaves(head))


def _module(path: str, options: BnInception, module: Module) -> Named:
    stride = 1 if module.projection else 2
    branches: dict[str, dict[str, Layer]] = {
        "one": {"conv": _convolution(options, module.one, kernel=1)} if module.one else {},
        "three": {
            "reduce": _convolution(options, module.three_reduce, kernel=1),
            "conv": _convolution(options, module.three, stride=stride),
        },
        "twice_three": {
            "reduce": _convolution(options, module.twice_three_reduce, kernel=1),
            "conv1": _convolution(options, module.twice_three),
            "conv2": _convolution(options, module.twice_three, stride=stride),
        },
        "pool": {
            "pool": _pool(module.pool, stride=stride),
            **({"projection": _convolution(options, module.projection, kernel=1)} if module.projection else {}),
        },
    }
    return concatenate(path, {name: layers for name, layers in branches.items() if layers})


def _convolution(options: BnInception, channels: int, *, kernel: int = 3, stride: int = 1) -> Conv2d:
    return Conv2d(
        channels=max(1, round(channels * options.width)),
        kernel=kernel,
        stride=stride,
        padding=kernel // 2,
        activation=options.activation,
        init=options.init,
    )


def _pool(kind: Literal["average_pool", "max_pool"], stride: int) -> Pool:
    return Pool(kind=kind, kernel=3, stride=stride, padding=1)
