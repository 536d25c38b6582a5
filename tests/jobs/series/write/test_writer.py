from dataclasses import replace

import numpy as np
import pytest
from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError

from jobs.errors import AttemptLost
from jobs.lifecycle import scores
from jobs.lifecycle.job import Status
from jobs.series.format.manifest import Chunk, insert_chunk
from jobs.series.format.schema import to_arrow
from jobs.storage import tables
from jobs.storage.objects.protocol import Stored
from tests.jobs.storage.objects.test_folder import files_no_larger_than
from tests.support.running_jobs import Run, histograms, rows, train


def manifest_rows(run: Run) -> list[tuple[str, int, int, int]]:
    column = tables.chunks.c
    with run.database.read() as connection:
        query = select(column.table, column.first, column.last, column.rows).order_by(column.table, column.first)
        found = connection.execute(query).all()
    return [tuple(row) for row in found]


def progress(run: Run) -> tuple[int, float | None, dict[str, float | None]]:
    column = tables.jobs.c
    with run.database.read() as connection:
        step, pace = connection.execute(select(column.step, column.steps_per_second)).one()
        found = scores.of_jobs(connection, [run.job.id]).get(run.job.id, {})
    return step, pace, {series: score.last for series, score in found.items()}


def lose(run: Run) -> None:
    """Another attempt claims the job."""
    with run.database.write() as connection:
        connection.execute(update(tables.jobs).values(attempt=2))
        connection.execute(delete(tables.chunks))


def test_a_commit_makes_what_was_appended_one_chunk_a_table(run: Run) -> None:
    writer = run.writer()
    for first in (1, 3):
        writer.append("train", train(first, first + 1))
    writer.append("test", rows([0], loss=2.3, accuracy=0.1))
    assert manifest_rows(run) == []
    writer.commit()
    assert manifest_rows(run) == [("test", 0, 0, 1), ("train", 1, 4, 4)]
    assert run.files() == ["jobs/0job/1/test/0-0.arrow", "jobs/0job/1/train/1-4.arrow"]


def test_the_manifest_row_names_the_object_and_says_what_is_in_it(run: Run) -> None:
    run.record({"train": rows([1, 2], loss=[0.5, np.inf])})
    with run.database.read() as connection:
        row = connection.execute(select(tables.chunks)).one()
    data = bytes(to_arrow(rows([1, 2], loss=[0.5, np.inf])))
    assert (row.key, row.bytes) == ("jobs/0job/1/train/1-2.arrow", len(data))
    assert bytes(run.objects.read(Stored(row.key, row.bytes, row.sha256))) == data
    ends = {"first": 0.5, "last": None, "min": 0.5, "max": 0.5, "min_step": 1, "max_step": 1}
    assert row.series == {"loss": {"count": 2, "nonfinite": 1, **ends}}


def test_a_commit_moves_the_jobs_row_on_in_the_same_transaction(run: Run) -> None:
    writer = run.writer()
    writer.append("test", rows([0], accuracy=0.1))
    writer.commit()
    assert progress(run) == (0, None, {"test.accuracy": 0.1})
    writer.append("train", rows([1, 2], loss=[0.5, 0.3], gradient_norm=[1, np.nan]))
    writer.commit(steps_per_second=950.0)
    assert progress(run) == (2, 950.0, {"test.accuracy": 0.1, "train.loss": 0.3, "train.gradient_norm": None})


def test_a_commit_of_nothing_does_nothing(run: Run) -> None:
    writer = run.writer()
    writer.append("train", rows([], loss=[]))
    writer.commit()
    run.record({"train": train(1, 2)})
    assert manifest_rows(run) == [("train", 1, 2, 2)]


def test_an_object_whose_manifest_row_was_never_written_is_not_part_of_the_series(run: Run) -> None:
    run.record({"train": train(1, 2)})
    run.objects.put("jobs/0job/1/train/3-4.arrow", to_arrow(train(3, 4)))  # then the process is killed
    assert run.view.rows("train", ["loss"], 0, 99).step.tolist() == [1, 2]


def test_an_attempt_that_lost_its_job_writes_nothing_and_leaves_nothing_behind(run: Run) -> None:
    writer = run.writer()
    writer.append("train", train(1, 2))
    writer.append("histograms", histograms([1], "hidden1"))
    lose(run)
    with pytest.raises(AttemptLost, match="attempt 1"):
        writer.commit(steps_per_second=1.0)
    assert manifest_rows(run) == []
    assert run.files() == []
    assert progress(run) == (0, None, {})


def test_two_attempts_never_mix(run: Run) -> None:
    first, second = run.writer(), replace(run, job=replace(run.job, attempt=2))
    first.append("train", train(1, 2))
    first.commit()
    first.append("train", train(3, 4))
    lose(run)
    second.record({"train": rows([1, 2], loss=7)})
    with pytest.raises(AttemptLost):
        first.commit()
    assert run.view.rows("train", ["loss"], 0, 99).columns["loss"].tolist() == [7, 7]


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.RUNNING])
def test_a_job_that_is_not_running_takes_no_rows(run: Run, status: Status) -> None:
    with run.database.write() as connection:
        connection.execute(update(tables.jobs).values(status=status))
    with pytest.raises(AttemptLost):
        run.record({"train": train(1, 2)})


def test_a_full_disk_costs_no_rows_and_leaves_nothing_half_done(run: Run) -> None:
    writer = run.writer()
    writer.append("test", rows([0], loss=1))
    writer.append("train", train(1, 5000))
    with files_no_larger_than(60_000), pytest.raises(OSError, match="large"):
        writer.commit()
    assert run.files() == []
    assert manifest_rows(run) == []
    writer.append("train", train(5001, 5002))
    writer.commit()
    assert manifest_rows(run) == [("test", 0, 0, 1), ("train", 1, 5002, 5002)]


def test_a_failed_transaction_is_taken_up_again_by_the_next_commit(run: Run) -> None:
    in_the_way = Chunk("train", 1, 2, 2, Stored("elsewhere", 0, ""))
    writer = run.writer()
    with run.database.write() as connection:
        insert_chunk(connection, run.hold, in_the_way, {})
    writer.append("train", train(1, 2))
    with pytest.raises(IntegrityError):
        writer.commit()
    assert progress(run) == (0, None, {})
    with run.database.write() as connection:
        connection.execute(delete(tables.chunks).where(tables.chunks.c.key == "elsewhere"))
    writer.append("train", train(3, 4))
    writer.commit()
    assert run.view.rows("train", [], 0, 99).step.tolist() == [1, 2, 3, 4]
    assert progress(run)[0] == 4


def test_no_step_comes_twice(run: Run) -> None:
    writer = run.writer()
    writer.append("train", train(1, 4))
    with pytest.raises(ValueError, match="'train' at step 4 comes too late: step 4 is already closed"):
        writer.append("train", train(4, 5))


def test_no_row_comes_after_a_commit_has_closed_its_step(run: Run) -> None:
    writer = run.writer()
    writer.append("train", train(1, 4))
    writer.append("test", rows([2], loss=1))  # until the commit, each table has its own order
    writer.commit()
    with pytest.raises(ValueError, match="'test' at step 4 comes too late"):
        writer.append("test", rows([4], loss=1))


def test_a_table_keeps_its_columns(run: Run) -> None:
    writer = run.writer()
    writer.append("train", rows([1], loss=1))
    with pytest.raises(ValueError, match="other columns"):
        writer.append("train", rows([2], loss=1, accuracy=1))


def test_commits_are_due_after_one_second_and_then_at_intervals_that_double_to_thirty(run: Run) -> None:
    writer = run.writer()
    due = [now for now in np.arange(1000, 1130, 0.5) if writer.due(now)]
    assert due == [1001, 1003, 1007, 1015, 1031, 1061, 1091, 1121]
