"""Jobs as a terminal shows them: live bars while they run, and tables."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, TaskID, TextColumn
from rich.table import Column, Table

from bnlab.errors import ApiError
from bnlab.sdk.client import Client, Job
from bnlab.sdk.events import JOBS_AT_ONCE, Event
from bnlab.terminal.decided import decided
from bnlab.terminal.labels import age, telling_labels
from bnlab.terminal.numbers import known, newest
from bnlab.terminal.printing import cell, visible
from bnlab.terminal.widths import fitting

SHOWN = ("train.loss", "test.accuracy")

COLUMNS = {"id": 14, "status": 10, "step": 12, "accuracy": 9, "age": 7}
"""What a table of jobs shows beside their labels, the most important first, and in how many characters."""

BARS = {"status": 10, "step": 14, "accuracy": 16, "eta": 10, "bar": 21, "loss": 12, "speed": 16}
"""The same of a job's bar."""

OF_BAR: dict[str, Callable[[], ProgressColumn]] = {
    "status": lambda: TextColumn("{task.fields[status]}"),
    "step": lambda: TextColumn("{task.completed:.0f}/{task.total:.0f}"),
    "accuracy": lambda: TextColumn("accuracy {task.fields[accuracy]}"),
    "eta": lambda: TextColumn("ETA {task.fields[eta]}"),
    "bar": lambda: BarColumn(bar_width=20),
    "loss": lambda: TextColumn("loss {task.fields[loss]}"),
    "speed": lambda: TextColumn("{task.fields[speed]} steps/s"),
}


def watch(
    client: Client, job_ids: Sequence[str], console: Console, between: Callable[[], None] = lambda: None
) -> list[Job]:
    """Follow jobs live until all have ended, and return them; `between` is called once a second or more often.

    Where the console is no terminal, a line for each job when it has ended is all.
    """
    jobs = {job_id: client.job(job_id) for job_id in job_ids}
    labels = dict(zip(jobs, telling_labels(list(jobs.values())), strict=True))
    with _bars(console, list(labels.values())) as bars:
        rows = {
            job_id: bars.add_task(cell(labels[job_id]), total=job["progress"]["steps"], **_fields(job))
            for job_id, job in jobs.items()
        }
        open_ids = list(jobs)
        while open_ids:
            for event in client.stream(*open_ids[:JOBS_AT_ONCE], names=SHOWN):
                between()
                if event.kind == "quiet":
                    continue
                job_id = event.data["job"]
                if event.kind == "log":
                    if console.is_terminal:
                        _warn(console, event, labels[job_id])
                    continue
                jobs[job_id] = _after(client, jobs[job_id], event)
                _show(bars, rows[job_id], jobs[job_id])
                if event.kind == "end":
                    said = _ending(jobs[job_id], labels[job_id])
                    console.print(visible(said), highlight=False, markup=False, soft_wrap=True)
                    open_ids.remove(job_id)
        return list(jobs.values())


def all_succeeded(jobs: Sequence[Job]) -> bool:
    """Whether every one of these did."""
    return all(job["status"] == "succeeded" for job in jobs)


def table_of(jobs: Sequence[Job], width: int) -> Table:
    """Jobs, one a row, in so many characters: the less there is room for, the fewer columns."""
    labels, now = telling_labels(jobs), datetime.now(UTC)
    shown = fitting(COLUMNS, labels, width)
    columns = (Column(name, min_width=COLUMNS[name] - 1, no_wrap=True) for name in shown)
    table = Table(*columns, Column("what", overflow="fold"), box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for job, what in zip(jobs, labels, strict=True):
        cells = _cells(job, now)
        table.add_row(*(cell(cells[name]) for name in shown), cell(what))
    return table


def _cells(job: Job, now: datetime) -> dict[str, str]:
    progress = job["progress"]
    return {
        "id": job["id"],
        "status": job["status"],
        "step": f"{progress['step']}/{progress['steps']}",
        "accuracy": newest(job["latest"], "test.accuracy", ".4f"),
        "age": age(job["created"], now),
    }


def _bars(console: Console, labels: Sequence[str]) -> Progress:
    shown = fitting(BARS, labels, console.width)
    described = TextColumn("{task.description}", table_column=Column(ratio=1, overflow="fold"))
    columns = [described, *(OF_BAR[name]() for name in OF_BAR if name in shown)]
    return Progress(*columns, console=console, disable=not console.is_terminal, expand=True)


def _warn(console: Console, event: Event, what: str) -> None:
    """Say what a person should know of a job that goes on; why one failed is said where it ends."""
    for told in event.data["events"]:
        if told["level"] == "warning":
            said = f"{event.data['job']} warning: {told['message']} ({what})"
            console.print(visible(said), highlight=False, markup=False, soft_wrap=True)


def _ending(job: Job, what: str) -> str:
    said = f"{job['id']} {job['status']} at step {job['progress']['step']}"
    if job["error"]:
        return f"{said}: {job['error']['message']} ({what})"
    said = f"{said}, test accuracy {newest(job['latest'], 'test.accuracy', '.4f')} ({what})"
    return "; ".join([said, *(told for _, told in decided(job))])


def _after(client: Client, job: Job, event: Event) -> Job:
    """The job once an event has happened to it."""
    data = event.data
    if event.kind == "rows":
        newest = {
            f"{table}.{name}": values[-1]
            for table in ("train", "test")
            for name, values in data.get(table, {}).items()
            if values
        }
        return {**job, "latest": job["latest"] | newest}
    if event.kind == "progress":
        return {**job, "progress": data}
    told = {**job, "status": data.get("status", job["status"])}
    return _ended(client, told) if event.kind == "end" and told["status"] != "deleted" else told


def _ended(client: Client, told: Job) -> Job:
    """The job as it has ended; as the stream told it, where it was deleted since."""
    try:
        return client.job(told["id"])
    except ApiError as error:
        if error.code != "gone":
            raise
        return told


def _show(bars: Progress, row: TaskID, job: Job) -> None:
    progress = job["progress"]
    bars.update(row, total=progress["steps"], completed=progress["step"], **_fields(job))


def _fields(job: Job) -> dict[str, Any]:
    progress, latest = job["progress"], job["latest"]
    eta = progress["eta_seconds"]
    return {
        "status": cell(job["status"]),
        "accuracy": newest(latest, "test.accuracy", ".4f"),
        "loss": newest(latest, "train.loss", ".4f"),
        "speed": known(progress["steps_per_second"], ".0f"),
        "eta": "-" if eta is None else f"{int(eta) // 60}:{int(eta) % 60:02d}",
    }
