"""What a figure draws of jobs and experiments: lines with their bands, and one unit's percentiles."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bnlab.sdk.client import Client

POINTS = 1000  # of each curve that has a value at every step
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
class Unit:
    """The 15th, 50th and 85th percentile of one unit's input on the probe, by step."""

    label: str
    """Whose unit it is: with BN."""
    name: str
    """Such as `hidden3, unit 50`."""
    step: Sequence[int]
    percentiles: Mapping[str, Values]
    """`p15`, `p50` and `p85`."""


def line_of_job(label: str, table: Mapping[str, Any], name: str) -> Line:
    """One column of a table of a job's metrics."""
    return Line(label, table["step"], table[name])


def line_of_group(label: str, group: Mapping[str, Any], name: str) -> Line:
    """`accuracy` or `loss` of a group of an experiment: the mean over its seeds with the 95 % interval."""
    band = group[name]
    return Line(label, group["step"], band["mean"], band["low"], band["high"])


def unit_of(client: Client, job_id: str, label: str, points: int = POINTS) -> Unit | None:
    """The first recorded unit of the last layer that has one; None where the job records none."""
    recorded = client.activations(job_id, units=True, points=points).get("units", {})
    layers = [layer for layer in recorded if layer != "step"]
    if not layers:
        return None
    unit, percentiles = next(iter(recorded[layers[-1]].items()))
    return Unit(label, f"{layers[-1]}, unit {unit}", recorded["step"], percentiles)


def units_of(client: Client, groups: Sequence[Mapping[str, Any]], points: int = POINTS) -> list[Unit]:
    """One unit of the first seed of each group of an experiment, where there is one and it records one."""
    found = (unit_of(client, group["jobs"][0], group["variant"], points) for group in groups if group["jobs"])
    return [unit for unit in found if unit is not None]
