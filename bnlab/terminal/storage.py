"""What takes how much room, in lines for a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from bnlab.terminal.printing import visible

UNITS = ("bytes", "kB", "MB", "GB", "TB")
GROUPS = {"may_go": "may go", "retained": "to be retained", "going_on": "going on"}
LIMITS = {"days": "days", "jobs": "jobs that have ended", "gb": "GB"}


def lines_of(found: Mapping[str, Any]) -> list[str]:
    """What `GET /storage` answers: a line for each kind, what is free, the jobs, the limits and the largest jobs."""
    rows = {**found["bytes"], "together": found["total"], "free": found["free"]}
    groups = [f"{group['jobs']} {GROUPS[name]} ({size(group['bytes'])})" for name, group in found["jobs"].items()]
    return [
        *(f"{name:13} {size(taken):>10}" for name, taken in rows.items()),
        "",
        f"jobs: {', '.join(groups)}",
        f"kept: {_limits(found['keep'])}",
        *_largest(found["largest"]),
    ]


def size(number: int) -> str:
    """A number of bytes, in the unit of which there are less than a thousand.

    >>> size(0), size(999), size(1234), size(2 * 10**9), size(10**16)
    ('0 bytes', '999 bytes', '1.2 kB', '2.0 GB', '10000.0 TB')
    """
    power = max((power for power in range(len(UNITS)) if number >= 1000**power), default=0)
    return f"{number / 1000**power:.{min(power, 1)}f} {UNITS[power]}"


def _limits(keep: Mapping[str, Any]) -> str:
    limits = [f"{keep[name]:g} {unit}" for name, unit in LIMITS.items() if keep[name] is not None]
    return f"at most {', '.join(limits)}" if limits else "everything, until somebody deletes it"


def _largest(jobs: Sequence[Mapping[str, Any]]) -> list[str]:
    rows = [f"{job['id']} {size(job['bytes']):>10}  {job['status']:9} {job['name'] or ''}".rstrip() for job in jobs]
    return ["", *map(visible, rows)] if rows else []
