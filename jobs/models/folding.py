"""Batch normalization folded away, in numpy: a model without it that gives what the network gives in inference."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bn.architecture.layers import BatchNormLayer, Weighted
from bn.architecture.plan import Placed
from jobs.models.model import Model

Tensors = dict[str, NDArray[Any]]


def folded(model: Model) -> Model:
    """The same network, whose every batch normalization is a part of the linear layer or convolution in front of it.

    W' = W * scale and b' = b * scale + shift, with scale = weight / sqrt(running_var + epsilon) and
    shift = bias - running_mean * scale, in float64. One that has nothing to fold into is left as `batch_norm.scale` and
    `batch_norm.shift`, by which and to which each channel is multiplied and added.
    """
    tensors: Tensors = {name: value for name, value in model.tensors.items() if ".batch_norm." not in name}
    sequences = (model.plan.sequence, *(branch for placed in model.plan.layers for branch in placed.branches))
    for placed, into in (each for sequence in sequences for each in _normalizations(sequence)):
        scale, shift = _affine(placed, model.tensors)
        if into is None:
            tensors |= {f"{placed.name}.batch_norm.scale": scale, f"{placed.name}.batch_norm.shift": shift}
            continue
        weight, bias = f"{into.name}.transform.weight", f"{into.name}.transform.bias"
        along = (-1, *(1,) * (tensors[weight].ndim - 1))
        tensors[weight] = tensors[weight] * scale.reshape(along)
        tensors[bias] = tensors.get(bias, 0.0) * scale + shift
    return replace(model, tensors={name: np.asarray(value, np.float32) for name, value in sorted(tensors.items())})


def _normalizations(sequence: tuple[Placed, ...]) -> Iterator[tuple[Placed, Placed | None]]:
    """Each layer with batch normalization, in order, and the layer whose weights that can be folded into."""
    for before, placed in zip((None, *sequence), sequence, strict=False):
        if placed.normalization is None:
            continue
        if isinstance(placed.layer, Weighted):
            yield placed, placed if placed.activation == "none" or not placed.normalizes_last else None
        else:
            assert isinstance(placed.layer, BatchNormLayer)
            directly = before is not None and isinstance(before.layer, Weighted) and before.activation == "none"
            yield placed, before if directly else None


def _affine(placed: Placed, tensors: Mapping[str, NDArray[Any]]) -> tuple[NDArray[Any], NDArray[Any]]:
    """The fixed map that a layer's batch normalization is in inference, in float64: scale [C] and shift [C]."""
    assert placed.normalization is not None
    of = {key: tensors.get(f"{placed.name}.batch_norm.{key}") for key in BATCH_NORM}
    mean, variance, weight, bias = (None if each is None else each.astype(np.float64) for each in of.values())
    assert mean is not None
    assert variance is not None
    scale = (1.0 if weight is None else weight) / np.sqrt(variance + placed.normalization.epsilon)
    return scale, (0.0 if bias is None else bias) - mean * scale


BATCH_NORM = ("running_mean", "running_var", "weight", "bias")
"""What a batch normalization's tensors are called; it has the last two where it is affine."""
