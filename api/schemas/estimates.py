"""What several seeds say of one number, as answers have it."""

from typing import Literal

from api.schemas.jobs import Answer
from jobs.experiments.statistics.interval import Assumes

Number = float | Literal["Infinity", "-Infinity"]
"""JSON has no infinity: it is a word, which `float` of Python and `Number` of JavaScript read."""


class BoundsAnswer(Answer):
    """A number that is no less than `low` and no greater than `high`; of a training that diverged both are infinite."""

    low: Number
    high: Number


class Estimated(Answer):
    """What n seeds say of a number. One seed has no interval: low, high, coverage and assumes are null."""

    low: Number | None
    high: Number | None
    coverage: float | None
    """How often an interval like this holds the number; below six seeds it is less than 0.95."""
    n: int
    assumes: Assumes | None
    """What that takes for granted of the values; null: nothing."""


class NumberEstimate(Estimated):
    """Of values and differences: the Hodges-Lehmann estimate with the interval of the signed-rank test."""

    centre: Number | None
    """null: nothing is known of too many seeds."""


class BoundsEstimate(Estimated):
    """Of steps, the median and its order statistics; of ratios of steps as of differences, on logarithms."""

    centre: BoundsAnswer
