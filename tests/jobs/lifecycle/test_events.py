"""Events: each written with what makes it true, bounded a job, and numbered for good."""

import time
from collections.abc import Callable

from jobs.lifecycle import attempts, checkpoints
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.events import KEPT, Event, record, warning
from jobs.lifecycle.printed import KEPT_OUTPUT, PIECE, printed
from jobs.spec.engines import Choice
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Stored
from tests.support.events import events_of
from tests.support.running_jobs import AS_STORED, Run


def write(database: Database, run: Run, *events: Event) -> None:
    with database.write() as connection:
        attempts.held_row(connection, run.hold)
        attempts.tell(connection, run.hold, *events)


def test_a_checkpoint_is_told_with_the_transaction_that_makes_it_real(database: Database, run: Run) -> None:
    with database.write() as connection:
        checkpoints.record(connection, run.hold, Artifact("checkpoint", 7, Stored("a key", 123, "sum")))
    (event,) = events_of(database, run.job.id)
    assert (event.type, event.level, event.attempt, event.data) == ("checkpoint", "info", 1, {"step": 7, "bytes": 123})
    assert (event.by, event.message) == ("worker w", "stored after step 7")


def test_an_attempt_that_goes_on_says_after_which_step_and_what_it_stepped_over(database: Database, run: Run) -> None:
    checkpoints.go_back(database, run.hold, None)
    checkpoints.go_back(database, run.hold, 0)
    checkpoints.go_back(database, run.hold, 7)
    checkpoints.go_back(database, run.hold, 4, [7])
    checkpoints.go_back(database, run.hold, None, [7, 4])
    assert [(each.type, each.message) for each in events_of(database, run.job.id)] == [
        ("resumed", "goes on after step 7"),
        ("warning", "the checkpoint after step 7 is damaged; it goes on after step 4"),
        ("resumed", "goes on after step 4"),
        ("warning", "the checkpoint after step 7 and 4 is damaged; there is no other: the attempt begins anew"),
    ]


def test_what_is_not_as_it_was_before_or_as_it_was_decided_is_a_warning(
    database: Database, new_run: Callable[..., Run]
) -> None:
    run = new_run(resources={"engine": "compiled"})
    start = attempts.record_start
    start(database, run.hold, "cpu", {}, AS_STORED, [], Choice("compiled", "asked for"))
    start(
        database, run.hold, "cpu", {}, AS_STORED, ["torch: 1 then 2"], Choice("eager", "it cannot be compiled: no g++")
    )
    start(
        database, run.hold, "cpu", {}, AS_STORED, ["torch: 1 then 2"], Choice("eager", "it cannot be compiled: no g++")
    )
    assert [(each.level, each.message) for each in events_of(database, run.job.id)] == [
        ("warning", "goes on in another environment: torch: 1 then 2"),
        ("warning", "trained without a compiled step: it cannot be compiled: no g++"),
    ]


def test_of_each_type_but_status_the_newest_are_kept_and_numbers_rise(database: Database, run: Run) -> None:
    with database.write() as connection:
        told = {run.job.id: 1}
        record(connection, told, [Event("status", "queued", {"status": "queued"})], by="client", now=time.time())
        record(connection, told, [Event("checkpoint", "", {})], by="worker w", now=time.time())
        for _ in range(4):
            record(connection, told, [warning(str(i)) for i in range(KEPT // 2)], by="worker w", now=time.time())
        record(connection, told, [warning("last"), Event("status", "queued", {})], by="worker w", now=time.time())
    found = events_of(database, run.job.id)
    assert [each.type for each in found[:2]] == ["status", "checkpoint"]
    assert len([each for each in found if each.type == "warning"]) == KEPT
    assert [each.number for each in found[-2:]] == [2 * KEPT + 3, 2 * KEPT + 4]
    assert [each.message for each in found[2:4]] == ["1", "2"]


def test_what_is_printed_is_told_piece_by_piece_and_the_last_of_it_is_kept(database: Database, run: Run) -> None:
    attempts.beat(database, run.hold)
    piece, told = b"x" * PIECE, 0
    for i in range(1, 2 * KEPT_OUTPUT // PIECE):
        attempts.beat(database, run.hold, printed(piece, i * PIECE, told))
        told = i * PIECE
    attempts.beat(database, run.hold, printed(b"y" * PIECE, told + 10 * PIECE + 1, told))
    found = events_of(database, run.job.id)
    assert {each.type for each in found} == {"output"}
    assert sum(len(each.message) for each in found) == KEPT_OUTPUT
    assert (found[-1].message, found[-1].data) == ("y" * PIECE, {"bytes": PIECE, "left_out": 9 * PIECE + 1})


def test_the_older_outputs_of_an_attempt_go_where_all_are_more_than_is_kept(database: Database, run: Run) -> None:
    write(database, run, *(Event("output", "before", {"bytes": KEPT_OUTPUT // 2}) for _ in range(3)))
    attempts.beat(database, run.hold, printed(b"now", KEPT_OUTPUT + 3, KEPT_OUTPUT))
    assert [each.message for each in events_of(database, run.job.id)] == ["before", "now"]
