"""A network's plan: its layers in order with every shape, parameter count and multiply-add, and where BN stands."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from pydantic import ValidationError

from bn.architecture.layers import Activation, BatchNormLayer, Layer, Weighted
from bn.architecture.named import Named, Place, places
from bn.architecture.normalization import BatchNorm, Noise, Normalization
from bn.architecture.presets import EXPAND, Architecture
from bn.architecture.shapes import EFFECT, JOIN, Misfit, Shape


class ShapeError(ValueError):
    """A layer that does not fit what comes before it; `layer` is its name, `place` where its description stands."""

    def __init__(self, layer: str, place: Place, got: Shape, needs: str) -> None:
        self.layer, self.place = layer, place
        super().__init__(f"layer '{layer}' got {list(got)} and needs {needs}")


class Underivable(ValueError):
    """A preset whose options ask for a layer that there cannot be."""

    def __init__(self, error: ValidationError) -> None:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        super().__init__(f"its options ask for a {error.title} of {field} {first['input']}, which there cannot be")


@dataclass(frozen=True)
class Placed:
    """A layer at its place. Shapes and multiply-adds are of one example; what branches hold counts there, not here."""

    name: str
    layer: Layer
    normalization: Normalization | None  # the options of BN here: at this layer's nonlinearity, or as this layer
    feeds_batch_norm: bool  # whether BN directly behind takes away whatever this layer adds or multiplies by
    input: Shape
    output: Shape
    parameters: int
    multiply_adds: int
    branches: tuple[tuple["Placed", ...], ...] = ()

    @property
    def activation(self) -> Activation:
        """The nonlinearity at the end, or "none"."""
        return getattr(self.layer, "activation", "none")

    @property
    def noise(self) -> Noise | None:
        """What disturbs the output of BN here in training."""
        return None if self.normalization is None else self.normalization.noise

    @property
    def has_tap(self) -> bool:
        """Whether the input of a nonlinearity stands here to be measured."""
        return self.activation != "none"

    @property
    def has_bias(self) -> bool:
        """Whether a bias is added here: not where the description has one and BN directly behind makes it void."""
        return getattr(self.layer, "bias", False) and not self.feeds_batch_norm

    @property
    def normalizes_last(self) -> bool:
        """Whether BN stands behind the nonlinearity."""
        return isinstance(self.normalization, BatchNorm) and self.normalization.placement == "after_activation"


@dataclass(frozen=True)
class Plan:
    """A network, ready to be built or asked about."""

    input: Shape
    sequence: tuple[Placed, ...]
    """The outermost layers."""

    @cached_property
    def layers(self) -> tuple[Placed, ...]:
        """Every layer, in the order in which they give their outputs: a layer comes behind those that it holds."""
        return tuple(_unfolded(self.sequence))

    @property
    def output(self) -> Shape:
        """The shape of the network's output."""
        return self.sequence[-1].output

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


def plan(architecture: Architecture, batch_norm: BatchNorm | None, input_shape: Shape, classes: int) -> Plan:
    """Lay the described network out for inputs of `input_shape`.

    Raises ShapeError at a layer that does not fit, and Underivable.
    """
    try:
        named = EXPAND[type(architecture)](architecture, classes)
    except ValidationError as error:
        raise Underivable(error) from None
    return Plan(input_shape, _lay_out(named, input_shape, batch_norm))


def _unfolded(sequence: Iterable[Placed]) -> Iterator[Placed]:
    for placed in sequence:
        for branch in placed.branches:
            yield from _unfolded(branch)
        yield placed


def _lay_out(
    sequence: tuple[Named, ...], shape: Shape, batch_norm: BatchNorm | None, prefix: str = "", place: Place = ()
) -> tuple[Placed, ...]:
    """The layers of a sequence at their places; names within `prefix` and document within `place`."""
    laid_out: list[Placed] = []
    for index, named in enumerate(sequence):
        following = sequence[index + 1].layer if index + 1 < len(sequence) else None
        name, here = f"{prefix}{named.path}", (*place, index)
        branches = tuple(
            _lay_out(branch, shape, batch_norm, f"{name}.", (*here, *at))
            for branch, at in zip(named.branches, places(named.layer), strict=True)
        )
        try:
            laid_out.append(_placed(name, named.layer, shape, branches, batch_norm, following))
        except Misfit as misfit:
            raise ShapeError(name, here, shape, str(misfit)) from None
        shape = laid_out[-1].output
    return tuple(laid_out)


def _placed(
    name: str,
    layer: Layer,
    shape: Shape,
    branches: tuple[tuple[Placed, ...], ...],
    batch_norm: BatchNorm | None,
    following: Layer | None,
) -> Placed:
    if branches:
        outputs = [branch[-1].output if branch else shape for branch in branches]
        output, weights, multiply_adds = JOIN[layer.kind](outputs), 0, 0
    else:
        output, weights, multiply_adds = EFFECT[layer.kind](layer, shape)
    normalization = _normalization(layer, batch_norm)
    feeds = isinstance(layer, Weighted) and _feeds_batch_norm(layer, normalization, following)
    bias = output[0] if getattr(layer, "bias", False) and not feeds else 0
    affine = 2 * output[0] if normalization is not None and normalization.affine else 0
    parameters = weights + bias + affine
    return Placed(name, layer, normalization, feeds, shape, output, parameters, multiply_adds, branches)


def _normalization(layer: Layer, batch_norm: BatchNorm | None) -> Normalization | None:
    """The options of BN at a layer, where the job says `batch_norm`."""
    if isinstance(layer, BatchNormLayer):
        return layer
    if not isinstance(layer, Weighted):
        return None
    if layer.batch_norm is None:
        return batch_norm if layer.activation != "none" else None
    if layer.batch_norm == "inherit":
        return batch_norm
    return layer.batch_norm or None


def _feeds_batch_norm(layer: Weighted, here: Normalization | None, following: Layer | None) -> bool:
    linear = layer.activation == "none"
    if isinstance(here, BatchNorm):
        return not here.frozen and (linear or here.placement == "before_activation")
    return linear and isinstance(following, BatchNormLayer) and not following.frozen
