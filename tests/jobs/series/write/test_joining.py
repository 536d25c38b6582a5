"""Small chunks become larger ones: nothing of the series changes, and who reads meanwhile does not notice."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select, update

from jobs.errors import AttemptLost
from jobs.lifecycle import checkpoints
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.series.answers import exports
from jobs.series.format.manifest import Chunk
from jobs.series.write.joining import FEWEST, LARGEST, delete_retired, groups, join
from jobs.storage import keys, tables
from jobs.storage.objects.protocol import Stored
from tests.support.running_jobs import Run, ask, csv_of, metrics, train


def chunks_of(sizes: list[int]) -> list[Chunk]:
    """Chunks of ten rows each, so many bytes large."""
    return [Chunk("train", 10 * i + 1, 10 * i + 10, 10, Stored(f"{i}.arrow", size, "")) for i, size in enumerate(sizes)]


@given(
    sizes=st.lists(st.integers(1, 2 * LARGEST), max_size=40),
    steps=st.sets(st.integers(0, 40).map(lambda i: 10 * i), max_size=2),
    ended=st.booleans(),
)
def test_groups_are_neighbours_not_too_large_and_on_one_side_of_each_checkpoint(
    sizes: list[int], steps: set[int], ended: bool
) -> None:
    chunks = chunks_of(sizes)
    for group in groups(chunks, sorted(steps), ended=ended):
        assert len(group) >= (2 if ended else FEWEST)
        assert all(one.last + 1 == other.first for one, other in pairwise(group))
        assert sum(chunk.bytes for chunk in group) <= LARGEST
        assert not any(group[0].first <= step < group[-1].last for step in steps)


def test_what_is_large_enough_is_left_alone() -> None:
    assert groups(chunks_of([LARGEST] * 20), (), ended=True) == ()


def test_a_run_of_many_commits_has_few_chunks_and_each_row_is_written_few_times() -> None:
    sizes: list[int] = []
    written = 0
    for _ in range(2000):
        sizes.append(100)
        for group in groups(chunks_of(sizes), (), ended=False):
            size = sum(chunk.bytes for chunk in group)
            sizes[len(sizes) - len(group) :] = [size]
            written += size
    assert len(sizes) < FEWEST + 12
    assert written < 12 * sum(sizes)


@pytest.fixture
def long(run: Run) -> Run:
    """A run that recorded twenty chunks of five steps."""
    run.record(*({"train": train(step, step + 4)} for step in range(1, 101, 5)))
    return run


def chunks(run: Run) -> list[tuple[int, int]]:
    return [(chunk.first, chunk.last) for chunk in run.view.manifest.chunks["train"]]


def retired(run: Run) -> int:
    with run.database.read() as connection:
        return int(connection.scalar(select(func.count()).select_from(tables.retired)) or 0)


def test_joined_chunks_hold_the_same_bits_and_are_all_that_is_left(long: Run) -> None:
    before, answer = long.view.rows("train", ["loss", "accuracy"], 0, 999), metrics(long)
    join(long.held, ended=True)
    after = long.view.rows("train", ["loss", "accuracy"], 0, 999)
    assert chunks(long) == [(1, 100)]
    assert after.time.tobytes() == before.time.tobytes()
    for name, column in before.columns.items():
        assert after.columns[name].tobytes() == column.tobytes()
    assert metrics(long) == answer
    delete_retired(long.database, long.objects)
    assert long.files() == ["jobs/0job/1/train/1-100.arrow"]
    assert retired(long) == 0
    join(long.held, ended=True)
    assert chunks(long) == [(1, 100)]


def test_no_chunk_is_joined_across_a_checkpoint(long: Run) -> None:
    with long.database.write() as connection:
        for step in (35, 60):
            stored = long.objects.put(keys.of_checkpoint("0job", 1, step), b"the run")
            checkpoints.record(connection, long.hold, Artifact("checkpoint", step, stored))
    join(long.held, ended=True)
    assert chunks(long) == [(1, 35), (36, 60), (61, 100)]


def test_who_reads_while_chunks_are_joined_reads_on_and_then_they_go(long: Run) -> None:
    text = ask(exports.metrics, long, "csv")
    head = next(text)
    join(long.held, ended=True)
    delete_retired(long.database, long.objects)
    assert retired(long) == 20
    whole = head + b"".join(text)
    assert len(whole.splitlines()) == 101
    delete_retired(long.database, long.objects)
    assert retired(long) == 0
    assert csv_of(exports.metrics, long) == whole.decode()


def test_a_stream_that_is_dropped_halfway_holds_nothing_up(long: Run) -> None:
    text = ask(exports.metrics, long, "csv")
    next(text)
    with long.objects.nobody_reads("0job") as free:
        assert not free
    del text
    with long.objects.nobody_reads("0job") as free:
        assert free


def test_a_job_that_somebody_reads_keeps_no_other_from_being_tidied(
    new_run: Callable[..., Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.series.write.joining.AT_ONCE", 2)
    first, other = new_run(job_id="first"), new_run(job_id="other")
    for each in (first, other):
        rows = [{"key": f"jobs/{each.job.id}/1/{i}", "job_id": each.job.id} for i in range(3)]
        with each.database.write() as connection:
            connection.execute(insert(tables.retired), rows)
    with first.objects.reading("first"):
        delete_retired(first.database, first.objects)
        delete_retired(first.database, first.objects)
        with first.database.read() as connection:
            left = connection.scalars(select(tables.retired.c.job_id)).all()
    assert left == ["first"] * 3


def test_readers_share(run: Run) -> None:
    with run.objects.reading("0job"), run.objects.reading("0job"), run.objects.nobody_reads("0job") as free:
        assert not free


def test_an_attempt_that_was_replaced_joins_nothing(long: Run) -> None:
    before, files = chunks(long), long.files()
    with long.database.write() as connection:
        connection.execute(update(tables.jobs).values(attempt=2))
    with pytest.raises(AttemptLost):
        join(Held(long.database, long.objects, Hold("0job", 1)), ended=True)
    assert chunks(long) == before
    assert long.files() == files


def test_what_a_killed_process_leaves_half_joined_is_whole_and_swept_by_the_next(
    long: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def at(point: str) -> Callable[[str], None]:
        def reach(reached: str) -> None:
            if reached == point:
                raise Killed

        return reach

    rows = long.view.rows("train", ["loss"], 0, 999).columns["loss"].tobytes()
    for point in ("joined chunk written", "joined"):
        monkeypatch.setattr("jobs.series.write.joining.reach", at(point))
        with pytest.raises(Killed):
            join(long.held, ended=True)
        assert long.view.rows("train", ["loss"], 0, 999).columns["loss"].tobytes() == rows
        if point == "joined chunk written":
            next_attempt = Hold("0job", 2)
            checkpoints.sweep(Held(long.database, long.objects, next_attempt))
            assert len([file for file in long.files() if file.endswith(".arrow")]) == 20
    monkeypatch.setattr("jobs.series.write.joining.reach", at("retired deleted"))
    with pytest.raises(Killed):
        delete_retired(long.database, long.objects)
    monkeypatch.setattr("jobs.series.write.joining.reach", at("never"))
    delete_retired(long.database, long.objects)
    assert (retired(long), chunks(long)) == (0, [(1, 100)])
    assert np.frombuffer(rows, np.float32).size == 100
