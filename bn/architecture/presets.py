"""The networks that have a name, each as options and the layers that follow from them."""

from collections.abc import Callable
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, Tag

from bn.architecture.document import Count, Document
from bn.architecture.inception import BnInception, bn_inception_layers
from bn.architecture.layers import HE, Activation, Conv2d, Flatten, Init, Layer, Linear, NormalInit, Pool
from bn.architecture.named import Named, leaves, listed
from bn.architecture.resnet import Resnet, resnet_layers


# Tuples say strict=False: behind `_spell_out` pydantic meets Python's lists, where strictness would want tuples.
class Mlp(Document):
    """Fully connected; by default the network of Ioffe and Szegedy 2015, section 4.1 (the weights' sd is ours)."""

    preset: Literal["mlp"] = "mlp"
    hidden: Annotated[tuple[Count, ...], Field(max_length=256, strict=False)] = (100, 100, 100)
    activation: Activation = "sigmoid"
    init: Init = NormalInit(std=0.1)


class Convnet(Document):
    """Convolutions of 3x3, each followed by a 2x2 max-pool, then fully connected layers."""

    preset: Literal["convnet"] = "convnet"
    channels: Annotated[tuple[Count, ...], Field(max_length=64, strict=False)] = (16, 32)
    hidden: Annotated[tuple[Count, ...], Field(max_length=64, strict=False)] = (64,)
    activation: Activation = "relu"
    init: Init = HE


class Layers(Document):
    """A network given layer by layer; the last one must give a value for each class."""

    layers: Annotated[tuple[Layer, ...], Field(min_length=1, max_length=1000, strict=False)]


def mlp_layers(options: Mlp, classes: int) -> tuple[Named, ...]:
    """`flatten`, `hidden1`, `hidden2`, ..., `output`."""
    dense = _dense(options.hidden, options.activation, options.init, classes)
    return leaves({"flatten": Flatten(), **dense})


def convnet_layers(options: Convnet, classes: int) -> tuple[Named, ...]:
    """`conv1`, `pool1`, ..., `flatten`, `hidden1`, ..., `output`."""
    convolutions: dict[str, Layer] = {}
    for i, channels in enumerate(options.channels, 1):
        convolution = Conv2d(channels=channels, padding=1, activation=options.activation, init=options.init)
        convolutions |= {f"conv{i}": convolution, f"pool{i}": Pool(kind="max_pool")}
    dense = _dense(options.hidden, options.activation, options.init, classes)
    return leaves({**convolutions, "flatten": Flatten(), **dense})


def _dense(hidden: tuple[int, ...], activation: Activation, init: Init, classes: int) -> dict[str, Layer]:
    layers = (Linear(features=features, activation=activation, init=init) for features in hidden)
    return {**{f"hidden{i}": layer for i, layer in enumerate(layers, 1)}, "output": Linear(features=classes, init=init)}


EXPAND: dict[type[Document], Callable[[Any, int], tuple[Named, ...]]] = {
    Mlp: mlp_layers,
    Convnet: convnet_layers,
    Resnet: resnet_layers,
    BnInception: bn_inception_layers,
    Layers: lambda options, _: listed(options.layers),
}
"""How a description becomes layers; each takes the number of classes too."""

PRESETS: dict[str, type[Mlp | Convnet | Resnet | BnInception]] = {
    "mlp": Mlp,
    "convnet": Convnet,
    "resnet": Resnet,
    "bn_inception": BnInception,
}


def tag_of(value: Any) -> str | None:
    """Which kind of description this is: a preset's name, `layers`, or None where it is neither."""
    fields = value if isinstance(value, dict) else vars(value) if isinstance(value, Document) else {}
    if "layers" in fields:
        return "layers"
    preset = fields.get("preset")
    return preset if isinstance(preset, str) and preset in PRESETS else None


def _spell_out(value: Any) -> Any:
    if isinstance(value, dict) and "preset" in value and "layers" in value:
        raise ValueError("give a preset or layers, not both")
    return {"preset": value} if isinstance(value, str) else value


Architecture = Annotated[
    Annotated[Mlp, Tag("mlp")]
    | Annotated[Convnet, Tag("convnet")]
    | Annotated[Resnet, Tag("resnet")]
    | Annotated[BnInception, Tag("bn_inception")]
    | Annotated[Layers, Tag("layers")],
    Discriminator(
        tag_of,
        custom_error_type="unknown_architecture",
        custom_error_message=f"unknown architecture: give a preset's name ({', '.join(PRESETS)}), "
        'an object {"preset": name, ...options}, or {"layers": [...]}',
    ),
    BeforeValidator(
        _spell_out,
        json_schema_input_type=Literal["mlp", "convnet", "resnet", "bn_inception"]
        | Mlp
        | Convnet
        | Resnet
        | BnInception
        | Layers,
    ),
]
