"""What an experiment's own answer, and the list of all, look like."""

from datetime import datetime
from typing import Any, Literal

from api.schemas.estimates import BoundsAnswer, BoundsEstimate, Number, NumberEstimate
from api.schemas.jobs import Answer
from jobs.experiments.statistics.verdicts import Outcome
from jobs.lifecycle.job import Status


class BandAnswer(Answer):
    """The seeds' median, least and greatest value at each step; null where none is finite, as `n` says."""

    median: tuple[float | None, ...]
    least: tuple[float | None, ...]
    greatest: tuple[float | None, ...]
    n: tuple[int, ...]


class MeasuredAnswer(Answer):
    """The numbers of a training that succeeded, or of one that diverged: chance, and infinite loss and steps."""

    final_accuracy: float
    final_loss: Number
    best_accuracy: float
    area_above: float
    """The mean of 1 - accuracy over the training."""
    steps_to: tuple[BoundsAnswer | None, ...]
    """For each target: the last evaluation below it, and the first from which on none is. null: see `baseline_best`."""


class SeedAnswer(Answer):
    """One training of a group."""

    seed: int
    job: str
    outcome: Status | Literal["diverged"]
    measured: MeasuredAnswer | None
    """null where it has not ended, failed otherwise, was cancelled, or cannot be read."""


class StepsToAnswer(Answer):
    """The steps to a target: the median over the seeds, those that never arrive among them."""

    target: float | Literal["baseline_best"]
    accuracy: float | None
    """The target here; null: the first variant has no best accuracy yet."""
    arrived: int
    ended: int
    steps: BoundsEstimate | None


class LearnedAnswer(Answer):
    """How many of n seeds have a final accuracy of at least `bar`, and the share with Wilson's interval."""

    bar: float
    k: int
    n: int
    share: NumberEstimate | None


class GroupAnswer(Answer):
    """The seeds of one variant at one grid point; estimates are of those that succeeded or diverged."""

    variant: str
    point: dict[str, Any]
    jobs: tuple[str, ...]
    deleted: int
    succeeded: int
    diverged: tuple[str, ...]
    failed: tuple[str, ...]
    cancelled: tuple[str, ...]
    damaged: tuple[str, ...]
    seeds: tuple[SeedAnswer, ...] | None
    """null where there are many jobs, unless `seeds=true` asks for them."""
    step: tuple[int, ...]
    every: int
    """Of the steps at which seeds were evaluated, each k-th is here."""
    accuracy: BandAnswer
    loss: BandAnswer
    final_accuracy: NumberEstimate | None
    final_loss: NumberEstimate | None
    best_accuracy: NumberEstimate | None
    area_above: NumberEstimate | None
    steps_to: tuple[StepsToAnswer, ...]
    learned: LearnedAnswer | None


class SpeedupAnswer(Answer):
    """How many times the steps of `variant` the variant `over` takes to a target, seed by seed."""

    variant: str
    over: str
    point: dict[str, Any]
    target: float | Literal["baseline_best"]
    ratio: BoundsEstimate | None


class LearnedApart(Answer):
    """How many seeds have learned with one of two variants alone, and McNemar's exact p."""

    only_first: int
    only_second: int
    p: float


class SettingAnswer(Answer):
    """A variant at one setting of the tuned axes, over the n seeds that came to an end there."""

    at: dict[str, Any]
    by: NumberEstimate | None
    """What settings are chosen by: the last value on the validation part."""
    primary: NumberEstimate | BoundsEstimate | None
    """What variants are compared by; where that goes along an axis, the test accuracy at the end."""
    learned: int | None
    """How many of the seeds have; null: the document has no bar."""
    n: int


class ChosenAnswer(Answer):
    """A seed, and the setting that the others choose for it, with the job that it counts with."""

    seed: int
    job: str
    at: dict[str, Any]


class TunedAnswer(Answer):
    """A variant at its settings, at what is left of a grid point without the tuned axes."""

    variant: str
    point: dict[str, Any]
    over: tuple[str, ...]
    by: str
    settings: tuple[SettingAnswer, ...]
    """In the order of the grid."""
    working: int | None
    """At how many of them every seed that came to an end has learned; null: the document has no bar."""
    chosen: tuple[ChosenAnswer, ...]
    """Of the seeds that came to an end at every setting, where those are at least two."""


class SeedNumberAnswer(Answer):
    """What a verdict has of one seed: no less than `low`, no more than `high`."""

    seed: int
    job: str | None
    """null: it is of several trainings of this seed."""
    low: Number
    high: Number


class NumbersAnswer(Answer):
    """What a verdict has of the seeds of one variant."""

    variant: str
    seeds: tuple[SeedNumberAnswer, ...]


class VerdictAnswer(Answer):
    """What is concluded of a variant against the first one, by the document's `primary`."""

    variant: str
    over: str
    point: dict[str, Any]
    """Without the axes that are tuned over, and the one that the primary goes along."""
    measure: Literal["difference", "ratio"]
    """How many times as fast, or as much: of steps the ratio of those of `over` to those of `variant`, of `largest` the
    ratio of those of `variant` to those of `over`."""
    outcome: Outcome
    sentence: str
    rule: str
    interval: NumberEstimate | BoundsEstimate | None
    p: float | None
    """By sign flips, exact."""
    corrected_p: float | None
    """By Holm, for the variants that are compared with the first one."""
    learned: LearnedApart | None
    values: tuple[NumbersAnswer, ...] | None
    """Each seed's number, of both variants; null where there are many, unless `seeds=true` asks for them."""


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
    groups: tuple[GroupAnswer, ...]
    """The seeds of each variant at each grid point."""
    tuned: tuple[TunedAnswer, ...]
    """Each variant at each setting, and which setting each seed counts at; none where the document does not tune."""
    speedups: tuple[SpeedupAnswer, ...]
    """Steps of the first variant over those of each other, by target."""
    verdicts: tuple[VerdictAnswer, ...]
    """Each other variant against the first one, at what is left of each grid point."""
