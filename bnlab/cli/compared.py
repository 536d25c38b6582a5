"""What `bnlab compare` sets side by side: jobs, and the groups of experiments, each with what came of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isinf
from typing import Any

from bnlab.errors import ApiError, CannotRun
from bnlab.figures.columns import Column, Dot, point_of
from bnlab.figures.curves import Curve, Curves, curves_of
from bnlab.sdk.client import Client, Job
from bnlab.sdk.estimates import estimate_of, number_of
from bnlab.terminal.labels import label
from bnlab.terminal.spoken import number_in_words, point_in_words

ENDS = 2  # points: a series' first and last value, with the least and greatest between them
ACCURACY = "test.accuracy"
BEST = f"best {ACCURACY}"
PLACES = 0.001
NOTHING: dict[str, Any] = {"values": [], "differences": []}
FAULTS = {"non_finite_loss": "diverged"}


@dataclass(frozen=True)
class Compared:
    """A job, or the seeds of one variant at one grid point."""

    name: str
    """Of a job, what `bnlab jobs` calls it; of a group its variant and point. Others may have the same."""
    id: str
    """The job's, or the experiment's."""
    spec: Mapping[str, Any] | None
    """The job's document; of a group that of its first seed. None where every one of them was deleted."""
    status: str
    succeeded: bool
    """Whether it, or each of its jobs, did."""
    cells: Mapping[str, str]
    """By what the table calls it, what was measured: nothing of a series that is not recorded."""
    jobs: tuple[str, ...]
    """Those whose curves a figure draws."""
    ends: Mapping[str, Column]
    """By series each seed's last value, with what they say together; nothing of a job."""
    answer: Mapping[str, Any]
    """The same for a program."""

    @property
    def is_job(self) -> bool:
        """Whether it is one job."""
        return "job" in self.answer


@dataclass(frozen=True)
class Found:
    """All that is compared and, of each experiment, what it concludes and how its variants differ seed by seed."""

    compared: tuple[Compared, ...]
    verdicts: Mapping[str, Sequence[Mapping[str, Any]]]
    """By the experiment's id."""
    tuned: Mapping[str, Sequence[Mapping[str, Any]]]
    """By the experiment's id, at which settings its variants are compared."""
    differences: Mapping[tuple[str, str], Sequence[Mapping[str, Any]]]
    """By the experiment's id and the series."""


def find(client: Client, ids: Sequence[str], series: Sequence[str]) -> Found:
    """Everything under these ids. Raises CannotRun where one is neither a job's nor an experiment's."""
    compared: list[Compared] = []
    verdicts: dict[str, Sequence[Mapping[str, Any]]] = {}
    tuned: dict[str, Sequence[Mapping[str, Any]]] = {}
    differences: dict[tuple[str, str], Sequence[Mapping[str, Any]]] = {}
    jobs = {some_id: job for some_id in ids if (job := _looked_up(client.job, some_id)) is not None}
    curves = curves_of(client, [job["id"] for job in jobs.values()], series, points=ENDS)
    for some_id in ids:
        if (job := jobs.get(some_id)) is not None:
            compared.append(_job(job, curves[job["id"]], series))
        elif (experiment := _looked_up(client.experiment, some_id)) is not None:
            verdicts[some_id], tuned[some_id] = experiment["verdicts"], experiment["tuned"]
            answers = {name: _compare(client, some_id, name) for name in series}
            values = {name: answer["values"] for name, answer in answers.items()}
            compared += [_group(client, some_id, group, values) for group in experiment["groups"]]
            differences |= {(some_id, name): answer["differences"] for name, answer in answers.items()}
        else:
            raise CannotRun(f"there is neither a job nor an experiment '{some_id}'")
    return Found(tuple(compared), verdicts, tuned, differences)


def _looked_up(look: Any, some_id: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = look(some_id)
    except ApiError as error:
        if error.code != "not_found":
            raise
        return None
    return found


def _compare(client: Client, experiment_id: str, series: str) -> dict[str, Any]:
    """The comparison of one series; an empty one where no job has recorded it, or it has many numbers a step."""
    if series.startswith("histograms."):
        return NOTHING
    try:
        return client.compare(experiment_id, series)
    except ApiError as error:
        if error.code != "invalid_query":
            raise
        return NOTHING


def _job(job: Job, recorded: Curves, series: Sequence[str]) -> Compared:
    curves = {name: recorded[name] for name in series if name in recorded and recorded[name].step}
    status = f"{job['status']} at step {job['progress']['step']}"
    if job["error"]:
        status += f": {FAULTS.get(job['error']['code'], job['error']['code'].replace('_', ' '))}"
    cells = {name: _number(curve.last) for name, curve in curves.items()}
    if ACCURACY in curves:
        cells |= {BEST: _number(_greatest(curves[ACCURACY]))}
    values = {name: {"last": curve.last, "greatest": _greatest(curve)} for name, curve in curves.items()}
    answer = {"job": job["id"], "status": job["status"], "step": job["progress"]["step"], "series": values}
    succeeded = job["status"] == "succeeded"
    return Compared(label(job), job["id"], job["spec"], status, succeeded, cells, (job["id"],), {}, answer)


def _group(
    client: Client, experiment_id: str, group: Mapping[str, Any], values: Mapping[str, Sequence[Mapping[str, Any]]]
) -> Compared:
    first = next(iter(group["jobs"]), None)
    own = {name: found for name, each in values.items() if (found := _of_group(group, each)) is not None}
    found = {name: own[name]["value"] if name in own else None for name in values}
    if ACCURACY in values:
        found[BEST] = group["best_accuracy"]
    answer: dict[str, Any] = {
        "experiment": experiment_id,
        **{name: group[name] for name in ("variant", "point", "jobs")},
    }
    name = ", ".join(filter(None, (group["variant"], point_in_words(group["point"]))))
    cells = {each: _estimate(value) for each, value in found.items() if value is not None}
    counts = _counts(group)
    jobs = tuple(job for job in group["jobs"] if job not in group["damaged"])
    spec = client.job(first)["spec"] if first else None
    whole = counts["succeeded"] == counts["jobs"]
    answer |= {"status": counts, "series": found}
    ends = {series: _column(group, each) for series, each in own.items()}
    return Compared(name, experiment_id, spec, _status(counts), whole, cells, jobs, ends, answer)


def _counts(group: Mapping[str, Any]) -> dict[str, int]:
    """How many jobs a group has, and how many of them came to what."""
    others = {name: len(group[name]) for name in ("diverged", "failed", "cancelled", "damaged")}
    others |= {"deleted": group["deleted"]}
    whole = len(group["jobs"]) + group["deleted"]
    return {"jobs": whole, "succeeded": group["succeeded"]} | {name: n for name, n in others.items() if n}


def _status(counts: Mapping[str, int]) -> str:
    """`2 of 3 succeeded, 1 diverged`."""
    others = (f"{number} {what}" for what, number in counts.items() if what not in ("jobs", "succeeded"))
    return ", ".join([f"{counts['succeeded']} of {counts['jobs']} succeeded", *others])


def _of_group(group: Mapping[str, Any], values: Sequence[Mapping[str, Any]]) -> Mapping[str, Any] | None:
    same = (each for each in values if (each["variant"], each["point"]) == (group["variant"], group["point"]))
    return next(same, None)


def _column(group: Mapping[str, Any], values: Mapping[str, Any]) -> Column:
    """Each seed's last value; hollow, where it diverged."""
    known = ((seed, number_of(seed["value"])) for seed in values["seeds"])
    dots = tuple(
        Dot(seed["seed"], value, value, seed["job"] in group["diverged"]) for seed, value in known if value is not None
    )
    estimate = None if values["value"] is None else estimate_of(values["value"])
    learned = group.get("learned")
    word = f"{learned['k']} of {learned['n']}\nlearned" if learned and learned["k"] < learned["n"] else ""
    return Column(group["variant"], point_of(group["point"]), dots, estimate, word)


def _greatest(curve: Curve) -> float | None:
    """Of a thinned curve the largest value of each bucket, not its last one."""
    return max((value for value in curve.high or curve.values if value is not None), default=None)


def _number(value: float | None) -> str:
    """Four places where those say something, else four digits."""
    if value is None or isinf(value):
        return "not finite"
    return f"{value:.4f}" if value == 0 or PLACES <= abs(value) < 1 / PLACES else number_in_words(value)


def _estimate(said: Mapping[str, Any]) -> str:
    """`0.8825 (0.8790 to 0.8860)`."""
    found = estimate_of(said)
    centre = "not known" if found.centre is None else _number(found.centre[0])
    if found.low is None or found.high is None:
        return centre
    return f"{centre} ({_number(found.low)} to {_number(found.high)})"
