"""Jobs live: the events of a server's stream, which goes on where it was when the connection has broken off."""

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bnlab.errors import ApiError, Unreachable
from bnlab.sdk.connection import Connection
from bnlab.sdk.requests import job_path

PAUSES = (0.1, 0.3, 1.0, 2.0, 4.0, 8.0, 15.0)  # seconds until a stream that broke off is asked for again
JOBS_AT_ONCE = 100  # the most of a stream
AT_ONCE = 1000  # events of a job, the most that the server gives
LEVELS = ("info", "warning", "error")
FEWEST_ROWS = "train.loss"  # of which series who wants none is told


@dataclass(frozen=True)
class Event:
    """What happened to a job: `rows`, `status`, `progress`, `checkpoint`, `log`, `reset`, `end`; `quiet`: nothing."""

    kind: str
    data: dict[str, Any]


def follow(
    connection: Connection, job_ids: Sequence[str], names: Sequence[str] = (), last: str = ""
) -> Iterator[Event]:
    """The events of these jobs until each has ended; what a server that restarts has meanwhile is not missed.

    last: the id of the event after which to go on.

    Raises ApiError, and Unreachable where nothing answers, or a server whose database is away, for half a minute.
    """
    open_ids, failures = list(job_ids), 0
    while open_ids:
        asked = {"jobs": ",".join(open_ids), "names": ",".join(names)}
        try:
            for event_id, kind, data in parsed(connection.lines("/stream", asked, "text/event-stream", last)):
                failures, last = 0, event_id or last
                yield Event(kind, data)
                if kind == "end":
                    open_ids.remove(data["job"])
        except (Unreachable, ApiError) as error:
            is_over = isinstance(error, ApiError) and error.code != "database_unavailable"
            if is_over or failures >= len(PAUSES):
                raise
        if open_ids:
            last = ",".join(part for part in last.split(",") if part.partition(":")[0] in open_ids)
            time.sleep(PAUSES[min(failures, len(PAUSES) - 1)])
            failures += 1


def of_log(connection: Connection, job_id: str, asked: Mapping[str, Any], *, goes_on: bool) -> Iterator[dict[str, Any]]:
    """What happened to a job, one event after another; `goes_on`: until it has ended.

    asked: `after` which number, the least `level`, and the `type`. Raises ApiError, Unreachable.
    """
    after: int | None = asked["after"]
    while after is not None:
        page = connection.get(f"{job_path(job_id)}/events", {**asked, "after": after, "limit": AT_ONCE})
        yield from page["events"]
        last = page["events"][-1]["number"] if page["events"] else after
        after = page["next"]
    if goes_on:
        least = LEVELS.index(asked["level"] or LEVELS[0])
        for event in follow(connection, [job_id], (FEWEST_ROWS,), f"{job_id}:::{last}"):
            for told in event.data["events"] if event.kind == "log" else ():
                if LEVELS.index(told["level"]) >= least and asked["type"] in (None, told["type"]):
                    yield told


def parsed(lines: Iterator[str]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Server-sent events as id, name and data.

    >>> list(parsed(iter(["id: a:1:7", "event: end", 'data: {"job": "a"}', "", ": nothing new", ""])))
    [('a:1:7', 'end', {'job': 'a'}), ('', 'quiet', {})]
    """
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if not line and "event" in fields:
            yield fields.get("id", ""), fields["event"], json.loads(fields["data"])
            fields = {}
        elif line.startswith(":"):
            yield "", "quiet", {}
        elif line:
            fields[name] = value
