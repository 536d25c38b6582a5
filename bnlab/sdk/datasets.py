"""Datasets: the part of the client that uploads people's own, finds them, and deletes them."""

import hashlib
import tempfile
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, BinaryIO

from bnlab.sdk.connection import Connection
from bnlab.sdk.extras import imported
from bnlab.sdk.requests import dataset_path

PIECE = 1024 * 1024  # bytes that are sent at once

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are sent, again and again."""


class Datasets:
    """See `bnlab.Client`, which is this too."""

    _connection: Connection

    def datasets(self) -> list[dict[str, Any]]:
        """The datasets that every server has, and those that were uploaded to this one."""
        return list(self._connection.get("/datasets", {})["datasets"])

    def dataset(self, name: str) -> dict[str, Any]:
        """What is known of a dataset: `shape`, `classes` with their numbers of examples, `mean`, `sd`, `warnings`."""
        return self._connection.get(dataset_path(name), {})

    def upload_dataset(
        self,
        name: str,
        path: str | Path,
        *,
        test: float | None = None,
        size: int | None = None,
        seed: int = 0,
        progress: Progress | None = None,
    ) -> dict[str, Any]:
        """Upload a file, and get what was found in it: numpy's .npz, a zip of class folders, Parquet or CSV.

        test: the share of each class that is held out to test, drawn by `seed`, where the file has no test part. size:
        images are scaled to that many pixels a side. The same file again is the same answer; another one under this
        name is refused. Where it is no dataset, ApiError's `errors` have everything that is wrong with it.
        """
        with Path(path).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
            length = file.seek(0, 2)
            file.seek(0)
            headers = {
                "Content-Type": "application/octet-stream",
                "Content-Length": str(length),
                "Repr-Digest": f"sha-256=:{b64encode(digest).decode()}:",
            }
            parameters = {"test": test, "size": size, "seed": seed}
            return self._connection.put(dataset_path(name), _pieces(file, length, progress), parameters, headers)

    def add_dataset(
        self,
        name: str,
        x_train: Any,
        y_train: Any,
        x_test: Any = None,
        y_test: Any = None,
        *,
        test: float | None = None,
        seed: int = 0,
    ) -> dict[str, Any]:
        """Upload arrays, as `upload_dataset` does a file of them; numpy has to be installed.

        x: images of uint8 [N, H, W], [N, H, W, C] or [N, C, H, W], or features [N, F]; y: labels [N], from 0 on.
        """
        numpy = imported("numpy")
        arrays = {"x_train": x_train, "y_train": y_train, "x_test": x_test, "y_test": y_test}
        with tempfile.NamedTemporaryFile(suffix=".npz") as file:
            numpy.savez(file, **{key: numpy.asarray(value) for key, value in arrays.items() if value is not None})
            file.flush()
            return self.upload_dataset(name, file.name, test=test, seed=seed)

    def delete_dataset(self, name: str) -> None:
        """Delete an uploaded dataset, unless a job trains on it that has not ended."""
        self._connection.delete(dataset_path(name))


def _pieces(file: BinaryIO, length: int, progress: Progress | None) -> Iterator[bytes]:
    sent = 0
    while piece := file.read(PIECE):
        yield piece
        sent += len(piece)
        if progress:
            progress(sent, length)
