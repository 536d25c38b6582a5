"""Who trains jobs, and how many wait."""

import shutil
import time
from collections.abc import Sequence
from importlib.metadata import version

from fastapi import APIRouter

from api.dependencies import TheDatabase, TheSettings
from api.schemas.workers import QueueAnswer, RunAnswer, ServerAnswer, WorkerAnswer, Workers
from jobs.lifecycle.queue import queue_of
from jobs.lifecycle.workers import Run, Worker, moment_of, runs

VERSION = version("bnlab")

router = APIRouter(tags=["health"])


@router.get("/workers")
def workers(database: TheDatabase, settings: TheSettings) -> Workers:
    """The workers that are alive, with what each of them trains or why it claims nothing; the queue; the disk."""
    with database.read() as connection:
        now, held = moment_of(database, connection), runs(connection)
        queue = QueueAnswer.model_validate(queue_of(connection, time.time()))
    disk = shutil.disk_usage(settings.data)
    return Workers(
        workers=tuple(_answer(worker, held.get(worker.id, ()), now.clock) for worker in now.workers),
        queue=queue,
        server=ServerAnswer(version=VERSION, free_bytes=disk.free, disk_bytes=disk.total),
    )


def _answer(worker: Worker, held: Sequence[Run], clock: float) -> WorkerAnswer:
    told = {
        "busy": len(held),
        "free": 0 if worker.trouble else max(0, worker.slots - len(held)),
        "last_beat_seconds": max(0.0, clock - worker.beat),
        "jobs": tuple(map(RunAnswer.model_validate, held)),
    }
    return WorkerAnswer.model_validate(vars(worker) | told)
