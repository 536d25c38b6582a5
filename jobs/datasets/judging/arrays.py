"""A dataset that comes as arrays of examples and of labels, whichever format holds the arrays."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.judging.classes import numbered, whole
from jobs.datasets.judging.faults import Faults
from jobs.datasets.judging.found import Format
from jobs.datasets.judging.layout import Layout, layout_of
from jobs.datasets.judging.limits import MAX_EXAMPLES
from jobs.datasets.judging.numbers import features
from jobs.datasets.judging.parts import Block, Blocks, Labels, Part, Parts, Upload, joined, num_per_block
from jobs.datasets.judging.pictures import scaled
from jobs.datasets.judging.streams import Unreadable

Place = tuple[str, str]
"""The part that an array belongs to, and what of it the array holds: `examples` or `labels`."""
JOINED = "the validation part of the file is joined to its training part"


@dataclass(frozen=True, eq=False)
class Array:
    """An array of which no more than its header has been read."""

    member: str
    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    blocks: Callable[[], Iterator[NDArray[Any]]]
    """All of it along its first dimension. Raises Unreadable."""


def add_array(arrays: dict[Place, Array], place: Place, array: Array, faults: Faults) -> None:
    """Put an array into its place; two arrays for one place, and too many examples, are faults."""
    if place in arrays:
        faults.add(array.member, f"is there beside {arrays[place].member}: leave one of them out")
    if array.shape[0] > MAX_EXAMPLES:
        faults.add(array.member, f"has {array.shape[0]:,} examples: at most {MAX_EXAMPLES:,} are read")
    arrays[place] = array


def parts_of(source_format: Format, arrays: Mapping[Place, Array], wanted: str, upload: Upload) -> Parts:
    """The parts that arrays make up; `wanted` names the arrays that the format wants. Raises DatasetRefused."""
    faults = upload.faults
    splits = [
        split for split in ("train", "val", "test") if split == "train" or any(split == each for each, _ in arrays)
    ]
    for split in splits:
        for what in ("examples", "labels"):
            if (split, what) not in arrays:
                faults.add(None, f"there are no {what} of the part '{split}': what is read are {wanted}")
    faults.check()
    layouts = {split: _layout(arrays[split, "examples"], faults) for split in splits}
    labels = {split: _labels(arrays[split, "labels"], faults) for split in splits}
    faults.check()
    first = layouts["train"]
    for split in splits:
        _check_agreement(arrays[split, "examples"], layouts[split], first, len(labels[split]), faults)
    classes = numbered([(arrays[split, "labels"].member, labels[split]) for split in splits], faults)
    faults.check()
    parts = {split: Part(labels[split], _blocks(arrays[split, "examples"], layouts[split], upload)) for split in splits}
    warnings = [*({layout.warning for layout in layouts.values() if layout.warning}), *([JOINED] * ("val" in parts))]
    train = joined([parts[split] for split in ("train", "val") if split in parts])
    size = upload.options.size
    shape = first.shape if size is None or first.dtype == "float32" else (first.shape[0], size, size)
    return Parts(source_format, shape, first.dtype, classes, train, parts.get("test"), tuple(warnings))


def _layout(array: Array, faults: Faults) -> Layout:
    try:
        return layout_of(array.dtype, array.shape)
    except Unreadable as error:
        faults.add(array.member, str(error))
        return Layout((), "uint8", lambda block: block)


def _labels(array: Array, faults: Faults) -> Labels:
    if array.shape[1:] not in ((), (1,)):
        told = "[N] whole numbers, such as x.argmax(axis=1) of one-hot rows"
        faults.add(array.member, f"has shape {list(array.shape)}: labels are {told}")
        return np.zeros(0, np.int64)
    try:
        values = np.concatenate(list(array.blocks()))
    except Unreadable as error:
        faults.add(array.member, str(error))
        return np.zeros(0, np.int64)
    return whole(array.member, values.reshape(-1), faults)


def _check_agreement(array: Array, layout: Layout, first: Layout, num_labels: int, faults: Faults) -> None:
    if (layout.shape, layout.dtype) != (first.shape, first.dtype):
        form, wanted = (f"{each.dtype} {list(each.shape)}" for each in (layout, first))
        faults.add(array.member, f"has examples of {form}, and the training part of {wanted}")
    if array.shape[0] != num_labels:
        faults.add(array.member, f"has {array.shape[0]:,} examples, and there are {num_labels:,} labels")


def _blocks(array: Array, layout: Layout, upload: Upload) -> Blocks:
    def blocks() -> Iterator[Block]:
        start = 0
        try:
            for block in array.blocks():
                arranged = layout.arranged(block)
                if layout.dtype == "float32":
                    yield _features(arranged, array.member, start, upload.faults)
                elif upload.options.size is None:
                    yield arranged
                else:
                    yield from _scaled(arranged, upload.options.size)
                start += len(block)
        except Unreadable as error:
            upload.faults.add(array.member, str(error))

    return blocks


def _features(block: Block, member: str, start: int, faults: Faults) -> Block:
    return features(member, block, lambda row, column: f"example {start + row:,}, feature {column}", faults)


def _scaled(block: Block, size: int) -> Iterator[Block]:
    """Images [n, C, H, W] as [m, C, size, size], so many at a time as are so large."""
    number = num_per_block((block.shape[1], size, size))
    for start in range(0, len(block), number):
        yield np.stack([scaled(image, size) for image in block[start : start + number]])
