"""What takes how much room, as the API answers it."""

from api.schemas.jobs import Answer
from jobs.lifecycle.job import Status


class Taken(Answer):
    """By what is kept, its bytes."""

    series: int
    checkpoints: int
    weights: int
    best: int
    """Networks at their best evaluations."""
    initial: int
    """Copies of networks that jobs start from."""
    probabilities: int
    whitening: int
    """Matrices by which inputs are whitened."""
    datasets: int
    database: int
    packages: int
    """Compiled steps, of which a worker on another host has its own."""
    rest: int
    """What else is in the data folder, such as logs."""


class Group(Answer):
    """Some of the jobs."""

    jobs: int
    bytes: int


class Groups(Answer):
    """All jobs, by what retention may do to them."""

    may_go: Group
    retained: Group
    """They have ended, and their documents say `"retain": true`."""
    going_on: Group
    """They have not ended, or are of an experiment that has not."""


class LargeJob(Answer):
    """A job that has stored much."""

    id: str
    name: str | None
    status: Status
    retain: bool
    bytes: int


class Keep(Answer):
    """The limits of retention, as the server has been told them; null: no limit."""

    days: float | None
    jobs: int | None
    gb: float | None


class Storage(Answer):
    """What takes how much."""

    bytes: Taken
    total: int
    free: int
    """Bytes that may still be written where the data folder is."""
    jobs: Groups
    largest: tuple[LargeJob, ...]
    """The ten jobs that have stored most, the largest first."""
    keep: Keep
