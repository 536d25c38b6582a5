"""What a figure draws of jobs and experiments: lines with their bands, and one unit's percentiles."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Any

from bnlab.sdk.client import Client

POINTS = 1000  # of each curve that has a value at every step
NO_SERIES = ("step", "time", "statistics")  # columns of a table that are no numbers by step
Values = Sequence[float | None]


@dataclass(frozen=True)
class Line:
    """A number by step and, where there is one, its interval; None where it is not finite."""

    label: str
    step: Sequence[int]
    mean: Values
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
    """`accuracy` or `loss` of a group of an experiment: the mean over its seeds with the 95 % interval."""
    band = group[name]
    return Line(label, group["step"], band["mean"], band["low"], band["high"])


def curves_of(client: Client, job_id: str, tables: Sequence[str], *, points: int) -> dict[str, Curve]:
    """By name, `train.loss`, every series that a job has recorded in these tables, thinned to so many points."""
    sources = dict.fromkeys(SOURCES.get(table, _diagnostics) for table in tables)
    answers = {name: found for source in sources for name, found in source(client, job_id, points).items()}
    return {name: curve for table in tables for name, curve in _curves(table, answers.get(table, {})).items()}


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


def _metrics(client: Client, job_id: str, points: int) -> dict[str, Any]:
    answer = client.metrics(job_id, points=points)
    return {table: answer[table] for table in ("train", "test")}


def _activations(client: Client, job_id: str, points: int) -> dict[str, Any]:
    answer = client.activations(job_id, units=True, points=points)
    return {"activations": {"step": answer["step"], **answer["layers"]}, "units": answer.get("units", {})}


def _diagnostics(client: Client, job_id: str, points: int) -> dict[str, Any]:
    found: dict[str, Any] = client.diagnostics(job_id, points=points)["diagnostics"]
    return found


SOURCES: dict[str, Callable[[Client, str, int], dict[str, Any]]] = {
    "train": _metrics,
    "test": _metrics,
    "activations": _activations,
    "units": _activations,
}
"""What answers with a table; any other one is a diagnostic."""


def _curves(table: str, found: Mapping[str, Any]) -> dict[str, Curve]:
    columns = _flat({name: column for name, column in found.items() if name not in NO_SERIES})
    return {
        f"{table}.{name}": _curve(found["step"], columns, name)
        for name in columns
        if name.rpartition(".")[0] not in columns  # else it says what is in the other one's buckets
    }


def _curve(step: Sequence[int], columns: Mapping[str, Values], name: str) -> Curve:
    values, mean = columns[name], columns.get(f"{name}.mean")
    last = values[-1] if values else None
    if mean is None or columns[f"{name}.min"] == columns[f"{name}.max"]:  # nothing of it was joined
        return Curve(step, values, last=last)
    return _with_a_whole_end(Curve(step, mean, columns[f"{name}.min"], columns[f"{name}.max"], last))


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


def _flat(tree: Mapping[str, Any], prefix: str = "") -> dict[str, Values]:
    """Columns by their dotted paths."""
    columns: dict[str, Values] = {}
    for name, found in tree.items():
        columns |= _flat(found, f"{prefix}{name}.") if isinstance(found, Mapping) else {f"{prefix}{name}": found}
    return columns


def _by_step(curves: Sequence[Curve], part: str) -> dict[int, list[float]]:
    found: dict[int, list[float]] = {}
    for curve in curves:
        for step, value in zip(curve.step, getattr(curve, part), strict=False):
            if value is not None:
                found.setdefault(step, []).append(value)
    return found
