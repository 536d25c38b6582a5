"""At which setting of the grid each seed counts, where variants are compared at their best one. Pure."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from jobs.experiments.document import ExperimentSpec, GroupKey, Member, Point, key_of
from jobs.experiments.planned import grid_points
from jobs.experiments.question import HELD_OUT, Gain, goal_of_series
from jobs.experiments.statistics.choice import cross_fitted
from jobs.experiments.statistics.interval import Bounds


@dataclass(frozen=True)
class Setting:
    """What some axes are at a grid point: `at`; key: the whole point's."""

    at: Point
    key: str


@dataclass(frozen=True)
class Settings:
    """A grid point without some axes, and every setting of these, in the order of the grid."""

    point: Point
    each: tuple[Setting, ...]


def settings(points: Iterable[Point], over: Collection[str]) -> dict[str, Settings]:
    """What is left of these points without some axes, by its key.

    >>> found = settings([{"/a": 1, "/b": 1}, {"/a": 1, "/b": 2}], ["/b"])
    >>> found['{"/a": 1}'].point, [each.at for each in found['{"/a": 1}'].each]
    ({'/a': 1}, [{'/b': 1}, {'/b': 2}])
    """
    found: dict[str, tuple[Point, list[Setting]]] = {}
    for point in points:
        rest = {axis: value for axis, value in point.items() if axis not in over}
        at = {axis: value for axis, value in point.items() if axis in over}
        found.setdefault(key_of(rest), (rest, []))[1].append(Setting(at, key_of(point)))
    return {key: Settings(rest, tuple(each)) for key, (rest, each) in found.items()}


def tuned_axes(spec: ExperimentSpec) -> tuple[str, ...]:
    """The axes that each variant is tuned over."""
    return spec.tune.over if spec.tune else ()


def choosing_axes(spec: ExperimentSpec) -> tuple[str, ...]:
    """The axes of which each seed has the setting that the others choose for it; of two values one is *the* other."""
    gain = spec.primary
    chooses = isinstance(gain, Gain) and len(spec.grid[gain.over]) > 2
    return (*tuned_axes(spec), *((gain.over,) if isinstance(gain, Gain) and chooses else ()))


def chosen_by(spec: ExperimentSpec) -> str | None:
    """The series of the validation part by which settings are chosen; None where there is nothing to choose."""
    if not choosing_axes(spec):
        return None
    return spec.tune.by if spec.tune else HELD_OUT


def sign_of(series: str) -> int:
    """1 where more of it is better, -1 where less is."""
    return 1 if goal_of_series(series) == "max" else -1


def scores_of(series: str, by_job: Mapping[str, Bounds]) -> dict[str, float]:
    """By job what it says for its setting, the more the better."""
    return {job: sign_of(series) * value.low for job, value in by_job.items()}


def choices(jobs: Sequence[Mapping[int, str]], scores: Mapping[str, float]) -> dict[int, int]:
    """By seed which of several settings it counts at: the one that the *other* seeds' scores like best.

    jobs: of each setting by seed the job. A seed that has no score at one of the settings is left out, as one that has
    not yet ended is: it neither counts nor chooses, so that every setting is judged by the same seeds. One seed alone
    has no others to choose by. Of one setting there is no choice.

    >>> choices([{0: "a", 1: "b"}, {0: "c", 1: "d"}], {"a": 0.9, "b": 0.5, "c": 0.6, "d": 0.7})
    {0: 1, 1: 0}
    """
    if len(jobs) == 1:
        return dict.fromkeys(jobs[0], 0)
    seeds = sorted(set.intersection(*({seed for seed, job in each.items() if job in scores} for each in jobs)))
    if len(seeds) < 2:
        return {}
    picked = cross_fitted([[scores[each[seed]] for seed in seeds] for each in jobs])
    return dict(zip(seeds, picked, strict=True))


def chosen_jobs(
    spec: ExperimentSpec, jobs: Iterable[tuple[Member, str]], scores: Mapping[str, float]
) -> dict[GroupKey, tuple[str, ...]]:
    """The ids of the jobs at whose settings each seed of a variant counts; without tuning all of them.

    By the variant and what is left of each grid point without the axes that are tuned over. scores: as for `choices`.
    """
    groups: dict[GroupKey, list[tuple[int, str]]] = defaultdict(list)
    for member, job_id in jobs:
        groups[member.variant, member.at].append((member.seed, job_id))
    places = settings(grid_points(spec), tuned_axes(spec))
    return {
        (variant, key): _chosen([groups[variant, each.key] for each in place.each], scores)
        for variant in spec.variants
        for key, place in places.items()
    }


def _chosen(groups: Sequence[Sequence[tuple[int, str]]], scores: Mapping[str, float]) -> tuple[str, ...]:
    if len(groups) == 1:
        return tuple(job_id for _, job_id in groups[0])
    by_seed = [dict(group) for group in groups]
    return tuple(by_seed[setting][seed] for seed, setting in choices(by_seed, scores).items())
