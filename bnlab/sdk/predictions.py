"""Predictions: the part of the client that asks jobs' networks."""

import io
import json
from pathlib import Path
from typing import Any

from bnlab.errors import CannotRun
from bnlab.sdk.connection import Connection
from bnlab.sdk.extras import imported
from bnlab.sdk.requests import job_path, plain

JSON, NPY = "application/json", "application/x-npy"
KIND_OF = {".json": JSON, ".npy": NPY, ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg"}
"""What a file is, by how its name ends."""
WIDEST = 4  # bytes a number: wider ones are sent as float32, which is what networks take


class Predictions:
    """See `bnlab.Client`, which is this too."""

    _connection: Connection

    def predict(
        self, job_id: str, inputs: Any, *, checkpoint: str = "final", normalization: str = "running", among: int = 0
    ) -> dict[str, Any]:
        """Ask a job's network: `predicted` classes, `probabilities`, `logits`, and the `step` that it is of.

        inputs: as the dataset has them, so pixels from 0 to 255: nested lists, an array of numpy's or what numpy makes
        one of, or the Path of a .png, .jpg, .npy or .json file. [N, C, H, W], [N, H, W] of grey images, or [N, F]; of a
        single example N may be left out. At most 1,000.
        checkpoint: `final`, `best` or `last`. normalization: `running`, or `batch`: by the moments of these inputs,
        and of `among` more of the dataset's test part, about which nothing is said.
        """
        kind, body = _body_of(inputs)
        asked = {"checkpoint": checkpoint, "normalization": normalization, "among": among}
        return self._connection.post(f"{job_path(job_id)}/predict", body, asked, kind)

    def mistakes(self, job_id: str, *, checkpoint: str = "final", limit: int = 20) -> dict[str, Any]:
        """What a job's network gets `wrong` of the `tested` inputs of its dataset's test part.

        `mistakes`: the most convinced first, at most `limit` (100): `label`, `predicted`, `probability`, `input`, ...
        """
        return self._connection.get(f"{job_path(job_id)}/mistakes", {"checkpoint": checkpoint, "limit": limit})


def _body_of(inputs: Any) -> tuple[str, bytes]:
    """What to send, and what it is. Raises CannotRun for a file of another kind."""
    if isinstance(inputs, Path):
        return _of_file(inputs)
    if isinstance(inputs, list | tuple):
        return JSON, json.dumps({"inputs": plain(inputs, "/inputs")}).encode()
    numpy = imported("numpy")
    array = numpy.ascontiguousarray(inputs)
    file = io.BytesIO()
    numpy.save(file, array if array.itemsize <= WIDEST else array.astype(numpy.float32))
    return NPY, file.getvalue()


def _of_file(path: Path) -> tuple[str, bytes]:
    kind = KIND_OF.get(path.suffix.lower())
    if kind is None:
        raise CannotRun(f"'{path}' is none of {', '.join(KIND_OF)}: what a file is, is told by how its name ends")
    content = path.read_bytes()
    is_list = kind == JSON and content.lstrip().startswith(b"[")
    return kind, b'{"inputs": %b}' % content if is_list else content
