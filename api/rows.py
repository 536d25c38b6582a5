"""The rows of the list of jobs: which columns of the database each of their fields is of, and how it is shown."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row

from api.csv_rows import WHOLE, Path
from api.values import best_of, latest_of, progress, time_of
from jobs.datasets.catalogue import Dataset
from jobs.lifecycle import scores
from jobs.lifecycle.job import ACTIONS, Status
from jobs.lifecycle.lookup import Waiting, waiting_for
from jobs.lifecycle.scores import Scores
from jobs.lists.conditions import BEST, MEASURES, SERIES
from jobs.spec.resolved import steps_per_epoch
from jobs.storage.database import Database


@dataclass(frozen=True)
class Beside:
    """What is known of a job beside its row."""

    scores: Scores
    waiting_for: str | None


@dataclass(frozen=True)
class Field:
    """A field: the columns that it is made of, and how."""

    columns: tuple[str, ...]
    value: Callable[[Mapping[str, Any], Beside], Any]


def _own(name: str) -> Field:
    return Field((name,), lambda row, _: row[name])


def _time(name: str) -> Field:
    return Field((name,), lambda row, _: time_of(row[name]))


FIELDS: Mapping[str, Field] = {
    "id": _own("id"),
    "name": _own("name"),
    "tags": _own("tags"),
    "status": _own("status"),
    "created": _time("created"),
    "started": _time("started"),
    "finished": _time("finished"),
    "progress": Field(
        ("status", "step", "steps", "steps_per_second"),
        lambda row, _: progress(row["status"], row["step"], row["steps"], row["steps_per_second"]),
    ),
    "latest": Field((), lambda _, beside: latest_of(beside.scores)),
    "best": Field((), lambda _, beside: best_of(beside.scores)),
    "error": _own("error"),
    "waiting_for": Field(("status", "device", "requested_device", "not_before"), lambda _, beside: beside.waiting_for),
    "requested": _own("requested"),
    "allowed_actions": Field(("status",), lambda row, _: ACTIONS[Status(row["status"])]),
    "parent": _own("parent"),
    "experiment": _own("experiment"),
    "dataset": Field(("dataset_name",), lambda row, _: row["dataset_name"]),
    "architecture": _own("architecture"),
    "batch_norm": _own("batch_norm"),
    "retain": _own("retain"),
    "device": _own("device"),
    "engine": _own("engine"),
    "engine_reason": _own("engine_reason"),
    "environment": _own("environment"),
    "bit_exact": Field(("differs",), lambda row, _: not row["differs"]),
    "differs": _own("differs"),
    "warnings": _own("warnings"),
    "weights_sha256": _own("weights_sha256"),
    "stopped": _own("stopped"),
    "kept": _own("kept"),
    "block_steps": _own("block_steps"),
    "steps_per_epoch": Field(("spec", "dataset"), lambda row, _: _steps_per_epoch(row["spec"]["data"], row["dataset"])),
    "metadata": Field(("spec",), lambda row, _: row["spec"]["metadata"]),
    "spec": _own("spec"),
    "spec_sha256": _own("spec_sha256"),
}
"""Everything that a row may have, in this order."""

LEAN = tuple(FIELDS)[: tuple(FIELDS).index("engine_reason")]
"""What a row has where nothing else is asked for: neither the document nor what is long."""

NESTED: Mapping[str, Sequence[Path]] = {
    "progress": tuple((name,) for name in ("step", "steps", "fraction", "steps_per_second", "eta_seconds")),
    "latest": tuple((series,) for series in SERIES),
    "best": tuple((name.removeprefix(BEST), part) for name in MEASURES[len(SERIES) :] for part in ("value", "step")),
    "error": (("code",), ("message",)),
}
"""The fields of which CSV has a column for each value."""


def csv_columns(fields: Collection[str]) -> dict[str, Sequence[Path]]:
    """What a table of rows with these fields has columns for."""
    return {name: NESTED.get(name, WHOLE) for name in FIELDS if name in fields or name == "id"}


def columns_of(fields: Collection[str]) -> tuple[str, ...]:
    """The columns of the database that rows with these fields are made of."""
    return tuple(dict.fromkeys(column for name in fields for column in FIELDS[name].columns))


def rows_of(
    database: Database, connection: Connection, rows: Sequence[Row[Any]], fields: Collection[str]
) -> list[dict[str, Any]]:
    """The rows of a page as they are shown, with these fields and their ids."""
    ids, wanted = [row.id for row in rows], ("id", *(name for name in FIELDS if name in fields and name != "id"))
    reached = scores.of_jobs(connection, ids) if {"latest", "best"} & set(wanted) else {}
    waits = waiting_for(database, connection, [_waiting(row) for row in rows]) if "waiting_for" in wanted else {}
    makers = [(name, FIELDS[name].value) for name in wanted]
    found = []
    for row in rows:
        values, beside = row._asdict(), Beside(reached.get(row.id, {}), waits.get(row.id))
        found.append({name: value(values, beside) for name, value in makers})
    return found


def _waiting(row: Row[Any]) -> Waiting:
    return Waiting(row.id, Status(row.status), row.device or row.requested_device, row.not_before)


def _steps_per_epoch(data: Mapping[str, Any], dataset: Mapping[str, Any]) -> int | None:
    """Null where nobody knows any more how large the dataset was."""
    return steps_per_epoch(data, Dataset.of(dataset)) if dataset.get("train") else None
