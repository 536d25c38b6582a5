"""What a panel of dots shows: columns of seeds at a grid point, and how they and their numbers are said."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import inf, isfinite, isnan
from typing import Any

from bnlab.sdk.estimates import Estimate
from bnlab.sdk.places import place_in_words, said_at

Point = tuple[tuple[str, Any], ...]
"""A grid point's pointers with their values."""


@dataclass(frozen=True)
class Dot:
    """One seed's number, by the bounds between which it lies. failed: it diverged or did not learn."""

    seed: int
    low: float
    high: float
    failed: bool = False


@dataclass(frozen=True)
class Column:
    """The seeds of one variant at one grid point, what they say together, and a word that is written below."""

    variant: str
    point: Point
    dots: tuple[Dot, ...]
    estimate: Estimate | None = None
    word: str = ""
    jobs: tuple[str, ...] = ()
    """Of the dots, where each is of one training."""


def point_of(said: Mapping[str, Any]) -> Point:
    """A grid point as a key: what two points differ in may be a list."""
    return tuple((pointer, _hashable(value)) for pointer, value in said.items())


def difference(seed: int, one: Dot, other: Dot) -> Dot:
    """A seed's first number minus its second, by their bounds."""
    return Dot(seed, _known(one.low - other.high, -inf), _known(one.high - other.low, inf))


def ratio(seed: int, one: Dot, other: Dot) -> Dot:
    """A seed's first number by its second; where both are infinite, or both 0, it may be anything."""
    low, high = _over(one.low, other.high, 0.0), _over(one.high, other.low, inf)
    return Dot(seed, -inf, inf) if low == 0 and high == inf else Dot(seed, low, high)


def learned_in_words(dots: Sequence[Dot]) -> str:
    """How many of the seeds learned, where not all did.

    >>> learned_in_words([Dot(0, 0.9, 0.9), Dot(1, 0.1, 0.1, failed=True)]), learned_in_words([])
    ('1 of 2\\nlearned', '')
    """
    learned = sum(not dot.failed for dot in dots)
    return "" if learned == len(dots) else f"{learned} of {len(dots)}\nlearned"


def point_in_words(point: Point, *, short: bool = False) -> str:
    """A grid point; short: its values in lines of their own, without the names of their places.

    >>> point_in_words((("/training/optimizer/learning_rate", 0.1),)), point_in_words((("/depth", 3),), short=True)
    ('learning rate 0.1', '3')
    """
    if short:
        return "\n".join(value_in_words(value) for _, value in point)
    return ", ".join(said_at(place_in_words(pointer), value_in_words(value)) for pointer, value in point)


def value_in_words(value: Any) -> str:
    """A value of a grid.

    >>> value_in_words(0.5), value_in_words((100, 100, 100)), value_in_words("sgd")
    ('0.5', '3x100', 'sgd')
    """
    if isinstance(value, tuple):
        alike = len(set(value)) == 1
        return f"{len(value)}x{value[0]}" if alike else ", ".join(map(str, value))
    return f"{value:g}" if isinstance(value, int | float) else str(value)


def middle(dot: Dot) -> float:
    """Between a dot's bounds; infinite where a bound is, NaN where nothing is known.

    >>> middle(Dot(0, 1, 2)), middle(Dot(0, 1, inf)), middle(Dot(0, -inf, inf))
    (1.5, inf, nan)
    """
    return (dot.low + dot.high) / 2


def finite(dots: Iterable[Dot]) -> list[float]:
    """The bounds that are numbers."""
    return [end for dot in dots for end in (dot.low, dot.high) if isfinite(end)]


def _over(one: float, other: float, unknown: float) -> float:
    return unknown if other == 0 or one == other == inf else one / other


def _known(value: float, unknown: float) -> float:
    return unknown if isnan(value) else value


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
