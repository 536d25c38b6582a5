"""A server's state as a terminal shows it, whatever its workers are called and however narrow it is."""

from typing import Any

import pytest
from rich.console import Console

from bnlab.terminal.status import screen

JOB: dict[str, Any] = {"id": "0123456789abc", "name": "a", "attempt": 2, "step": 50, "steps": 200}
WORKER: dict[str, Any] = {
    "id": "host-1-abcd",
    "host": "host",
    "pid": 1,
    "devices": ["cpu", "cuda"],
    "slots": 2,
    "busy": 1,
    "free": 1,
    "started": "2026-01-01T00:00:00Z",
    "last_beat_seconds": 1.26,
    "trouble": None,
    "jobs": [JOB | {"steps_per_second": 10.0}],
}
FOUND: dict[str, Any] = {
    "workers": [WORKER],
    "queue": {"queued": 0, "running": 1, "paused": 3, "oldest_seconds": None, "steps_per_second": 10.0},
    "server": {"version": "1.2.3", "free_bytes": 5_000_000_000, "disk_bytes": 20_000_000_000},
}
PARTS = {"database": "ok", "broker": "does not answer; workers look for jobs by themselves", "worker": "ok"}


def shown(found: dict[str, Any], parts: dict[str, str], width: int) -> str:
    console = Console(width=width, force_terminal=False)
    with console.capture() as captured:
        for part in screen("http://here", parts, found, width):
            console.print(part)
    return captured.get()


def words(text: str) -> list[str]:
    return [" ".join(line.split()) for line in text.splitlines()]


def test_everything_is_said_in_few_lines() -> None:
    assert words(shown(FOUND, PARTS, 120)) == [
        "server bnlab 1.2.3 at http://here",
        "ok database, worker",
        "broker does not answer; workers look for jobs by themselves",
        "jobs 0 queued; 1 running, 10 steps a second; 3 paused",
        "disk 5.0 GB of 20.0 GB free (25%)",
        "host state busy devices heard of id",
        "host free 1/2 cpu cuda 1.3 s ago host-1-abcd",
        "name id step done steps/s ETA attempt worker",
        "a 0123456789abc 50/200 25% 10 15 s 2 host-1-abcd",
    ]


@pytest.mark.parametrize("width", [30, 60, 80])
def test_no_line_is_longer_than_the_terminal_and_what_matters_most_stays(width: int) -> None:
    text = shown(FOUND, PARTS, width)
    assert max(map(len, text.splitlines())) <= width
    assert "free" in text
    assert JOB["id"] in text


def test_what_a_terminal_would_obey_is_shown_as_text() -> None:
    worker = WORKER | {"host": "[red]\x1b[2J", "trouble": "[bold]it\x1b[31m broke"}
    text = shown(FOUND | {"workers": [worker]}, PARTS, 120)
    assert "\x1b" not in text
    assert r"[red]\x1b[2J" in text
    assert r"[bold]it\x1b[31m broke" in text
