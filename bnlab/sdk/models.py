"""Trained networks: the part of the client that downloads one, and makes a torch module of it."""

import hashlib
import tempfile
from base64 import b64encode
from pathlib import Path
from typing import Any, Literal
from zipfile import ZipFile

from bnlab.errors import CannotRun, Damaged
from bnlab.sdk.connection import Connection
from bnlab.sdk.extras import imported
from bnlab.sdk.requests import job_path

Format = Literal["safetensors", "torch", "onnx"]
Checkpoint = Literal["final", "best", "last"]

FORMAT_OF: dict[str, Format] = {".safetensors": "safetensors", ".zip": "torch", ".onnx": "onnx"}
MEDIA: dict[Format, str] = {
    "safetensors": "application/octet-stream",
    "torch": "application/zip",
    "onnx": "application/octet-stream",
}


class Models:
    """See `bnlab.Client`, which is this too."""

    _connection: Connection

    def model(
        self,
        job_id: str,
        path: str | Path,
        *,
        format: Format | None = None,  # noqa: A002 - so the route calls it
        folded: bool = False,
        checkpoint: Checkpoint = "final",
        preprocess: bool = False,
    ) -> int:
        """Download a job's network into a file, and get the step after which it was so.

        format: else the file's name tells it, which then ends in .safetensors, .zip (for torch) or .onnx. folded: batch
        normalization becomes part of the weights in front of it. checkpoint: the trained network, which until then is
        the newest that is stored; or the one at the best evaluation. preprocess: the graph, of ONNX alone, takes inputs
        as the dataset has them. Raises Damaged where something else arrives than the server has.
        """
        path = Path(path)
        form = format or _format_of(path)
        asked = {"format": form, "folded": folded, "checkpoint": checkpoint, "preprocess": preprocess}
        part = path.with_name(f"{path.name}.part")
        try:
            with self._connection.file(f"{job_path(job_id)}/model", asked, MEDIA[form]) as (headers, pieces):
                digest = hashlib.sha256()
                with part.open("wb") as file:
                    for piece in pieces:
                        digest.update(piece)
                        file.write(piece)
            if headers.get("Repr-Digest") != f"sha-256=:{b64encode(digest.digest()).decode()}:":
                raise Damaged(f"the model of job {job_id} did not arrive as the server has it; ask for it again")
            part.replace(path)
        finally:
            part.unlink(missing_ok=True)
        return int(headers["X-Bnlab-Step"])

    def load(self, job_id: str, *, checkpoint: Checkpoint = "final") -> Any:
        """A job's network as a torch module in inference mode, whose `preprocess` makes inputs of what a dataset has.

        It needs torch and safetensors. What was downloaded is data alone: the module's program is this package's own.
        """
        imported("torch")
        imported("safetensors")
        with tempfile.TemporaryDirectory() as folder:
            self.model(job_id, file := Path(folder, "model.zip"), checkpoint=checkpoint)
            with ZipFile(file) as whole:
                for name in ("architecture.json", "model.safetensors"):
                    whole.extract(name, folder)
            return imported("bnlab.sdk.model").load(folder)


def _format_of(path: Path) -> Format:
    if path.suffix not in FORMAT_OF:
        known = ", ".join(FORMAT_OF)
        raise CannotRun(f"'{path.name}' does not say what format it is to have: let it end in one of {known}")
    return FORMAT_OF[path.suffix]
