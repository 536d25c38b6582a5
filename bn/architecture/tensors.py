"""The tensors that a network learns and moves, by name and shape, without building it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase

from bn.architecture.layers import Conv2d, Linear, Weighted
from bn.architecture.plan import Placed, Plan
from bn.architecture.shapes import Shape


def tensor_shapes(plan: Plan) -> dict[str, Shape]:
    """The shape of each parameter and buffer, by its name in the network's state dict."""
    return {name: shape for placed in plan.layers for name, shape in _shapes(placed)}


def layer_of(tensor: str) -> str:
    """The name of the layer that a tensor belongs to.

    >>> layer_of("residual1.conv2d1.batch_norm.weight")
    'residual1.conv2d1'
    """
    return tensor.rsplit(".", 2)[0]


def layers_like(patterns: Sequence[str], plan: Plan) -> frozenset[str]:
    """The names of the layers that one of these patterns matches, of those that have tensors."""
    return frozenset(name for name in map(layer_of, tensor_shapes(plan)) if is_like(patterns, name))


def weighted_like(pattern: str, plan: Plan) -> tuple[str, ...]:
    """The names of the linear layers and convolutions that a pattern matches, in the order of the network."""
    weighted = (placed.name for placed in plan.layers if isinstance(placed.layer, Weighted))
    return tuple(name for name in weighted if is_like((pattern,), name))


def rate_factors(by_pattern: Mapping[str, float], plan: Plan) -> dict[str, float]:
    """By the name of each layer that one of these patterns matches, what its rate is multiplied by."""
    return {name: factor for pattern, factor in by_pattern.items() for name in weighted_like(pattern, plan)}


def is_like(patterns: Sequence[str], layer: str) -> bool:
    """Whether one of these patterns matches the name of a layer.

    >>> is_like(["conv*", "linear1"], "conv2d2"), is_like(["conv*", "linear1"], "linear2")
    (True, False)
    """
    return any(fnmatchcase(layer, pattern) for pattern in patterns)


def with_frozen(plan: Plan, layers: frozenset[str]) -> Plan:
    """The same network, in which batch normalization at these layers normalizes by its running statistics."""
    return replace(plan, sequence=tuple(_with_frozen(placed, layers) for placed in plan.sequence))


def _with_frozen(placed: Placed, layers: frozenset[str]) -> Placed:
    options = placed.normalization
    if options is not None and placed.name in layers:
        options = options.model_copy(update={"frozen": True})
    branches = tuple(tuple(_with_frozen(inner, layers) for inner in branch) for branch in placed.branches)
    return replace(placed, normalization=options, branches=branches)


def _shapes(placed: Placed) -> list[tuple[str, Shape]]:
    layer, found = placed.layer, list[tuple[str, Shape]]()
    if isinstance(layer, Linear):
        found.append(("transform.weight", (layer.features, *placed.input)))
    elif isinstance(layer, Conv2d):
        found.append(("transform.weight", (layer.channels, placed.input[0], layer.kernel, layer.kernel)))
    if placed.has_bias:
        found.append(("transform.bias", (placed.output[0],)))
    if placed.normalization is not None:
        channels = (placed.output[0],)
        learned = ("weight", "bias") if placed.normalization.affine else ()
        found += [(f"batch_norm.{name}", channels) for name in (*learned, "running_mean", "running_var")]
        found.append(("batch_norm.num_batches_tracked", ()))
    return [(f"{placed.name}.{name}", shape) for name, shape in found]
