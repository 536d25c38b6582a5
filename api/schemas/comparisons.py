"""What the answers look like in which an experiment's trainings are compared by one number, or asked together."""

from typing import Any

from api.schemas.estimates import BoundsEstimate, Number, NumberEstimate
from api.schemas.jobs import Answer
from jobs.experiments.ensembles import Single


class OfSeedAnswer(Answer):
    """One training's number; null: nothing is known of it."""

    seed: int
    job: str
    value: Number | None


class ValueAnswer(Answer):
    """One variant at one grid point."""

    variant: str
    point: dict[str, Any]
    seeds: tuple[OfSeedAnswer, ...]
    value: NumberEstimate | None


class DifferenceAnswer(Answer):
    """The numbers of `variant` minus those of `minus`, of the seeds that have both."""

    variant: str
    minus: str
    point: dict[str, Any]
    difference: NumberEstimate | None
    p: float | None
    """By sign flips, exact; for no other comparison corrected."""


class RatioAnswer(Answer):
    """The numbers of `variant` over those of `over`, of the seeds that have both, by their logarithms."""

    variant: str
    over: str
    point: dict[str, Any]
    ratio: BoundsEstimate | None
    p: float | None
    """By sign flips, exact; for no other comparison corrected."""
    absent: str | None
    """Why there is no ratio: which number is not above 0."""


class ComparisonAnswer(Answer):
    """One number of a series, of the jobs that succeeded or diverged: its last value, or one of a range of steps."""

    series: str
    values: tuple[ValueAnswer, ...]
    differences: tuple[DifferenceAnswer, ...]
    """Of every pair of variants at each grid point, of the seeds that both have."""
    ratios: tuple[RatioAnswer, ...]
    """Of the same pairs."""


class EnsembleAnswer(Answer):
    """Several networks as one, by the mean of their class probabilities on the test set."""

    accuracy: float
    members: tuple[Single, ...]
    over_mean: NumberEstimate
    """What is gained over the mean of the members' accuracies; intervals are over the test examples."""
    over_chosen: NumberEstimate | None
    """What is gained over the member that the validation part likes best; null where one has none."""
    chosen: str | None
    """Which that is, by its id."""
    damaged: dict[str, str]
    """By id, the jobs whose probabilities cannot be read, and why: they are no members."""
