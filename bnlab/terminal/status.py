"""A server on one screen: what it is, whether each part is there, who trains what, how many jobs wait, what room is."""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.console import RenderableType
from rich.filesize import decimal
from rich.table import Column, Table

from bnlab.terminal.labels import lasting
from bnlab.terminal.numbers import known
from bnlab.terminal.printing import cell, lines
from bnlab.terminal.widths import fitting

OK = "ok"
OF_WORKER = {"state": 9, "busy": 7, "devices": 12, "heard of": 12, "id": 18}
"""What a table of workers shows beside their hosts, the most important first, and in how many characters."""

OF_JOB = {"id": 14, "step": 18, "done": 7, "steps/s": 9, "ETA": 9, "attempt": 9, "worker": 18}
"""The same of the jobs that they train, beside what those are called."""

Worker = Mapping[str, Any]


def screen(url: str, parts: Mapping[str, str], found: Mapping[str, Any], width: int) -> Iterator[RenderableType]:
    """What is printed, one after the other. parts: of `Client.readiness`. found: of `Client.workers`."""
    yield _facts(url, parts, found)
    if workers := found["workers"]:
        yield _table("host", OF_WORKER, [(worker["host"], _worker_cells(worker)) for worker in workers], width)
    if runs := [(job["name"] or "-", _job_cells(job, worker)) for worker in workers for job in worker["jobs"]]:
        yield _table("name", OF_JOB, runs, width)


def _facts(url: str, parts: Mapping[str, str], found: Mapping[str, Any]) -> Table:
    """A line each."""
    table = Table(Column("", no_wrap=True, style="bold"), Column("", overflow="fold"), box=None, show_header=False)
    for name, said in _lines(url, parts, found):
        table.add_row(cell(name), cell(said))
    return table


def _lines(url: str, parts: Mapping[str, str], found: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    server = found["server"]
    yield "server", f"bnlab {server['version']} at {url}"
    ailing = {part: state for part, state in parts.items() if state != OK}
    well = ", ".join(part for part in parts if part not in ailing)
    if well:
        yield OK, well
    yield from ailing.items()
    for worker in found["workers"]:
        if worker["trouble"]:
            yield "trouble", f"{worker['host']}, {worker['id']}: {worker['trouble']}"
    yield "jobs", _queue(found["queue"])
    share = server["free_bytes"] / server["disk_bytes"]
    yield "disk", f"{decimal(server['free_bytes'])} of {decimal(server['disk_bytes'])} free ({share:.0%})"


def _queue(queue: Mapping[str, Any]) -> str:
    """How many jobs stand where.

    >>> _queue({"queued": 2, "running": 1, "paused": 0, "oldest_seconds": 200.0, "steps_per_second": 1234.5})
    '2 queued, the next one for 3 min; 1 running, 1234 steps a second; 0 paused'
    """
    waits = "" if queue["oldest_seconds"] is None else f", the next one for {lasting(queue['oldest_seconds'])}"
    pace = f", {queue['steps_per_second']:.0f} steps a second" if queue["running"] else ""
    return f"{queue['queued']} queued{waits}; {queue['running']} running{pace}; {queue['paused']} paused"


def _worker_cells(worker: Worker) -> dict[str, str]:
    return {
        "state": "trouble" if worker["trouble"] else "free" if worker["free"] else "busy",
        "busy": f"{worker['busy']}/{worker['slots']}",
        "devices": " ".join(worker["devices"]),
        "heard of": f"{worker['last_beat_seconds']:.1f} s ago",
        "id": worker["id"],
    }


def _job_cells(job: Mapping[str, Any], worker: Worker) -> dict[str, str]:
    pace = job["steps_per_second"]
    return {
        "id": job["id"],
        "step": f"{job['step']}/{job['steps']}",
        "done": f"{job['step'] / job['steps']:.0%}",
        "steps/s": known(pace, ".0f"),
        "ETA": lasting((job["steps"] - job["step"]) / pace) if pace else "-",
        "attempt": str(job["attempt"]),
        "worker": worker["id"],
    }


def _table(head: str, columns: Mapping[str, int], rows: list[tuple[str, dict[str, str]]], width: int) -> Table:
    """A row each, in so many characters: the less there is room for, the fewer columns."""
    shown = fitting(columns, [lines(label) for label, _ in rows], width)
    heads = (Column(name, min_width=columns[name] - 1, no_wrap=True) for name in shown)
    table = Table(Column(head, overflow="fold"), *heads, box=None, pad_edge=False, padding=(0, 1, 0, 0))
    for label, cells in rows:
        table.add_row(cell(label), *(cell(cells[name]) for name in shown))
    return table
