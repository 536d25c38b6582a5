"""What an experiment concludes: each variant against the first one, by the number that its document names. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from jobs.experiments.by_seed import OfSeed, compared_axes
from jobs.experiments.document import ExperimentSpec
from jobs.experiments.estimates import Estimate
from jobs.experiments.planned import grid_points
from jobs.experiments.question import is_higher_better, is_ratio
from jobs.experiments.seeds import Trained
from jobs.experiments.seen import Seen, seen_at
from jobs.experiments.sentences import sentence
from jobs.experiments.statistics.interval import LEVEL, Bounds, Interval
from jobs.experiments.statistics.outcomes import Discordant
from jobs.experiments.statistics.verdicts import Outcome, holm, verdict_on_difference, verdict_on_ratio
from jobs.experiments.tuning import Settings, choosing_axes, chosen_by, settings

SIGNIFICANT = 1 - LEVEL  # the most that the corrected p of a difference may be

RULE = (
    "equal: the interval covers at least 95 % and lies within {within}; else better or worse: it covers as much and "
    "leaves out {same}, and p, corrected by Holm for the variants that are compared with the first one, is at most "
    "5 %; else open"
)

TUNED = (
    "; each seed at the setting of {axes} that the other seeds' {by} likes best, of those that came to an end at "
    "every setting"
)


@dataclass(frozen=True)
class SeedNumber:
    """The number that a verdict has of one seed, by its bounds; job: None where it is of several trainings."""

    seed: int
    job: str | None
    low: float
    high: float


@dataclass(frozen=True)
class Numbers:
    """Those of the seeds of one variant."""

    variant: str
    seeds: tuple[SeedNumber, ...]


@dataclass(frozen=True)
class Verdict:
    """What is concluded of `variant` against `over`, the first one, at a grid point.

    point: without the axes that are tuned over, or that the primary goes along. interval: of the differences, `variant`
    minus `over`, or of the ratios: how many times as fast, or as much. p: of sign flips; corrected_p: for the variants
    at this point. learned: where the document has a bar, how many seeds have learned with the first one alone and with
    `variant` alone. values: both variants' numbers, of every seed that has one.
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
    values: tuple[Numbers, ...]


def verdicts(spec: ExperimentSpec, trained: Trained, by_job: Mapping[str, Bounds]) -> tuple[Verdict, ...]:
    """Every variant but the first one against it, at each grid point, in the order of the document.

    by_job: the primary's numbers, where they are of the series that `series_of` names.
    """
    made = []
    for place in settings(grid_points(spec), compared_axes(spec)).values():
        seen = seen_at(spec, trained, by_job, place)
        corrected = holm([1.0 if each.p is None else each.p for each in seen])
        for each, p in zip(seen, corrected, strict=True):
            made.append(_judged(spec, place, each, None if each.p is None else p, comparisons=len(seen)))
    return tuple(made)


def _judged(spec: ExperimentSpec, place: Settings, seen: Seen, p: float | None, comparisons: int) -> Verdict:
    outcome = _outcome(spec, seen)
    if outcome in ("better", "worse") and (p is None or p > SIGNIFICANT):
        outcome = "open"
    return Verdict(
        variant=seen.one.name,
        over=seen.other.name,
        point=place.point,
        measure="ratio" if is_ratio(spec.primary) else "difference",
        outcome=outcome,
        sentence=sentence(seen, outcome, p, comparisons, spec.delta),
        rule=_rule(spec),
        interval=seen.interval,
        p=seen.p,
        corrected_p=p,
        learned=seen.learned,
        values=tuple(Numbers(side.name, tuple(map(_number, side.seeds))) for side in (seen.one, seen.other)),
    )


def _outcome(spec: ExperimentSpec, seen: Seen) -> Outcome:
    found = seen.interval
    if found is None or found.low is None or found.high is None or found.coverage is None or seen.all_diverged:
        return "open"
    interval = Interval[object](found.low, found.high, found.centre, found.coverage, found.n, found.assumes)
    if is_ratio(spec.primary):
        return verdict_on_ratio(interval, spec.delta, "higher")  # how many times as fast, or as much
    return verdict_on_difference(interval, spec.delta, "higher" if is_higher_better(spec.primary) else "lower")


def _rule(spec: ExperimentSpec) -> str:
    ratio = is_ratio(spec.primary)
    within = f"a factor of {1 + spec.delta:.4g}, either way" if ratio else f"{spec.delta:.4g} of 0, either way"
    rule, by = RULE.format(same="1" if ratio else "0", within=within), chosen_by(spec)
    return rule if by is None else rule + TUNED.format(axes=", ".join(choosing_axes(spec)), by=by)


def _number(each: OfSeed) -> SeedNumber:
    return SeedNumber(each.seed, each.job, each.value.low, each.value.high)
