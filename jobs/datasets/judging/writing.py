"""Writes a dataset decoded: .npy files, each from its beginning to its end while the examples go by."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.judging import npy
from jobs.datasets.judging.faults import Faults
from jobs.datasets.judging.moments import Moments
from jobs.datasets.judging.outputs import EXAMPLES, LABELS
from jobs.datasets.judging.parts import Block, Labels, Parts
from jobs.datasets.judging.sheet import Sheet

Mask = NDArray[np.bool_]


def write(parts: Parts, labels: dict[str, Labels], held_out: Mask, folder: Path, faults: Faults) -> Moments:
    """Write both parts, and of images a sheet. Returns the moments of the training examples.

    labels: of the training and the test part; held_out: which of the file's training examples [N] belong to the test
    part. Raises DatasetRefused for faults that show only now. Not through a map: a full disk would end the process.
    """
    moments = Moments(parts.shape[0])
    sheet = Sheet(parts.shape, len(parts.classes)) if parts.dtype == "uint8" else None
    with ExitStack() as opened:
        files = {split: opened.enter_context((folder / name).open("xb")) for split, name in EXAMPLES.items()}
        for split, numbers in labels.items():
            npy.write_header(files[split], parts.dtype, (len(numbers), *parts.shape))
            with (folder / LABELS[split]).open("xb") as file:
                npy.write_header(file, "int64", numbers.shape)
                file.write(numbers.data)
        for split, block, of_block in _examples(parts, held_out, faults):
            files[split].write(np.ascontiguousarray(block).data)
            if split == "train":
                moments.add(block)
                if sheet is not None:
                    sheet.add(block, of_block)
    faults.check()
    if sheet is not None:
        sheet.save(folder)
    return moments


def _examples(parts: Parts, held_out: Mask, faults: Faults) -> Iterator[tuple[str, Block, Labels]]:
    """Pieces of the parts with their labels; examples that are more or fewer than the labels are a fault."""
    for split, part, mask in (("train", parts.train, held_out), ("test", parts.test, None)):
        if part is None:
            continue
        place = 0
        for block in part.blocks():
            stretch = slice(place, place + len(block))
            labels = part.labels[stretch]
            whole = block[: len(labels)]
            if mask is None:
                yield split, whole, labels
            else:
                yield "train", whole[~mask[stretch]], labels[~mask[stretch]]
                yield "test", whole[mask[stretch]], labels[mask[stretch]]
            place += len(block)
        if place != len(part.labels) and not faults.number:
            faults.add(None, f"there are {place:,} examples to {len(part.labels):,} labels in the {split} part")
