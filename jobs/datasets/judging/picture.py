"""One untrusted picture as an array: a child decodes it, of which nothing is believed but the form that was asked."""

import tempfile
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.formats import npy
from jobs.datasets.judging.answer import Nonsense, answer_in, check_array
from jobs.datasets.judging.limits import MIB, Bounds
from jobs.datasets.judging.outputs import ANSWER, PICTURE
from jobs.datasets.judging.sandbox import check_end, failed, program, run
from jobs.errors import DatasetRefused

BOUNDS = Bounds(anonymous=512 * MIB, processor=20, seconds=60.0)


def decoded(file: Path, shape: tuple[int, ...], folder: Path, bounds: Bounds = BOUNDS) -> NDArray[np.uint8]:
    """The picture [C, H, W] that a file has, grey where C is 1, else RGB; the folder is for what is made of it.

    Raises DatasetRefused where it is none, where it has another size, and where the child does not end as it should,
    and DataFolderUnusable for a full disk.
    """
    with tempfile.TemporaryDirectory(prefix="picture-", dir=folder) as made:
        private = Path(made)
        ended = run(program("picture_child", shape, asdict(bounds)), file, private, bounds)
        check_end(ended, folder, bounds)
        try:
            if (private / ANSWER).exists():
                raise DatasetRefused(answer_in(private).faults)
            check_array(private / PICTURE, "uint8", shape)
        except Nonsense as error:
            raise failed(ended, str(error)) from None
        return npy.decode(memoryview((private / PICTURE).read_bytes()))
