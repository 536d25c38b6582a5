"""The numbers that an experiment's question needs read: those it is judged by, and those settings are chosen by."""

from collections.abc import Mapping

from jobs.experiments.by_seed import series_of
from jobs.experiments.clients import Experiment
from jobs.experiments.numbers import Summary, numbers
from jobs.experiments.question import Mean, OfSeries, Rms, Wander
from jobs.experiments.statistics.interval import Bounds
from jobs.experiments.tuning import chosen_by, scores_of
from jobs.spec.training import Goal
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects


def primary_numbers(database: Database, objects: Objects, experiment: Experiment) -> Mapping[str, Bounds]:
    """By job those by which variants are judged, where they are of a series that is read for it."""
    primary, series = experiment.spec.primary, series_of(experiment.spec)
    if series is None:
        return {}
    assert isinstance(primary, OfSeries | Wander)
    summary = Summary()
    if isinstance(primary, Mean | Rms):
        summary = Summary(primary.kind, primary.from_step, primary.to_step)
    elif isinstance(primary, Wander):
        summary = Summary(primary.kind)
    return _by_job(database, objects, experiment, series, summary, primary.goal)


def scores(database: Database, objects: Objects, experiment: Experiment) -> Mapping[str, float]:
    """By job what its setting is chosen by, the more the better; nothing where no setting is chosen."""
    series = chosen_by(experiment.spec)
    if series is None:
        return {}
    return scores_of(series, _by_job(database, objects, experiment, series, Summary(), None))


def _by_job(
    database: Database, objects: Objects, experiment: Experiment, series: str, summary: Summary, goal: Goal | None
) -> dict[str, Bounds]:
    return {each.job: each.value for each in numbers(database, objects, experiment, series, summary, goal)}
