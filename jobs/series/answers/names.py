"""What the series of a job are called, and which of them a request names."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from jobs.errors import InvalidQuery
from jobs.lifecycle.job import Job
from jobs.series.format.columns import expected, metrics_of
from jobs.series.format.manifest import Manifest
from jobs.series.format.schema import ACTIVATIONS, HISTOGRAMS, UNITS
from jobs.series.read.selection import Names, Table
from jobs.spec.resolved import Resolved


def split(table: str, series: str) -> list[str]:
    """The layer, whose name may have dots, and what is measured there; of a diagnostic's measure of all alone that.

    >>> split("activations", "stage2.0.conv1.p50"), split("units", "hidden3.50.p15"), split("landscape", "smoothness")
    (['stage2.0.conv1', 'p50'], ['hidden3', '50', 'p15'], ['smoothness'])
    """
    return series.rsplit(".", 2 if table == UNITS else 1)


def check_names(parameter: str, asked: Iterable[str], there: Collection[str]) -> None:
    """Raise InvalidQuery for the first name asked for that is not there, with those that are."""
    for name in asked:
        if name not in there:
            raise InvalidQuery(parameter, f"'{name[:80]}' matches nothing; there is: {', '.join(dict.fromkeys(there))}")


def check_expected(job: Job, manifest: Manifest, names: Iterable[str]) -> None:
    """Raise InvalidQuery for a series, `train.loss`, that the job neither has recorded nor is going to."""
    known = expected(job.resolved)
    for name in names:
        table = name.partition(".")[0]
        there = manifest.names[table] or known.get(table)
        if not there:
            tables = ", ".join(known)
            raise InvalidQuery("names", f"'{name}': job {job.id} was not asked to record '{table}'; there is: {tables}")
        check_names("names", [name], [f"{table}.{each}" for each in there])


def metric_names(resolved: Resolved, manifest: Manifest) -> Names:
    """The columns of `train`, `test` and, where there is such a part, `validation`."""
    return {table: manifest.names[table] or expected for table, expected in metrics_of(resolved).items()}


def activation_names(
    manifest: Manifest, layers: Sequence[str], statistics: Sequence[str], tables: Iterable[str]
) -> Names:
    """The columns of these tables that belong to the layers, and in `activations` to the statistics; empty: to any.

    Raises InvalidQuery for a name that matches nothing, once there is something that it could match.
    """
    recorded = [split(ACTIVATIONS, series) for series in manifest.names[ACTIVATIONS]]
    if recorded:
        check_names("layer", layers, [layer for layer, _ in recorded])
        check_names("statistic", statistics, [name for layer, name in recorded if not layers or layer in layers])

    def belongs(table: str, series: str) -> bool:
        layer, *measured = split(table, series)
        of_layer = not layers or layer in layers
        return of_layer and (table != ACTIVATIONS or not statistics or measured[0] in statistics)

    return {table: tuple(series for series in manifest.names[table] if belongs(table, series)) for table in tables}


def recorded_tables(job: Job) -> tuple[str, ...]:
    """The tables in which this job has rows, once it has ended: what measures nothing in its network has none."""
    inside = (UNITS, HISTOGRAMS) if job.resolved.plan.taps else ()
    return (*metrics_of(job.resolved), ACTIVATIONS, *inside, *job.resolved.diagnostics)


def asked_diagnostics(job: Job, names: Sequence[str]) -> tuple[str, ...]:
    """Those of the job's diagnostics that are named; all where none is. Raises InvalidQuery for another name."""
    recorded = tuple(job.resolved.diagnostics)
    check_names("name", names, recorded)
    return tuple(name for name in recorded if not names or name in names)


def diagnostic_names(manifest: Manifest, tables: Iterable[str], layers: Sequence[str]) -> Names:
    """The columns of these diagnostics that are of the layers, or of the whole network; no layer named: all.

    Raises InvalidQuery for a layer of which none of them measures anything, once something is measured.
    """
    found = {table: {series: split(table, series)[:-1] for series in manifest.names[table]} for table in tables}
    known = [layer for columns in found.values() for path in columns.values() for layer in path]
    if known:
        check_names("layer", layers, known)
    return {
        table: tuple(series for series, path in columns.items() if not layers or not path or path[0] in layers)
        for table, columns in found.items()
    }


def flat(table: Table) -> dict[str, Any]:
    """Columns by name: `loss`, and where thinned also `loss.min`, `loss.max`, `loss.mean`."""
    return {f"{name}{suffix}": values for name, parts in table.columns.items() for suffix, values in parts.items()}


def evaluated_by(job: Job, steps: Iterable[int]) -> list[str] | None:
    """By which statistics BN normalized in the evaluations after these steps; None where the network has no BN.

    Those of the population are measured once, when the training has ended (Ioffe and Szegedy 2015, algorithm 2).
    """
    spec = job.resolved.spec
    if not any(placed.normalization for placed in job.resolved.plan.layers):
        return None
    at_end = spec.normalization.population if spec.normalization else "running"
    return [at_end if step == spec.steps else "running" for step in steps]


def nested(name: str, table: Table) -> dict[str, Any]:
    """Columns by layer and then by what is measured there."""
    tree: dict[str, Any] = {}
    for series, parts in table.columns.items():
        *path, measured = split(name, series)
        branch = tree
        for key in path:
            branch = branch.setdefault(key, {})
        branch |= {f"{measured}{suffix}": values for suffix, values in parts.items()}
    return tree
