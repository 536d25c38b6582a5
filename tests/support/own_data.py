"""Datasets as people upload them, small ones, and as a server has them that has judged them."""

import hashlib
import time
from pathlib import Path
from typing import Any

import numpy as np

from jobs.datasets import kept
from jobs.datasets.judging.found import Found
from jobs.datasets.judging.options import Options
from jobs.datasets.kept import Source, Uploaded
from jobs.lifecycle import datasets
from jobs.lifecycle.job import new_id
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from jobs.storage.uploads import upload
from tests.support import uploads

NUMBER = 20


def arrays_of_images(seed: int = 0) -> dict[str, Any]:
    """Twenty grey images of 8 x 8 to train on, ten to test, in two classes."""
    return {
        "x_train": uploads.noise(NUMBER, 8, 8, seed=seed),
        "y_train": uploads.labels(NUMBER),
        "x_test": uploads.noise(NUMBER // 2, 8, 8, seed=seed + 1),
        "y_test": uploads.labels(NUMBER // 2),
    }


def npz(seed: int = 0, **changed: Any) -> bytes:
    """The same as numpy writes them, but for what is changed; None: left out."""
    arrays = arrays_of_images(seed) | changed
    return uploads.npz(**{name: array for name, array in arrays.items() if array is not None})


def put(
    database: Database,
    objects: Objects,
    name: str = "own",
    seed: int = 0,
    classes: tuple[str, str] = ("0", "1"),
) -> Uploaded:
    """Such a dataset in a server's store, without its being uploaded and judged."""
    arrays, content = arrays_of_images(seed), npz(seed)
    found = Found(
        shape=(1, 8, 8),
        dtype="uint8",
        classes=classes,
        train_counts=(NUMBER // 2, NUMBER // 2),
        test_counts=(NUMBER // 4, NUMBER // 4),
        mean=(float(arrays["x_train"].mean()),),
        sd=(float(arrays["x_train"].std()),),
        warnings=(),
        source_format="npz",
    )
    source = Source(len(content), hashlib.sha256(content).hexdigest(), Options())
    kept_as = new_id(time.time())
    with upload(database.data, kept_as) as folder:
        _write(folder, arrays)
        files = kept.keep(objects, kept_as, folder)
    return datasets.add(database, Uploaded(name, kept_as, time.time(), source, files, found))


def _write(folder: Path, arrays: dict[str, Any]) -> None:
    for part in ("train", "test"):
        np.save(folder / f"{part}_images.npy", arrays[f"x_{part}"][:, np.newaxis])
        np.save(folder / f"{part}_labels.npy", arrays[f"y_{part}"].astype(np.int64))
    (folder / "sheet.png").write_bytes(b"a picture")
