"""What must hold of jobs whatever died while they ran."""

import json
from collections import defaultdict
from collections.abc import Iterable
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import select

from jobs.errors import Gone
from jobs.lifecycle import artifacts, checkpoints, lookup
from jobs.lifecycle.job import NEXT, TERMINAL, Job, Status
from jobs.series.format.manifest import read_manifest
from jobs.series.format.schema import TRAIN
from jobs.series.read.reader import View
from jobs.storage import keys, tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.support.events import events_of, statuses_of

LOSSES = 3  # in a row: only then may a job fail as poison
EVERY = 2**62


def nothing_retired(database: Database) -> bool:
    """Whether all is deleted that joining replaced, as a worker that is there does within a second."""
    with database.read() as connection:
        return connection.execute(select(tables.retired)).first() is None


def check_ended(database: Database, objects: Objects, job_ids: Iterable[str], undisturbed: Job) -> None:
    """Every one of these jobs, all of which have the document of the undisturbed one."""
    bits = bits_of(database, objects, undisturbed.id)
    for job_id in job_ids:
        job = lookup.get(database, job_id)
        assert job.status in TERMINAL, f"{job_id} is {job.status}"
        check_attempts(database, job)
        check_events(database, job)
        if job.status is Status.SUCCEEDED:
            assert (job.step, job.bit_exact) == (undisturbed.step, True)
            assert (job.weights_sha256, job.stopped, job.kept) == (
                undisturbed.weights_sha256,
                undisturbed.stopped,
                undisturbed.kept,
            )
            assert bits_of(database, objects, job_id) == bits
            check_files(database, objects, job)


def check_attempts(database: Database, job: Job) -> None:
    """One of them ended the job, at most; none is alive; one that is poison was lost often enough."""
    outcomes = [attempt.outcome or "" for attempt in lookup.attempts_of(database, job.id)]
    endings = [outcome for outcome in outcomes if outcome in TERMINAL]
    assert "" not in outcomes, f"{job.id} has ended, and an attempt has not: {outcomes}"
    assert len(endings) <= 1, f"{job.id} ended {len(endings)} times: {outcomes}"
    if job.status is Status.SUCCEEDED:
        assert outcomes[-1] == Status.SUCCEEDED
    if job.status is Status.FAILED:
        assert job.error is not None
        assert job.error.code == "poison", job.error
        assert all(outcome.startswith("lost") for outcome in outcomes[-LOSSES:]), outcomes


def check_events(database: Database, job: Job) -> None:
    """They tell of legal moves alone, from the queue to where the job stands, and of each attempt once."""
    told = [Status(status) for status in statuses_of(database, job.id)]
    assert (told[0], told[-1]) == (Status.QUEUED, job.status), told
    assert all(after in NEXT[before] for before, after in pairwise(told)), told
    assert told.count(Status.RUNNING) == job.attempt == len(lookup.attempts_of(database, job.id)), told
    check_attempts_events(database, job)


def check_attempts_events(database: Database, job: Job) -> None:
    """What is told of attempts is what their rows say, of checkpoints what is stored, and of a failure its reason."""
    events = [event for event in events_of(database, job.id) if event.type != "status"]
    with database.read() as connection:
        rows = connection.execute(select(tables.attempts).where(tables.attempts.c.job_id == job.id)).all()
    for row in rows:
        own = [event for event in events if event.attempt == row.number]
        resumed = [event.data["step"] for event in own if event.type == "resumed"]
        stored = [event.data["step"] for event in own if event.type == "checkpoint"]
        troubles = [event for event in own if event.data.get("outcome") in ("lost", "returned")]
        assert resumed in ([], [row.begins_after]), f"{job.id}, attempt {row.number}: {resumed}, {row.begins_after}"
        assert resumed or not row.begins_after or not stored, f"{job.id}: {row.number} went on untold"
        assert stored == sorted(set(stored)), stored
        assert all(step > (-1 if row.begins_after is None else row.begins_after) for step in stored), (
            stored,
            row.begins_after,
        )
        assert len(troubles) == (row.outcome or "").startswith(("lost", "returned")), (row.outcome, troubles)
    told = {(event.data["step"], event.data["bytes"]) for event in events if event.type == "checkpoint"}
    there = {(each.step, each.stored.bytes) for each in checkpoints.of(database, job.id)}
    assert there <= told, f"{job.id}: a checkpoint is stored that no event tells of"
    errors = [event.data["code"] for event in events if event.type == "error"]
    assert errors == ([job.error.code] if job.error else []), errors


def check_deleted(database: Database, job_id: str) -> None:
    """Who asks for it is told when and by whom it was deleted, and nothing of it is left."""
    with pytest.raises(Gone, match=r"was deleted at 20[-0-9: ]+ UTC by a client"):
        lookup.get(database, job_id)
    assert events_of(database, job_id) == []


def bits_of(database: Database, objects: Objects, job_id: str) -> dict[str, tuple[bytes, bytes]]:
    """Every series as bytes, its steps beside it; the training's are 1, 2, 3, ... to the last."""
    series = View(read_manifest(database, job_id), objects)
    found: dict[str, tuple[bytes, bytes]] = {}
    for table, names in series.manifest.names.items():
        rows = series.rows(table, names, 0, EVERY)
        found |= {f"{table}.{name}": (rows.step.tobytes(), rows.columns[name].tobytes()) for name in names}
        if table == TRAIN:
            assert np.array_equal(rows.step, np.arange(1, len(rows) + 1)), "a step is missing, or there twice"
    return found


def check_files(database: Database, objects: Objects, job: Job) -> None:
    """Nothing lies about that no row names."""
    named = read_manifest(database, job.id).keys | {each.stored.key for each in artifacts.of(database, job.id)}
    assert set(objects.keys(keys.of_job(job.id))) <= named


def check_journal(journal: Path) -> int:
    """No two processes took steps of one job at a time, and within a process each came after the other; how many."""
    spans: dict[str, list[tuple[float, float, int, int]]] = defaultdict(list)
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    for line in lines:
        spans[line["job"]].append((line["start"], line["end"], line["pid"], line["step"]))
    for job_id, steps in spans.items():
        for one, other in pairwise(sorted(steps)):
            assert one[1] <= other[0], f"{job_id}: steps {one} and {other} overlap"
    return len(lines)
