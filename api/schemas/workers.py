"""What the answer about workers looks like."""

from datetime import datetime

from api.schemas.jobs import Answer


class RunAnswer(Answer):
    """A job that a worker trains."""

    id: str
    name: str | None
    attempt: int
    step: int
    """The last one that was recorded."""
    steps: int
    steps_per_second: float | None


class WorkerAnswer(Answer):
    """A process that trains jobs, as it described itself last."""

    id: str
    host: str
    pid: int
    """Of its process, on that host."""
    devices: tuple[str, ...]
    """What its jobs may run on."""
    slots: int
    """How many jobs it trains at a time."""
    busy: int
    """How many of these have one."""
    free: int
    """How many have none; none is counted while the worker does not claim."""
    started: datetime
    last_beat_seconds: float
    """How long ago it was heard of; beyond 10 seconds it is not listed any more."""
    trouble: str | None
    """Why it does not claim jobs; null: it does."""
    jobs: tuple[RunAnswer, ...]


class QueueAnswer(Answer):
    """Where the jobs stand that have not ended."""

    queued: int
    running: int
    paused: int
    oldest_seconds: float | None
    """Since the job that is claimed next was queued; null: none is."""
    steps_per_second: float
    """Of all that run."""


class ServerAnswer(Answer):
    """The server that answers, and the disk that its data folder is on."""

    version: str
    free_bytes: int
    disk_bytes: int


class Workers(Answer):
    """Who trains jobs, how many wait, and what the server has room for."""

    workers: tuple[WorkerAnswer, ...]
    """Those that are alive."""
    queue: QueueAnswer
    server: ServerAnswer
