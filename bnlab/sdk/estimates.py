"""Numbers over seeds, as answers about experiments have them: an estimate, its interval, and how often that holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, isinf
from typing import Any

LEVEL = 0.95  # the least coverage by which anything is concluded


@dataclass(frozen=True)
class Estimate:
    """What n seeds say of a number, which may be infinite.

    centre: the estimate, by the bounds between which it is known to lie; None: nothing is known of it. low, high: the
    interval, which covers the number with `coverage`; all three are None where one seed is all there is.
    """

    centre: tuple[float, float] | None
    low: float | None
    high: float | None
    coverage: float | None
    n: int


def estimate_of(said: Mapping[str, Any]) -> Estimate:
    """An estimate out of an answer.

    >>> said = {"centre": {"low": 2.0, "high": "Infinity"}, "low": 1.5, "high": "Infinity", "coverage": 0.75, "n": 3}
    >>> estimate_of(said)
    Estimate(centre=(2.0, inf), low=1.5, high=inf, coverage=0.75, n=3)
    """
    centre = said["centre"]
    ends = (centre["low"], centre["high"]) if isinstance(centre, Mapping) else (centre, centre)
    known = None if None in ends else (float(ends[0]), float(ends[1]))
    return Estimate(known, number_of(said["low"]), number_of(said["high"]), said["coverage"], said["n"])


def number_of(said: float | str | None) -> float | None:
    """A number that JSON may not have: `Infinity` stands there as a text.

    >>> number_of("-Infinity"), number_of(0.5), number_of(None)
    (-inf, 0.5, None)
    """
    return None if said is None else float(said)


def range_in_words(low: float, high: float, digits: int = 4) -> str:
    """What lies between two numbers.

    >>> range_in_words(0.5, 0.75), range_in_words(2, inf), range_in_words(-inf, inf), range_in_words(3, 3)
    ('0.5 to 0.75', 'more than 2', 'anything', '3')
    """
    if isinf(low) and isinf(high):
        return "infinite" if low == high else "anything"
    if isinf(high):
        return f"more than {low:.{digits}g}"
    if isinf(low):
        return f"less than {high:.{digits}g}"
    return f"{low:.{digits}g}" if low == high else f"{low:.{digits}g} to {high:.{digits}g}"


def centre_in_words(estimate: Estimate) -> str:
    """The estimate, or between what it lies."""
    return "not known" if estimate.centre is None else range_in_words(*estimate.centre)


def interval_in_words(estimate: Estimate) -> str:
    """`96.1 % interval 0.05 to 0.15`, and nothing where there is none."""
    if estimate.low is None or estimate.high is None or estimate.coverage is None:
        return ""
    return f"{percent(estimate.coverage)} interval {range_in_words(estimate.low, estimate.high)}"


def percent(coverage: float) -> str:
    """
    >>> percent(0.9609375), percent(0.75)
    ('96.1 %', '75 %')
    """
    return f"{100 * coverage:.3g} %"


def is_infinite(estimate: Estimate) -> bool:
    """Whether an end of it, or the estimate itself, cannot be drawn."""
    known = (estimate.low, estimate.high, *(estimate.centre or ()))
    return any(each in (inf, -inf) for each in known)
