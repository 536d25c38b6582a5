"""Answers about experiments, each made once for as long as nothing of it changes, however many ask for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from math import inf, isfinite
from typing import Any

from sqlalchemy import bindparam, select

from api.http.tags import tag_of
from api.http.written import as_json
from api.values import time_of
from jobs.errors import DamagedObject
from jobs.experiments import clients
from jobs.experiments.clients import Experiment
from jobs.experiments.curves import Curve, test_curves
from jobs.experiments.needed import primary_numbers, scores
from jobs.experiments.results import Band, Group, groups
from jobs.experiments.seeds import Result, trained
from jobs.experiments.speedups import speedups
from jobs.experiments.tuned import tuned
from jobs.experiments.verdicts import Verdict, verdicts
from jobs.lifecycle.job import TERMINAL, Job, Status
from jobs.series.format.manifest import states
from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects

POINTS = 200  # steps of a band
ALL_POINTS = 600  # of all bands together, where nothing is said
SEEDS = 200  # jobs, up to which each seed's numbers are shown where nothing is said
NUMBERS = 400  # of seeds in all verdicts together, up to which they are shown where nothing is said
MOST = 50  # answers that are kept: some 25 MB
MOST_ENDED = 2000  # jobs that are kept, with their curves: some 30 MB

INFINITE = {inf: "Infinity", -inf: "-Infinity"}
"""How numbers are written that JSON has not: as Python and JavaScript read them, and protocol buffers write them."""

_MEMBERS, _JOBS = tables.members.c, tables.jobs.c
_STATE = select(_JOBS.id, _JOBS.version, _JOBS.status).where(
    _MEMBERS.job_id == _JOBS.id, _MEMBERS.experiment_id == bindparam("experiment_id")
)

Curves = Mapping[str, Curve | DamagedObject]
"""By job."""


@dataclass(frozen=True)
class Shown:
    """How much of an experiment is asked for.

    points: the most steps of each band; None: 200, or fewer where there are many groups. seeds: whether each seed's
    numbers are shown; None: where there are no more than 200 jobs and, in the verdicts, no more than 400 numbers.
    """

    points: int | None = None
    seeds: bool | None = None


@dataclass(frozen=True)
class State:
    """What an answer is a function of: each write of a job's row is another version of it."""

    document: Any
    versions: Mapping[str, int]
    """By job."""
    recorded: Mapping[str, tuple[Any, ...]]
    """By job that has not ended, how far it is."""


@dataclass(frozen=True)
class Made:
    """An answer as it is sent, with its entity tag."""

    state: State
    data: bytes
    tag: str


class ExperimentAnswers:
    """The answers of one process."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database = database
        self._objects = objects
        self._made: dict[tuple[str, Shown], Made] = {}
        self._ended: dict[tuple[str, int], tuple[Job, Curve]] = {}

    def of(self, experiment_id: str, shown: Shown = Shown()) -> Made:
        """The answer about an experiment as it stands. Raises NotFound."""
        state, known = self._state(experiment_id), self._made.get((experiment_id, shown))
        if known is not None and known.state == state:
            return known
        experiment, curves = self._read(experiment_id, state.versions)
        data = as_json(answer_of(self._database, self._objects, experiment, curves, shown))
        made = Made(state, data, tag_of(data))
        if len(self._made) >= MOST:
            self._made.clear()
        self._made[experiment_id, shown] = made
        return made

    def _state(self, experiment_id: str) -> State:
        """It is taken before the answer, which so is never older than it."""
        document = select(tables.experiments.c.document).where(tables.experiments.c.id == experiment_id)
        with self._database.read() as connection:
            jobs = connection.execute(_STATE, {"experiment_id": experiment_id}).all()
            said = connection.execute(document).scalar()
        alive = [job.id for job in jobs if Status(job.status) not in TERMINAL]
        return State(said, {job.id: job.version for job in jobs}, states(self._database, alive))

    def _read(self, experiment_id: str, versions: Mapping[str, int]) -> tuple[Experiment, Curves]:
        """The experiment, and the curves of its jobs: of one that has ended, nothing is read a second time."""
        kept = {each: found for each in versions if (found := self._ended.get((each, versions[each]))) is not None}
        experiment = clients.get(self._database, experiment_id, {job_id: job for job_id, (job, _) in kept.items()})
        unread = [job for _, job in experiment.jobs if job.id not in kept]
        read = test_curves(self._database, self._objects, unread)
        if len(self._ended) + len(unread) > MOST_ENDED:
            self._ended.clear()
        for job in unread:
            curve = read.get(job.id)
            if job.status in TERMINAL and isinstance(curve, Curve) and job.id in versions:
                self._ended[job.id, versions[job.id]] = (job, curve)
        return experiment, {job_id: curve for job_id, (_, curve) in kept.items()} | read


def answer_of(
    database: Database, objects: Objects, experiment: Experiment, curves: Curves, shown: Shown
) -> dict[str, Any]:
    """The experiment, as `api.schemas.experiments.ExperimentAnswer` describes it."""
    damaged = {job_id: str(curve) for job_id, curve in curves.items() if isinstance(curve, DamagedObject)}
    # A job that was deleted since the experiment was looked up is left out, as it is in the next answer.
    found = replace(experiment, jobs=tuple((member, job) for member, job in experiment.jobs if job.id in curves))
    read = ((member, job, curves[job.id]) for member, job in found.jobs)
    results = [Result(m, job, None if isinstance(curve, DamagedObject) else curve) for m, job, curve in read]
    spec = found.spec
    known = trained(spec, results, scores(database, objects, found))
    by_job = primary_numbers(database, objects, found)
    made = groups(spec, results, known, shown.points or max(2, min(POINTS, ALL_POINTS // max(1, len(known.seeds)))))
    seeds = len(results) <= SEEDS if shown.seeds is None else shown.seeds
    return {
        "id": found.id,
        "created": time_of(found.created),
        "document": spec.model_dump(mode="json"),
        "ended": all(job.status in TERMINAL for _, job in found.jobs),
        "jobs": [
            {**vars(member), "id": job.id, "status": job.status, "step": job.step, "steps": job.steps}
            for member, job in found.jobs
        ],
        "deleted": found.deleted,
        "damaged": damaged,
        "groups": [_group(group, seeds=seeds) for group in made],
        "tuned": plain(tuned(spec, known, by_job)),
        "speedups": plain(speedups(spec, known)),
        "verdicts": _verdicts(verdicts(spec, known, by_job), shown.seeds),
    }


def plain(value: Any) -> Any:
    """A value in parts that JSON has: what is infinite is a word, and what is not known is null.

    >>> plain(({"low": 1.0, "high": inf}, float("nan")))
    [{'low': 1.0, 'high': 'Infinity'}, None]
    """
    if isinstance(value, float):
        return value if isfinite(value) else INFINITE.get(value)
    if isinstance(value, Mapping):
        return {name: plain(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    if is_dataclass(value) and not isinstance(value, Band):  # whose columns are numpy's
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    return value


def _group(group: Group, *, seeds: bool) -> dict[str, Any]:
    shown: dict[str, Any] = plain(group if seeds else replace(group, seeds=()))
    return shown if seeds else shown | {"seeds": None}


def _verdicts(made: Sequence[Verdict], asked: bool | None) -> list[dict[str, Any]]:
    """The verdicts, with each seed's number where that is asked for or, where nothing is, where they are few."""
    numbers = sum(len(side.seeds) for each in made for side in each.values)
    shown = numbers <= NUMBERS if asked is None else asked
    return [plain(each) if shown else plain(replace(each, values=())) | {"values": None} for each in made]
