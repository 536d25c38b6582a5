"""One number of every training of an experiment, and how variants differ in it, seed by seed. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import inf, isnan

from pydantic import JsonValue

from jobs.experiments.document import by_group
from jobs.experiments.estimates import Estimate, of_numbers, of_ratios
from jobs.experiments.numbers import Number
from jobs.experiments.statistics.interval import Bounds, number_in
from jobs.experiments.statistics.ratios import log_ratios
from jobs.experiments.statistics.sign_flips import bounded_sign_flip_p


@dataclass(frozen=True)
class OfSeed:
    """One training's number: NaN where nothing is known of it."""

    seed: int
    job: str
    value: float


@dataclass(frozen=True)
class Value:
    """Of one variant at one grid point: each seed's number, and what they say together."""

    variant: str
    point: dict[str, JsonValue]
    seeds: tuple[OfSeed, ...]
    value: Estimate[float] | None


@dataclass(frozen=True)
class Difference:
    """The numbers of `variant` minus those of `minus`, of the seeds that have both, and their p by sign flips."""

    variant: str
    minus: str
    point: dict[str, JsonValue]
    difference: Estimate[float] | None
    p: float | None


@dataclass(frozen=True)
class Ratio:
    """The numbers of `variant` over those of `over`, of the seeds that have both, and their p by sign flips.

    Both are of logarithms, on which twice as much and half as much are equally far from as much. A number that is not
    above 0 has none: then there is no ratio, and `absent` says whose number that is.
    """

    variant: str
    over: str
    point: dict[str, JsonValue]
    ratio: Estimate[Bounds] | None
    p: float | None
    absent: str | None


def values(found: Sequence[Number]) -> tuple[Value, ...]:
    """Of each variant at each grid point."""
    return tuple(_value(same) for same in by_group(found, lambda each: each.member))


def differences(found: Sequence[Number]) -> tuple[Difference, ...]:
    """Every variant minus every one before it, at each grid point."""
    made = []
    for pair in _pairs(found):
        apart = differences_of((one.value, other.value) for one, other in pair.numbers)
        p = bounded_sign_flip_p(apart)
        made.append(Difference(pair.variant, pair.other, pair.point, of_numbers(apart), p))
    return tuple(made)


def ratios(found: Sequence[Number]) -> tuple[Ratio, ...]:
    """Every variant over every one before it, at each grid point."""
    return tuple(_ratio(pair) for pair in _pairs(found))


@dataclass(frozen=True)
class _Pair:
    """Two variants at a grid point, and the numbers of the seeds that have both."""

    variant: str
    other: str
    point: dict[str, JsonValue]
    numbers: tuple[tuple[Number, Number], ...]


def _pairs(found: Sequence[Number]) -> Iterator[_Pair]:
    variants = list(dict.fromkeys(each.member.variant for each in found))
    points = {each.member.at: each.member.point for each in found}
    by_seed = {(each.member.variant, each.member.at, each.member.seed): each for each in found}
    seeds = sorted({each.member.seed for each in found})
    for at, point in points.items():
        for i, variant in enumerate(variants):
            for other in variants[:i]:
                pairs = ((by_seed.get((variant, at, seed)), by_seed.get((other, at, seed))) for seed in seeds)
                both = tuple((one, two) for one, two in pairs if one is not None and two is not None)
                yield _Pair(variant, other, point, both)


def _ratio(pair: _Pair) -> Ratio:
    for each in (number for both in pair.numbers for number in both):
        if each.value.low <= 0:
            whose = f"that of '{each.member.variant}' with seed {each.member.seed}"
            low = each.value.low
            said = "not known: it diverged, or is not finite" if low < each.value.high else f"{low:.4g}"
            absent = f"numbers must be above 0, and {whose} is {said}"
            return Ratio(pair.variant, pair.other, pair.point, None, None, absent)
    over = [one.value for one, _ in pair.numbers]
    under = [other.value for _, other in pair.numbers]
    p = bounded_sign_flip_p(log_ratios(over, under))
    return Ratio(pair.variant, pair.other, pair.point, of_ratios(over, under), p, None)


def differences_of(pairs: Iterable[tuple[Bounds, Bounds]]) -> list[Bounds]:
    """Each pair's first number minus its second; of two infinite ones nothing is known.

    >>> differences_of([(Bounds(3, 4), Bounds(1, 1)), (Bounds(inf, inf), Bounds(inf, inf))])
    [Bounds(low=2, high=3), Bounds(low=-inf, high=inf)]
    """
    return [Bounds(_minus(one.low, other.high, -inf), _minus(one.high, other.low, inf)) for one, other in pairs]


def _minus(one: float, other: float, unknown: float) -> float:
    difference = one - other
    return unknown if isnan(difference) else difference


def _value(same: Sequence[Number]) -> Value:
    seeds = tuple(OfSeed(each.member.seed, each.job, number_in(each.value)) for each in same)
    return Value(same[0].member.variant, same[0].member.point, seeds, of_numbers([each.value for each in same]))
