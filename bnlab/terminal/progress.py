"""Jobs as a terminal shows them: live bars while they run, and tables."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn
from rich.table import Column, Table

from bnlab.sdk.client import Client, Job
from bnlab.sdk.events import JOBS_AT_ONCE, Event
from bnlab.terminal.printing import cell, visible

SHOWN = ("train.loss", "test.accuracy")

COLUMNS = (
    TextColumn("{task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis")),
    TextColumn("{task.fields[status]}"),
    BarColumn(bar_width=20),
    TextColumn("{task.completed:.0f}/{task.total:.0f}"),
    TextColumn("accuracy {task.fields[accuracy]}"),
    TextColumn("loss {task.fields[loss]}"),
    TextColumn("{task.fields[speed]} steps/s"),
    TextColumn("ETA {task.fields[eta]}"),
)

WIDTHS = {"id": 13, "status": 9, "step": 6, "of": 6, "accuracy": 8, "created (UTC)": 16}
"""What a table of jobs shows of each, and in how many characters; what is left is for the job's name."""


def watch(
    client: Client, job_ids: Sequence[str], console: Console, between: Callable[[], None] = lambda: None
) -> list[Job]:
    """Follow jobs live until all have ended, and return them; `between` is called once a second or more often.

    Where the console is no terminal, a line for each job when it has ended is all.
    """
    with Progress(*COLUMNS, console=console, disable=not console.is_terminal, expand=True) as bars:
        jobs = {job_id: client.job(job_id) for job_id in job_ids}
        rows = {
            job_id: bars.add_task(cell(label(job)), total=job["progress"]["steps"], **_fields(job))
            for job_id, job in jobs.items()
        }
        open_ids = list(jobs)
        while open_ids:
            for event in client.stream(*open_ids[:JOBS_AT_ONCE], names=SHOWN):
                between()
                if event.kind == "quiet":
                    continue
                job_id = event.data["job"]
                jobs[job_id] = _after(client, jobs[job_id], event)
                _show(bars, rows[job_id], jobs[job_id])
                if event.kind == "end":
                    console.print(visible(_ending(jobs[job_id])), highlight=False, markup=False, soft_wrap=True)
                    open_ids.remove(job_id)
        return list(jobs.values())


def all_succeed(client: Client, job_ids: Sequence[str], console: Console) -> bool:
    """Follow jobs live until all have ended; whether every one of them succeeded."""
    return all(job["status"] == "succeeded" for job in watch(client, job_ids, console))


def table_of(jobs: Iterable[Job]) -> Table:
    """Jobs, one a row."""
    columns = (Column(name, min_width=width, no_wrap=True) for name, width in WIDTHS.items())
    table = Table(*columns, Column("what", no_wrap=True, overflow="ellipsis"), box=None, pad_edge=False)
    for job in jobs:
        progress, accuracy = job["progress"], _number(job["latest"].get("test.accuracy"), ".4f")
        steps = (str(progress["step"]), str(progress["steps"]))
        created = job["created"][:16].replace("T", " ")
        table.add_row(*map(cell, (job["id"], job["status"], *steps, accuracy, created, label(job))))
    return table


def label(job: Job) -> str:
    """The job's name, or what it trains."""
    spec = job["spec"]
    architecture = spec["architecture"].get("preset", "layers")
    return spec["name"] or f"{architecture}, {'with' if spec['batch_norm'] else 'without'} BN"


def _ending(job: Job) -> str:
    said = f"{job['id']} {job['status']} at step {job['progress']['step']}"
    if job["error"]:
        return f"{said}: {job['error']['message']}"
    return f"{said}, test accuracy {_number(job['latest'].get('test.accuracy'), '.4f')} ({label(job)})"


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
    if event.kind == "end" and data["status"] != "deleted":
        return client.job(job["id"])
    return {**job, "status": data.get("status", job["status"])}


def _show(bars: Progress, row: TaskID, job: Job) -> None:
    progress = job["progress"]
    bars.update(row, total=progress["steps"], completed=progress["step"], **_fields(job))


def _fields(job: Job) -> dict[str, Any]:
    progress, latest = job["progress"], job["latest"]
    eta = progress["eta_seconds"]
    return {
        "status": job["status"],
        "accuracy": _number(latest.get("test.accuracy"), ".4f"),
        "loss": _number(latest.get("train.loss"), ".4f"),
        "speed": _number(progress["steps_per_second"], ".0f"),
        "eta": "-" if eta is None else f"{int(eta) // 60}:{int(eta) % 60:02d}",
    }


def _number(value: Any, form: str) -> str:
    return "-" if value is None else format(value, form)
