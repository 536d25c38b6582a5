"""Reads of a job's series what the rules look at."""

import sys

import numpy as np

from jobs.findings.evidence import Evidence, Layer, Line
from jobs.series.format.schedule import Listed, Schedule, schedules
from jobs.series.format.schema import ACTIVATIONS, TEST, TRAIN
from jobs.series.read.cuts import Query
from jobs.series.read.reader import View
from jobs.series.read.selection import Names, Table, select
from jobs.spec.resolved import Resolved

POINTS = 200  # rows of a table, the most
VALUES = 500_000  # of all series together, the most: very deep networks get fewer rows
STATISTICS = frozenset(
    {"std", "saturated", "dead", "mean_gap", "variance_ratio", "weight_norm", "gradient_norm", "update_ratio"}
)
"""Of a layer; the others that are recorded say nothing to any rule."""


def gather(resolved: Resolved, view: View) -> Evidence:
    """What a job of this document has recorded so far. Raises DamagedObject."""
    recorded = view.manifest.names
    names: Names = {
        **{table: recorded[table] for table in (TRAIN, TEST)},
        ACTIVATIONS: tuple(name for name in recorded[ACTIVATIONS] if name.rpartition(".")[2] in STATISTICS),
    }
    points = min(POINTS, VALUES // max(1, len(names[ACTIVATIONS])))
    selected, due = select(view, names, Query(0, sys.maxsize, points)), schedules(resolved.spec)
    found = {table: _lines(rows, due[table]) for table, rows in selected.tables.items()}
    layers: dict[str, dict[str, Line]] = {placed.name: {} for placed in resolved.plan.layers}
    for name, line in found[ACTIVATIONS].items():
        layer, _, statistic = name.rpartition(".")
        layers[layer][statistic] = line
    measured: dict[str, Layer] = {name: layer for name, layer in layers.items() if layer}
    return Evidence(resolved, found[TRAIN], found[TEST], measured)


def _lines(table: Table, due: Schedule | Listed) -> dict[str, Line]:
    if not len(table.step):
        return {}
    # A row, of as many steps as were joined, begins with what was measured next behind the row before it.
    first = np.array([due.next(step) for step in (-1, *table.step[:-1].tolist())], np.int64)
    found: dict[str, Line] = {}
    for name, parts in table.columns.items():
        whole = parts[""].astype(np.float64)
        finite = np.where(np.isfinite(whole), whole, np.nan)
        least, mean, greatest = (parts.get(part, finite).astype(np.float64) for part in (".min", ".mean", ".max"))
        runs = table.nonfinite.get(name)
        found[name] = Line(first, table.step, least, mean, greatest, int(runs[0][0]) if runs else None)
    return found
