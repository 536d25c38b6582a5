"""Labeled pictures in files of their own, in folders or in a table: what form they share, and their pixels."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from jobs.datasets.judging.faults import Faults
from jobs.datasets.judging.limits import MAX_SIDE
from jobs.datasets.judging.parts import Block, num_per_block
from jobs.datasets.judging.pictures import Header, header, pixels
from jobs.datasets.judging.streams import Unreadable

T = TypeVar("T")


@dataclass(frozen=True)
class Picture:
    """A picture's file, and what a fault calls it by: a member of an archive, or the subject of its message."""

    member: str | None
    subject: str
    content: bytes | Unreadable
    """Or why it cannot be had."""


Gallery = Callable[[], Iterator[Picture]]
"""Reads pictures in their order, from the first each time it is called."""


def form_of(
    galleries: Sequence[Gallery], size: int | None, faults: Faults
) -> tuple[tuple[int, int, int], tuple[str, ...]]:
    """The shape [C, H, W] that all pictures are to have, and warnings of what it changes in some.

    Raises DatasetRefused if some cannot be read, or have different sizes without `size`.
    """
    headers: Counter[Header] = Counter()
    for gallery in galleries:
        for picture in gallery():
            try:
                headers[header(_content(picture))] += 1
            except Unreadable as error:
                faults.add(picture.member, f"{picture.subject}{error}")
    if not headers and not faults.number:
        faults.add(None, "there is no picture")
    sizes = _counted(headers, lambda each: (each.height, each.width))
    if size is None and len(sizes) > 1:
        told = ", ".join(f"{width} x {height} ({number:,})" for (height, width), number in sizes.most_common(3))
        more = f" and {len(sizes) - 3} more sizes" if len(sizes) > 3 else ""
        faults.add(None, f"the images have different sizes: {told}{more}: say size= to scale them all to one")
    largest = max((side for sides in sizes for side in sides), default=0)
    if size is None and largest > MAX_SIDE:
        faults.add(None, f"an image has a side of {largest:,} pixels: at most {MAX_SIDE:,} are kept: say size=")
    faults.check()
    channels = _counted(headers, lambda each: each.channels)
    alpha = _counted(headers, lambda each: each.has_alpha)[True]
    warnings = []
    if len(channels) > 1:
        warnings.append(f"{channels[1]:,} grey images among {channels[3]:,} coloured ones become RGB")
    if alpha:
        warnings.append(f"{alpha:,} images have an alpha channel or a transparent colour, which is left out")
    ((height, width),) = [(size, size)] if size is not None else sizes
    return (max(channels), height, width), tuple(warnings)


def decoded(gallery: Gallery, shape: tuple[int, int, int], size: int | None, faults: Faults) -> Iterator[Block]:
    """The pictures' pixels in blocks [n, *shape], each until the next; what cannot be decoded is a fault, and black."""
    block = np.zeros((num_per_block(shape), *shape), np.uint8)
    filled = 0
    for picture in gallery():
        try:
            block[filled] = pixels(_content(picture), shape[0], size)
        except Unreadable as error:
            faults.add(picture.member, f"{picture.subject}{error}")
            block[filled] = 0
        filled += 1
        if filled == len(block):
            yield block
            filled = 0
    if filled:
        yield block[:filled]


def _content(picture: Picture) -> bytes:
    if isinstance(picture.content, Unreadable):
        raise picture.content
    return picture.content


def _counted(headers: Counter[Header], of: Callable[[Header], T]) -> Counter[T]:
    counted: Counter[T] = Counter()
    for each, number in headers.items():
        counted[of(each)] += number
    return counted
