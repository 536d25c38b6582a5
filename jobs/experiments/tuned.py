"""What tuning has found: how good each setting is, how many of them work, and which one each seed counts at. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from jobs.experiments.by_seed import of_trainings
from jobs.experiments.document import ExperimentSpec, Member, Point, key_of
from jobs.experiments.estimates import Estimate, of_numbers, of_steps
from jobs.experiments.numbers import Number
from jobs.experiments.planned import grid_points
from jobs.experiments.question import StepsTo
from jobs.experiments.seeds import Seed, Trained, has_learned
from jobs.experiments.statistics.interval import Bounds, known
from jobs.experiments.tuning import Setting, Settings, chosen_jobs, settings, sign_of, tuned_axes
from jobs.lifecycle.job import Job


@dataclass(frozen=True)
class TunedSetting:
    """A variant at one setting, over the n seeds that came to an end there.

    by: what settings are chosen by; primary: what variants are compared by, or what is summed up of it along an axis;
    learned: how many of the seeds have, where the document has a bar.
    """

    at: Point
    by: Estimate[float] | None
    primary: Estimate[float] | Estimate[Bounds] | None
    learned: int | None
    n: int


@dataclass(frozen=True)
class Chosen:
    """A seed, and the job and setting at which it counts."""

    seed: int
    job: str
    at: Point


@dataclass(frozen=True)
class Tuned:
    """One variant, at what is left of a grid point without the axes `over`.

    working: at how many of the settings every seed that came to an end has learned, where the document has a bar.
    """

    variant: str
    point: Point
    over: tuple[str, ...]
    by: str
    settings: tuple[TunedSetting, ...]
    working: int | None
    chosen: tuple[Chosen, ...]


def tuned(spec: ExperimentSpec, trained: Trained, by_job: Mapping[str, Bounds]) -> tuple[Tuned, ...]:
    """Every variant at what is left of each grid point; nothing where the document does not tune.

    by_job: as for the verdicts.
    """
    if spec.tune is None:
        return ()
    over, by = spec.tune.over, spec.tune.by
    made = []
    for variant in spec.variants:
        for place in settings(grid_points(spec), over).values():
            found = tuple(_setting(spec, trained, by_job, variant, each) for each in place.each)
            working = None if spec.learned is None else sum(each.learned == each.n > 0 for each in found)
            chosen = chosen_settings(trained, variant, place)
            made.append(Tuned(variant, place.point, over, by, found, working, chosen))
    return tuple(made)


def chosen_settings(trained: Trained, variant: str, place: Settings) -> tuple[Chosen, ...]:
    """By seed which of the settings at a place it counts at."""
    at = {each.job: setting.at for setting in place.each for each in trained.seeds.get((variant, setting.key), ())}
    seeds = sorted(trained.chosen.get((variant, key_of(place.point)), ()), key=lambda each: each.seed)
    return tuple(Chosen(each.seed, each.job, at[each.job]) for each in seeds)


def at_chosen(
    spec: ExperimentSpec, jobs: Iterable[tuple[Member, Job]], scores: Mapping[str, float], found: Iterable[Number]
) -> tuple[Number, ...]:
    """The numbers of each seed at the setting that is chosen for it, at what is left of its grid point.

    By variant, what is left of the grid, and seed. jobs: all of the experiment; found: one number of each that has one.
    """
    by_job = {each.job: each for each in found}
    places = settings(grid_points(spec), tuned_axes(spec))
    chosen = chosen_jobs(spec, ((member, job.id) for member, job in jobs), scores)
    return tuple(
        replace(by_job[job_id], member=replace(by_job[job_id].member, point=places[key].point))
        for (_, key), ids in chosen.items()
        for job_id in ids
        if job_id in by_job
    )


def _setting(
    spec: ExperimentSpec, trained: Trained, by_job: Mapping[str, Bounds], variant: str, setting: Setting
) -> TunedSetting:
    assert spec.tune is not None
    seeds = trained.seeds.get((variant, setting.key), ())
    measured = [each.measured for each in seeds if each.measured is not None]
    sign = sign_of(spec.tune.by)
    scores = [sign * trained.scores[each.job] for each in seeds if each.job in trained.scores]
    learned = None if spec.learned is None else sum(has_learned(each, spec.learned) for each in measured)
    return TunedSetting(setting.at, of_numbers(known(scores)), _primary(spec, seeds, by_job), learned, len(measured))


def _primary(
    spec: ExperimentSpec, seeds: Sequence[Seed], by_job: Mapping[str, Bounds]
) -> Estimate[float] | Estimate[Bounds] | None:
    values = [*of_trainings(spec, seeds, by_job).values()]
    return of_steps(values) if isinstance(spec.primary, StepsTo) else of_numbers(values)
