"""Layers under their names: a name is a dotted path, and the prefix of the layer in the network's state dict."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from bn.architecture.layers import Activation, Concatenate, Layer, Residual

Place = tuple[str | int, ...]  # a path in the document that describes a layer


@dataclass(frozen=True)
class Named:
    """A layer, its path within the layer that holds it, and the named layers of each of its own branches."""

    path: str
    layer: Layer
    branches: tuple[tuple["Named", ...], ...] = ()


def listed(layers: tuple[Layer, ...], prefix: str = "") -> tuple[Named, ...]:
    """Each layer under its kind and its number among those of its kind: `linear1`, `max_pool1`, `linear2`, ...

    Those inside a residual are `residual1.conv2d1` and `residual1.shortcut.conv2d1`, those inside a concatenate
    `concatenate1.branch1.conv2d1`.
    """
    seen: Counter[str] = Counter()
    named = []
    for layer in layers:
        seen[layer.kind] += 1
        branches = tuple(listed(inner, inner_prefix) for inner_prefix, _, inner in _inside(layer))
        named.append(Named(f"{prefix}{layer.kind}{seen[layer.kind]}", layer, branches))
    return tuple(named)


def places(layer: Layer) -> tuple[Place, ...]:
    """Where the document of a layer that holds others has each of its branches."""
    return tuple(place for _, place, _ in _inside(layer))


def leaves(layers: Mapping[str, Layer], prefix: str = "") -> tuple[Named, ...]:
    """A sequence of layers that hold no others, under the given names."""
    return tuple(Named(f"{prefix}{path}", layer) for path, layer in layers.items())


def residual(path: str, layers: Mapping[str, Layer], shortcut: Mapping[str, Layer], activation: Activation) -> Named:
    """A residual whose inner layers have the given names."""
    layer = Residual(layers=tuple(layers.values()), shortcut=tuple(shortcut.values()), activation=activation)
    return Named(path, layer, (leaves(layers), leaves(shortcut, "shortcut.")))


def concatenate(path: str, branches: Mapping[str, Mapping[str, Layer]]) -> Named:
    """A concatenate whose branches and inner layers have the given names."""
    layer = Concatenate(branches=tuple(tuple(branch.values()) for branch in branches.values()))
    return Named(path, layer, tuple(leaves(branch, f"{name}.") for name, branch in branches.items()))


def _inside(layer: Layer) -> tuple[tuple[str, Place, tuple[Layer, ...]], ...]:
    """Of each branch: the prefix of its layers' names, its place in the document, and its layers."""
    if isinstance(layer, Residual):
        return ("", ("layers",), layer.layers), ("shortcut.", ("shortcut",), layer.shortcut)
    if isinstance(layer, Concatenate):
        return tuple((f"branch{i + 1}.", ("branches", i), branch) for i, branch in enumerate(layer.branches))
    return ()
