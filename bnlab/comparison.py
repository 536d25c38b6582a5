"""`bnlab compare`: some jobs side by side: what differs in their documents, and what came of each."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bnlab.client import Client, Job
from bnlab.preconditions import require_installed

POINTS = 1000  # of each training curve in the figure


@dataclass(frozen=True)
class Compared:
    """A job with its curves: every evaluation, the training loss thinned, and its recorded units where it has any."""

    job: Job
    metrics: dict[str, Any]
    units: dict[str, Any]

    @property
    def label(self) -> str:
        """The job's name and id."""
        return " ".join(filter(None, (self.job["spec"]["name"], self.job["id"])))


def run(client: Client, job_ids: Sequence[str], figure: Path | None, console: Console) -> None:
    """Print the table, and draw the figure where a file is named for it. Raises the client's errors."""
    if figure is not None:
        require_installed(["matplotlib"])
    jobs = [_compared(client, job_id, with_units=figure is not None) for job_id in job_ids]
    console.print(table(jobs))
    if figure is not None:
        from bnlab import figures  # matplotlib takes a second to load

        figures.save(figures.side_by_side(jobs), figure)
        console.print(f"The figure is {figure}.", markup=False, highlight=False)


def differing(specs: Sequence[Any], pointer: str = "") -> dict[str, list[Any]]:
    """By JSON pointer, the values that are not the same in all documents; None where a document has no such place.

    >>> differing([{"a": 1, "b": {"c": 2}}, {"a": 1, "b": {"c": 3}}])
    {'/b/c': [2, 3]}
    """
    if all(spec == specs[0] for spec in specs):
        return {}
    if not all(isinstance(spec, dict) for spec in specs):
        return {pointer: list(specs)}
    keys = dict.fromkeys(key for spec in specs for key in spec)
    found: dict[str, list[Any]] = {}
    for key in keys:
        found |= differing([spec.get(key) for spec in specs], f"{pointer}/{key}")
    return found


def table(jobs: Sequence[Compared]) -> Table:
    """A column a job: what differs in the documents first, and then what was measured on the test set."""
    shown = Table(box=SIMPLE_HEAD)
    for heading in ("", *(job.label for job in jobs)):
        shown.add_column(heading, overflow="fold")
    for pointer, values in differing([job.job["spec"] for job in jobs]).items():
        shown.add_row(pointer, *(str(value) for value in values))
    shown.add_section()
    shown.add_row("status", *(job.job["status"] for job in jobs))
    shown.add_row("step", *(str(job.job["progress"]["step"]) for job in jobs))
    for name, chosen in (("last accuracy", _last), ("best accuracy", _best)):
        shown.add_row(name, *(chosen(job.metrics["test"]["accuracy"]) for job in jobs))
    shown.add_row("last loss", *(_last(job.metrics["test"]["loss"]) for job in jobs))
    return shown


def _compared(client: Client, job_id: str, *, with_units: bool) -> Compared:
    job, metrics = client.job(job_id), client.metrics(job_id, points=POINTS)
    units = client.activations(job_id, units=True, points=POINTS).get("units", {}) if with_units else {}
    return Compared(job, metrics, units)


def _last(values: Sequence[float | None]) -> str:
    return "-" if not values or values[-1] is None else f"{values[-1]:.4f}"


def _best(values: Sequence[float | None]) -> str:
    return f"{max((value for value in values if value is not None), default=float('nan')):.4f}"
