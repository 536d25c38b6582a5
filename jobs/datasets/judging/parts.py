"""What every format is read as: a training part and perhaps a test part, whose examples come in blocks."""

import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.judging.faults import Faults
from jobs.datasets.judging.found import ITEM_SIZES, Dtype, Format
from jobs.datasets.judging.limits import BLOCK
from jobs.datasets.judging.options import Options

Block = NDArray[Any]
"""Examples [n, *shape], of uint8 or float32."""
Labels = NDArray[np.int64]

Blocks = Callable[[], Iterator[Block]]
"""Reads all examples in their order, from the beginning each time it is called."""

SPLITS = {
    "train": "train",
    "training": "train",
    "test": "test",
    "testing": "test",
    "t10k": "test",
    "val": "val",
    "valid": "val",
    "validation": "val",
}
"""Which part files and folders of that name belong to."""


@dataclass(frozen=True, eq=False)
class Part:
    """Labeled examples that can be read as often as one likes."""

    labels: Labels
    """[N], from 0 to the number of classes."""
    blocks: Blocks
    """Of all N examples, unless there are faults; a block is valid until the next."""


@dataclass(frozen=True, eq=False)
class Parts:
    """A file's content, as far as it is known without its examples having been decoded."""

    source_format: Format
    shape: tuple[int, ...]
    """Of one example: [C, H, W] or [F]."""
    dtype: Dtype
    classes: tuple[str, ...]
    train: Part
    test: Part | None
    warnings: tuple[str, ...]

    @property
    def num_examples(self) -> int:
        """Of both parts."""
        return len(self.train.labels) + (0 if self.test is None else len(self.test.labels))

    @property
    def num_bytes(self) -> int:
        """What all the examples take decoded."""
        return self.num_examples * prod(self.shape) * ITEM_SIZES[self.dtype]


@dataclass(frozen=True)
class Upload:
    """What a format's reader is given."""

    file: BinaryIO
    """Seekable, and of unknown content."""
    options: Options
    faults: Faults
    """Where it adds what is wrong."""
    folder: Path
    """Where what is decoded is written, and what must be unpacked to be read."""
    opened: ExitStack
    """What is to be closed once the file is judged."""


def split_of(name: str) -> str | None:
    """Which part a file belongs to by a word of its name.

    >>> split_of("data/train-00000-of-00001.parquet"), split_of("t10k-labels-idx1-ubyte.gz"), split_of("cats.parquet")
    ('train', 'test', None)
    """
    words = re.split(r"[-_.]", name.rpartition("/")[2].lower())
    return next((SPLITS[word] for word in words if word in SPLITS), None)


def joined(parts: list[Part]) -> Part:
    """One part of several, one after the other."""

    def blocks() -> Iterator[Block]:
        for part in parts:
            yield from part.blocks()

    return Part(np.concatenate([part.labels for part in parts]), blocks)


def num_per_block(shape: tuple[int, ...], item_size: int = 1) -> int:
    """How many examples to decode at a time."""
    return max(1, BLOCK // (prod(shape) * item_size))
