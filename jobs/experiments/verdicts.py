"""What an experiment concludes: each variant against the first one, by the number that its document names. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from jobs.experiments.comparisons import differences_of
from jobs.experiments.document import ExperimentSpec
from jobs.experiments.estimates import Estimate, of_numbers, of_ratios
from jobs.experiments.planned import planned
from jobs.experiments.question import ACCURACY, AreaAbove, Last, StepsTo, is_higher_better
from jobs.experiments.results import steps_by_seed
from jobs.experiments.seeds import DIVERGED, Seed, Trained, has_learned
from jobs.experiments.sentences import Seen, Side, sentence
from jobs.experiments.statistics.interval import LEVEL, Bounds, Interval
from jobs.experiments.statistics.outcomes import Discordant, mcnemar
from jobs.experiments.statistics.ratios import log_ratios
from jobs.experiments.statistics.sign_flips import bounded_sign_flip_p
from jobs.experiments.statistics.verdicts import Outcome, holm, verdict_on_difference, verdict_on_ratio

SIGNIFICANT = 1 - LEVEL  # the most that the corrected p of a difference may be

RULE = (
    "better or worse: the interval leaves out {same}, its coverage is at least 95 %, and p, corrected by Holm for the "
    "variants that are compared with the first one, is at most 5 %; equal: the interval lies within {within}; else open"
)


@dataclass(frozen=True)
class Verdict:
    """What is concluded of `variant` against `over`, the first one, at a grid point.

    interval: of the differences, `variant` minus `over`, or of steps of the ratios, `over` by `variant`: how many times
    as fast. p: of sign flips; corrected_p: for the variants at this point. learned: where the document has a bar, how
    many seeds have learned with the first one alone and with `variant` alone.
    """

    variant: str
    over: str
    point: dict[str, JsonValue]
    measure: Literal["difference", "ratio"]
    outcome: Outcome
    sentence: str
    rule: str
    interval: Estimate[float] | Estimate[Bounds] | None
    p: float | None
    corrected_p: float | None
    learned: Discordant | None


def verdicts(spec: ExperimentSpec, trained: Trained, by_job: Mapping[str, Bounds]) -> tuple[Verdict, ...]:
    """Every variant but the first one against it, at each grid point, in the order of the document.

    by_job: the primary's numbers, where they are of the series that `series_of` names.
    """
    first, *others = spec.variants
    points = {at: group.point for (variant, at), group in planned(spec).items() if variant == first}
    made = []
    for at, point in points.items():
        seeds = {variant: trained.seeds.get((variant, at), ()) for variant in spec.variants}
        target = _target(spec, trained.targets.get(at, ()))
        compared = [_compared(spec, variant, seeds, by_job, target) for variant in others]
        corrected = holm([1.0 if each.p is None else each.p for each in compared])
        for each, p in zip(compared, corrected, strict=True):
            made.append(_judged(spec, point, each, None if each.p is None else p, comparisons=len(others)))
    return tuple(made)


def series_of(spec: ExperimentSpec) -> str | None:
    """The series whose numbers have to be read for the verdicts; None where those of each seed will do."""
    primary = spec.primary
    if isinstance(primary, StepsTo | AreaAbove) or (isinstance(primary, Last) and primary.series == ACCURACY):
        return None
    return primary.series


@dataclass(frozen=True)
class _Compared:
    """What is seen of a variant beside the first one, before anything is concluded."""

    seen: Seen
    p: float | None
    learned: Discordant | None


def _compared(
    spec: ExperimentSpec,
    variant: str,
    seeds: Mapping[str, Sequence[Seed]],
    by_job: Mapping[str, Bounds],
    target: float | None,
) -> _Compared:
    first = next(iter(spec.variants))
    one, other = (_values(spec, seeds[name], by_job) for name in (variant, first))
    both = sorted(one.keys() & other.keys())
    mine, theirs = [one[seed] for seed in both], [other[seed] for seed in both]
    interval: Estimate[float] | Estimate[Bounds] | None
    if isinstance(spec.primary, StepsTo):
        interval, p = of_ratios(theirs, mine), bounded_sign_flip_p(log_ratios(theirs, mine))
    else:
        apart = differences_of(zip(mine, theirs, strict=True))
        interval, p = of_numbers(apart), bounded_sign_flip_p(apart)
    mine_seen = Side(variant, [*one.values()], _diverged(seeds[variant]))
    theirs_seen = Side(first, [*other.values()], _diverged(seeds[first]))
    seen = Seen(spec.primary, mine_seen, theirs_seen, len(both), interval, target)
    return _Compared(seen, p, _learned(spec, seeds[variant], seeds[first]))


def _judged(
    spec: ExperimentSpec, point: dict[str, JsonValue], compared: _Compared, p: float | None, comparisons: int
) -> Verdict:
    seen, is_ratio = compared.seen, isinstance(spec.primary, StepsTo)
    outcome = _outcome(spec, seen.interval)
    if outcome in ("better", "worse") and (p is None or p > SIGNIFICANT):
        outcome = "open"
    return Verdict(
        variant=seen.one.name,
        over=seen.other.name,
        point=point,
        measure="ratio" if is_ratio else "difference",
        outcome=outcome,
        sentence=sentence(seen, outcome, p, comparisons, spec.delta),
        rule=_rule(is_ratio, spec.delta),
        interval=seen.interval,
        p=compared.p,
        corrected_p=p,
        learned=compared.learned,
    )


def _outcome(spec: ExperimentSpec, found: Estimate[float] | Estimate[Bounds] | None) -> Outcome:
    if found is None or found.low is None or found.high is None or found.coverage is None:
        return "open"
    interval = Interval[object](found.low, found.high, found.centre, found.coverage, found.n, found.assumes)
    if isinstance(spec.primary, StepsTo):
        return verdict_on_ratio(interval, spec.delta, "higher")  # how many times as fast
    return verdict_on_difference(interval, spec.delta, "higher" if is_higher_better(spec.primary) else "lower")


def _rule(is_ratio: bool, delta: float) -> str:
    within = f"a factor of {1 + delta:.4g}, either way" if is_ratio else f"{delta:.4g} of 0, either way"
    return RULE.format(same="1" if is_ratio else "0", within=within)


def _values(spec: ExperimentSpec, seeds: Sequence[Seed], by_job: Mapping[str, Bounds]) -> Mapping[int, Bounds]:
    """By seed the number that variants are compared by, of the seeds that came to an end."""
    primary = spec.primary
    if isinstance(primary, StepsTo):
        return steps_by_seed(seeds, spec.targets.index(primary.target))
    ended = {each.seed: (each.job, each.measured) for each in seeds if each.measured is not None}
    if isinstance(primary, AreaAbove):
        return {seed: Bounds(each.area_above, each.area_above) for seed, (_, each) in ended.items()}
    if series_of(spec) is None:
        return {seed: Bounds(each.final_accuracy, each.final_accuracy) for seed, (_, each) in ended.items()}
    return {seed: by_job[job] for seed, (job, _) in ended.items() if job in by_job}


def _target(spec: ExperimentSpec, targets: Sequence[float | None]) -> float | None:
    if not isinstance(spec.primary, StepsTo) or not targets:
        return None
    return targets[spec.targets.index(spec.primary.target)]


def _diverged(seeds: Sequence[Seed]) -> int:
    return sum(each.outcome == DIVERGED for each in seeds)


def _learned(spec: ExperimentSpec, one: Sequence[Seed], other: Sequence[Seed]) -> Discordant | None:
    bar = spec.learned
    if bar is None:
        return None
    mine, theirs = (
        {each.seed: has_learned(each.measured, bar) for each in seeds if each.measured is not None}
        for seeds in (one, other)
    )
    both = sorted(mine.keys() & theirs.keys())
    return mcnemar([theirs[seed] for seed in both], [mine[seed] for seed in both])
