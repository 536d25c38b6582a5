"""What the answers about experiments look like."""

from datetime import datetime
from typing import Any

from api.schemas.jobs import Answer
from jobs.experiments.comparisons import Difference, Value
from jobs.experiments.ensembles import Single
from jobs.experiments.intervals import Estimate
from jobs.experiments.results import Group, Speedup
from jobs.lifecycle.job import Status


class MemberAnswer(Answer):
    """One job of an experiment; `/jobs/{id}` has the rest."""

    id: str
    variant: str
    point: dict[str, Any]
    """The grid's values, by JSON pointer."""
    seed: int
    status: Status
    step: int
    steps: int


class ExperimentSummary(Answer):
    """An experiment, how many of its jobs stand where, and how many were deleted."""

    id: str
    name: str | None
    created: datetime
    jobs: dict[Status, int]
    deleted: int
    """How many of its jobs are not there any more."""


class ExperimentPage(Answer):
    """Some experiments, newest first."""

    experiments: tuple[ExperimentSummary, ...]
    next: str | None
    """The `cursor` that gives the next page; null: there are no more."""


class ExperimentAnswer(Answer):
    """An experiment with its jobs, and what they have found so far."""

    id: str
    created: datetime
    document: dict[str, Any]
    """As it was posted, with every default."""
    ended: bool
    """Whether every job has."""
    jobs: tuple[MemberAnswer, ...]
    """A retry stands in the place of the job that it is of."""
    deleted: int
    """How many of its jobs are not there any more."""
    damaged: dict[str, str]
    """By id, the jobs whose series cannot be read, and why: what was measured of them is in no group."""
    groups: tuple[Group, ...]
    """The seeds of each variant at each grid point: means with their 95 % intervals (Student's t)."""
    speedups: tuple[Speedup, ...]
    """Steps of the first variant over those of each other, by target, with a bootstrap interval over the seeds."""


class ComparisonAnswer(Answer):
    """One series' last values, of the jobs that succeeded: means over the seeds with their 95 % intervals."""

    series: str
    values: tuple[Value, ...]
    differences: tuple[Difference, ...]
    """Of every pair of variants at each grid point, of the seeds that both have."""


class EnsembleAnswer(Answer):
    """Several networks as one, by the mean of their class probabilities on the test set."""

    accuracy: float
    members: tuple[Single, ...]
    gain: Estimate
    """Over the best single member's accuracy; the interval is over the test examples."""
    damaged: dict[str, str]
    """By id, the jobs whose probabilities cannot be read, and why: they are no members."""
