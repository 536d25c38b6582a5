"""The files that networks left in last: who downloads one in parts, or asks for its tag, has it made once."""

import hashlib
from dataclasses import dataclass
from functools import partial

from api.http.downloads import File
from api.recent import Recent
from jobs.lifecycle.job import Job
from jobs.models.chosen import Checkpoint, artifact_of, model_of
from jobs.models.files import Format, file_of
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects, Stored

MOST = 8
MOST_BYTES = 128 * 2**20  # of all, but for the newest


@dataclass(frozen=True)
class Wanted:
    """In which form a network is to leave."""

    format: Format
    checkpoint: Checkpoint
    folded: bool
    preprocess: bool


@dataclass(frozen=True, eq=False)
class Made:
    """A file, and after which step the network was so."""

    file: File
    step: int


class ModelFiles:
    """The files of one process. Not for several threads: whoever asks holds `Opened.making`."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database, self._objects = database, objects
        self._made: Recent[tuple[Stored, Wanted], Made] = Recent(MOST, lambda made: len(made.file.data), MOST_BYTES)

    def of(self, job: Job, wanted: Wanted) -> Made:
        """The file. Raises as `model_of` does."""
        stored = artifact_of(self._database, job, wanted.checkpoint).stored
        return self._made.of((stored, wanted), partial(self._make, job, wanted))

    def _make(self, job: Job, wanted: Wanted) -> Made:
        model = model_of(self._database, self._objects, job, wanted.checkpoint, self._database.data)
        data = file_of(model, wanted.format, folded=wanted.folded, preprocess=wanted.preprocess)
        return Made(File(data, hashlib.sha256(data).digest()), model.step)
