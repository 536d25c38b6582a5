"""How an array's dimensions are read: as images of 1 or 3 channels, or as features."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.judging.found import CHANNELS, Dtype
from jobs.datasets.judging.limits import MAX_FEATURES, MAX_SIDE
from jobs.datasets.judging.streams import Unreadable


@dataclass(frozen=True, eq=False)
class Layout:
    """What examples of an array are, and how a block of it becomes one of them [n, *shape]."""

    shape: tuple[int, ...]
    dtype: Dtype
    arranged: Callable[[NDArray[Any]], NDArray[Any]]
    warning: str | None = None


def layout_of(dtype: np.dtype[Any], shape: tuple[int, ...]) -> Layout:
    """The layout of an array [N, ...]. Raises Unreadable, with what to save instead."""
    if len(shape) == 1:
        raise Unreadable(
            f"has shape {list(shape)}: images are [N, H, W], [N, H, W, C] or [N, C, H, W], features [N, F]"
        )
    if len(shape) == 2:
        return _features(dtype, shape[1])
    if dtype != np.uint8:
        scale = "(255 * x).round().astype('uint8') where x is from 0 to 1" if dtype.kind == "f" else "x.astype('uint8')"
        raise Unreadable(f"has images of {dtype}: save them as uint8 from 0 to 255, by {scale}")
    if max(shape[1:]) > MAX_SIDE:
        raise Unreadable(f"has shape {list(shape)}: images have at most {MAX_SIDE} pixels a side")
    if len(shape) == 3:
        return Layout((1, *shape[1:]), "uint8", lambda block: block[:, np.newaxis])
    return _channels(shape)


def _features(dtype: np.dtype[Any], number: int) -> Layout:
    if number > MAX_FEATURES:
        raise Unreadable(f"has {number:,} features: at most {MAX_FEATURES:,} are read")
    flat = (
        f"[N, {number}] of uint8 is read as {number} features: save images as [N, H, W]" if dtype == np.uint8 else None
    )
    return Layout((number,), "float32", lambda block: block, flat)


def _channels(shape: tuple[int, ...]) -> Layout:
    first, last = shape[1] in CHANNELS, shape[3] in CHANNELS
    if first:
        warning = f"{list(shape)} could be [N, C, H, W] or [N, H, W, C]: it is read as [N, C, H, W]" if last else None
        return Layout(shape[1:], "uint8", lambda block: block, warning)
    if last:
        return Layout((shape[3], *shape[1:3]), "uint8", lambda block: block.transpose(0, 3, 1, 2))
    raise Unreadable(f"has shape {list(shape)}: images have 1 or 3 channels, first or last")
