"""`bnlab compare`: jobs, and the groups of experiments, side by side: what differs in them, and what came of each."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table

from bnlab.errors import ApiError, CannotRun
from bnlab.figures.curves import POINTS, Line, line_of_group, line_of_job, unit_of
from bnlab.local.preconditions import require_installed
from bnlab.sdk.client import Client, Job
from bnlab.sdk.differences import differing
from bnlab.terminal.printing import cell, say
from bnlab.terminal.progress import label


@dataclass(frozen=True)
class Compared:
    """A job, or the seeds of one variant at one grid point."""

    label: str
    spec: Mapping[str, Any] | None
    """The job's document; of a group that of its first seed. None where every one of them was deleted."""
    found: Mapping[str, str]
    """What came of it, as the table shows it."""
    accuracy: Line
    loss: Line
    shown: str | None
    """The job whose units the figure shows."""


def run(client: Client, ids: Sequence[str], figure: Path | None, console: Console) -> None:
    """Print the tables, and draw the figure where a file is named for it.

    Raises CannotRun where an id is neither a job's nor an experiment's, and the client's errors.
    """
    if figure is not None:
        require_installed(["matplotlib"])
    compared = [each for found_id in ids for each in _compared(client, found_id)]
    console.print(measured(compared), documents(compared))
    if figure is not None:
        from bnlab.figures import drawing as figures  # matplotlib takes a second to load

        units = [unit_of(client, each.shown, each.label) if each.shown else None for each in compared]
        accuracy, loss = [each.accuracy for each in compared], [each.loss for each in compared]
        figures.save(figures.side_by_side(accuracy, loss, units), figure)
        say(f"The figure is {figure}.")


def measured(compared: Sequence[Compared]) -> Table:
    """A row a job or group: what was measured on the test set."""
    names = dict.fromkeys(name for each in compared for name in each.found)
    shown = Table("", "", *names, box=SIMPLE_HEAD)
    for number, each in enumerate(compared, 1):
        shown.add_row(str(number), cell(each.label), *(cell(each.found.get(name, "-")) for name in names))
    return shown


def documents(compared: Sequence[Compared]) -> Table:
    """A row a place in which the documents differ, a column a job or group that has one, by its number."""
    specs = {str(number): each.spec for number, each in enumerate(compared, 1) if each.spec is not None}
    shown = Table("", *specs, box=SIMPLE_HEAD)
    for pointer, values in differing(list(specs.values())).items():
        shown.add_row(cell(pointer), *map(cell, values))
    return shown


def _compared(client: Client, some_id: str) -> list[Compared]:
    """The job of that id, or the groups of the experiment of that id."""
    try:
        return [_job(client, client.job(some_id))]
    except ApiError as error:
        if error.code != "not_found":
            raise
    try:
        return [_group(client, group) for group in client.experiment(some_id, points=POINTS)["groups"]]
    except ApiError as error:
        if error.code != "not_found":
            raise
        raise CannotRun(f"there is neither a job nor an experiment '{some_id}'") from None


def _job(client: Client, job: Job) -> Compared:
    test = client.metrics(job["id"], points=POINTS)["test"]
    name = f"{label(job)} {job['id']}"
    # Of a thinned curve the largest value of each bucket, not its last one.
    known = [value for value in test.get("accuracy.max", test["accuracy"]) if value is not None]
    found = {
        "status": job["status"],
        "step": str(job["progress"]["step"]),
        "accuracy": _number(test["accuracy"][-1] if test["accuracy"] else None),
        "best": _number(max(known, default=None)),
        "loss": _number(test["loss"][-1] if test["loss"] else None),
    }
    accuracy, loss = (line_of_job(name, test, column) for column in ("accuracy", "loss"))
    return Compared(name, job["spec"], found, accuracy, loss, job["id"])


def _group(client: Client, group: Mapping[str, Any]) -> Compared:
    at = ", ".join(f"{pointer.rsplit('/', 1)[-1]} {value}" for pointer, value in group["point"].items())
    name = " ".join(filter(None, (group["variant"], at)))
    first = next(iter(group["jobs"]), None)
    spec = client.job(first)["spec"] if first else None
    found = {
        "succeeded": f"{group['succeeded']} of {len(group['jobs']) + group['deleted']}",
        **{name: str(len(group[name])) for name in ("diverged", "failed", "cancelled", "damaged") if group[name]},
        **({"deleted": str(group["deleted"])} if group["deleted"] else {}),
        "accuracy": _estimate(group["final_accuracy"]),
        "best": _estimate(group["best_accuracy"]),
        "loss": _estimate(group["final_loss"]),
    }
    accuracy, loss = (line_of_group(name, group, column) for column in ("accuracy", "loss"))
    return Compared(name, spec, found, accuracy, loss, first)


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.4f}"


def _estimate(estimate: Mapping[str, Any] | None) -> str:
    if estimate is None or estimate["low"] is None:
        return _number(None if estimate is None else estimate["mean"])
    return f"{estimate['mean']:.4f} ± {estimate['mean'] - estimate['low']:.4f}"
