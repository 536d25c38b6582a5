"""What a figure draws of jobs and experiments: lines with their bands, and one unit's percentiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bnlab.errors import ApiError, CannotRun
from bnlab.sdk.client import Client

POINTS = 1000  # of each curve that has a value at every step
JOBS_AT_ONCE = 100  # the most of an answer
Values = Sequence[float | None]


@dataclass(frozen=True)
class Line:
    """A number by step and, where there are several, the least and the greatest; None where none is finite."""

    label: str
    step: Sequence[int]
    middle: Values
    low: Values = ()
    high: Values = ()


@dataclass(frozen=True)
class Curve:
    """One series of one job by step; None where a value is not finite.

    Where the server has joined steps, `values` are their means, and `low` and `high` the least and greatest of them.
    A last few steps that would be a mean of their own are in the band before them.
    """

    step: Sequence[int]
    values: Values
    low: Values = ()
    high: Values = ()
    last: float | None = None
    """The last value, which is no mean."""


Curves = dict[str, Curve]
"""By the name of their series."""


@dataclass(frozen=True)
class Unit:
    """The 15th, 50th and 85th percentile of one unit's input on the probe, by step."""

    label: str
    """Whose unit it is: with BN."""
    name: str
    """Such as `hidden3, unit 50`."""
    step: Sequence[int]
    percentiles: Mapping[str, Values]
    """`p15`, `p50` and `p85`."""


def line_of_group(label: str, group: Mapping[str, Any], name: str) -> Line:
    """`accuracy` or `loss` of a group of an experiment: the median of its seeds, from the least to the greatest."""
    band = group[name]
    return Line(label, group["step"], band["median"], band["least"], band["greatest"])


def curves_of(client: Client, job_ids: Sequence[str], names: Sequence[str], *, points: int) -> dict[str, Curves]:
    """By job, what it has or will have of these names, `train.loss`, and patterns, thinned to so many points.

    Raises CannotRun where what a job has recorded cannot be read.
    """
    found: dict[str, Curves] = {job_id: {} for job_id in job_ids}
    for name in names:  # one by one: a name that none of the jobs has is refused, with whatever stands beside it
        for i in range(0, len(job_ids), JOBS_AT_ONCE):
            for job_id, job in _answered(client, job_ids[i : i + JOBS_AT_ONCE], name, points).items():
                found[job_id] |= _curves(job["tables"])
    return found


def _answered(client: Client, job_ids: Sequence[str], name: str, points: int) -> dict[str, Any]:
    try:
        answer = client.series(job_ids, [name], points=points, columns=("value", "min", "max", "mean"))
    except ApiError as error:
        if error.code != "invalid_query":
            raise
        return {}
    for job_id, reason in answer["damaged"].items():
        raise CannotRun(f"the series of job {job_id} cannot be read: {reason}")
    return dict(answer["jobs"])


def middle_of(curves: Sequence[Curve]) -> Curve:
    """The median over the curves at each step at which more than half of them have a value.

    Its band, where there is one, reaches from the least to the greatest value of all of them.

    >>> middle_of([Curve([1, 2], [1.0, 5.0]), Curve([1, 2], [2.0, None]), Curve([1], [9.0])])
    Curve(step=[1], values=[2.0], low=[], high=[], last=None)
    """
    values, low, high = (_by_step(curves, part) for part in ("values", "low", "high"))
    step = [step for step in sorted(values) if 2 * len(values[step]) > len(curves)]
    band = [step for step in step if step in low]
    return Curve(
        step,
        [median(values[each]) for each in step],
        [min(low[each]) for each in step] if band == step else [],
        [max(high[each]) for each in step] if band == step else [],
    )


def unit_of(client: Client, job_id: str, label: str, points: int = POINTS) -> Unit | None:
    """The first recorded unit of the last layer that has one; None where the job has recorded none."""
    recorded = client.activations(job_id, units=True, points=points).get("units", {})
    layers = [layer for layer in recorded if layer != "step"]
    if not layers or not recorded["step"]:
        return None
    unit, percentiles = next(iter(recorded[layers[-1]].items()))
    return Unit(label, f"{layers[-1]}, unit {unit}", recorded["step"], percentiles)


def units_of(client: Client, groups: Sequence[Mapping[str, Any]], points: int = POINTS) -> list[Unit]:
    """One unit of the first seed of each group of an experiment, where there is one and it records one."""
    found = (unit_of(client, group["jobs"][0], group["variant"], points) for group in groups if group["jobs"])
    return [unit for unit in found if unit is not None]


def _curves(tables: Mapping[str, Mapping[str, Any]]) -> dict[str, Curve]:
    return {
        name: _curve(table, name)
        for table in tables.values()
        for name in table
        if f"{name}.mean" in table  # else it is the steps, or says what is in the other one's buckets
    }


def _curve(table: Mapping[str, Any], name: str) -> Curve:
    step, values = table["step"], table[name]
    low, high, mean = (table[f"{name}.{part}"] for part in ("min", "max", "mean"))
    last = values[-1] if values else None
    if low == high:  # nothing of it was joined
        return Curve(step, values, last=last)
    return _with_a_whole_end(Curve(step, mean, low, high, last))


def _with_a_whole_end(curve: Curve) -> Curve:
    """The last bucket has fewer steps than the others, whose mean would be an outlier: it joins the one before it."""
    if len(curve.step) < 3 or None in (*curve.values[-2:], *curve.low[-2:], *curve.high[-2:]):
        return curve
    before, start, end = curve.step[-3:]
    if 2 * (end - start) >= start - before:
        return curve
    low = min(value for value in curve.low[-2:] if value is not None)
    high = max(value for value in curve.high[-2:] if value is not None)
    return Curve(
        [*curve.step[:-2], end], curve.values[:-1], [*curve.low[:-2], low], [*curve.high[:-2], high], curve.last
    )


def _by_step(curves: Sequence[Curve], part: str) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for curve in curves:
        for step, value in zip(curve.step, getattr(curve, part), strict=False):
            if value is not None:
                found.setdefault(step, []).append(value)
    return found
