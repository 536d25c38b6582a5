"""One number of every training of an experiment, and how variants differ in it, seed by seed. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import inf, isnan

from pydantic import JsonValue

from jobs.experiments.document import by_group
from jobs.experiments.estimates import Estimate, of_numbers
from jobs.experiments.numbers import Number
from jobs.experiments.statistics.interval import Bounds, number_in
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


def values(found: Sequence[Number]) -> tuple[Value, ...]:
    """Of each variant at each grid point."""
    return tuple(_value(same) for same in by_group(found, lambda each: each.member))


def differences(found: Sequence[Number]) -> tuple[Difference, ...]:
    """Every variant minus every one before it, at each grid point."""
    variants = list(dict.fromkeys(each.member.variant for each in found))
    points = {each.member.at: each.member.point for each in found}
    by_seed = {(each.member.variant, each.member.at, each.member.seed): each.value for each in found}
    seeds = sorted({each.member.seed for each in found})
    made = []
    for key, point in points.items():
        for i, variant in enumerate(variants):
            for minus in variants[:i]:
                pairs = ((by_seed.get((variant, key, seed)), by_seed.get((minus, key, seed))) for seed in seeds)
                apart = differences_of((one, other) for one, other in pairs if one is not None and other is not None)
                made.append(Difference(variant, minus, point, of_numbers(apart), bounded_sign_flip_p(apart)))
    return tuple(made)


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
