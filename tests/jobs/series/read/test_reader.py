import resource
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count, pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, update

from jobs.errors import DamagedObject, NotFound
from jobs.series.format.manifest import read_manifest, read_manifests
from jobs.series.format.schema import BINS, Rows, cut
from jobs.series.read.reader import View, answer_from, answers_from, answers_of
from jobs.series.write.joining import delete_retired, join
from jobs.storage import tables
from tests.support.disk import change, flip_a_bit
from tests.support.running_jobs import Run, histograms, rows, train

numbers = count()


@contextmanager
def open_files_at_most(limit: int) -> Iterator[None]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def pieces(whole: Rows, cuts: set[int]) -> list[dict[str, Rows]]:
    edges = [0, *sorted(cuts), len(whole)]
    return [{"train": cut(whole, slice(a, b))} for a, b in pairwise(edges)]


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cuts=st.sets(st.integers(1, 29), max_size=5),
    start=st.integers(0, 35),
    stop=st.integers(0, 35),
    limit=st.none() | st.integers(0, 35),
)
def test_where_chunks_were_cut_does_not_show(
    new_run: Callable[..., Run], cuts: set[int], start: int, stop: int, limit: int | None
) -> None:
    whole = train(1, 30)
    run = new_run(job_id=f"job{next(numbers)}")
    run.record(*pieces(whole, cuts))
    read = run.view.rows("train", ["loss", "gradient_norm"], start, stop, limit)
    places = np.flatnonzero((whole.step >= start) & (whole.step <= stop))[:limit]
    assert read.step.tolist() == whole.step[places].tolist()
    assert read.time.tolist() == whole.time[places].tolist()
    assert list(read.columns) == ["loss", "gradient_norm"]
    for name, column in read.columns.items():
        assert column.tobytes() == whole.columns[name][places].tobytes()


def test_a_range_without_rows_has_the_shape_of_rows(run: Run) -> None:
    run.record({"histograms": histograms([5, 10], "hidden1")})
    none = run.view.rows("histograms", ["hidden1.lo", "hidden1.counts"], 6, 9)
    assert (none.columns["hidden1.lo"].shape, none.columns["hidden1.counts"].shape) == ((0,), (0, BINS))


def test_a_series_has_more_chunks_than_a_process_may_have_open_files(run: Run) -> None:
    run.record(*({"train": train(step, step)} for step in range(1, 101)))
    with open_files_at_most(64):
        read = run.view.rows("train", ["loss"], 0, 1000)
    assert read.step.tolist() == list(range(1, 101))


def test_the_manifest_has_the_status_the_chunks_and_the_names_in_their_order(run: Run) -> None:
    run.record(
        {"train": rows([1, 2], loss=1, accuracy=1)},
        {"train": rows([3], loss=1, accuracy=1), "activations": rows([3], b__mean=1, a__std=0)},
    )
    manifest = read_manifest(run.database, run.job.id)
    assert (manifest.status, manifest.attempt) == ("running", 1)
    assert [(chunk.first, chunk.last) for chunk in manifest.chunks["train"]] == [(1, 2), (3, 3)]
    assert manifest.names["train"] == ("loss", "accuracy")
    assert manifest.names["activations"] == ("b.mean", "a.std")
    assert not manifest.names["test"]
    assert not manifest.chunks["test"]


def test_the_manifest_of_a_job_has_none_of_another(new_run: Callable[..., Run]) -> None:
    one, other = new_run(job_id="one"), new_run(job_id="other")
    one.record({"train": train(1, 9)})
    other.record({"train": rows([3, 4], loss=1)})
    assert other.view.rows("train", [], 0, 99).step.tolist() == [3, 4]
    assert other.view.manifest.names["train"] == ("loss",)


def test_a_job_that_does_not_exist_has_no_manifest(run: Run) -> None:
    with pytest.raises(NotFound, match="'nobody'"):
        read_manifest(run.database, "nobody")


def test_the_watermark_is_the_last_committed_step(run: Run) -> None:
    def watermark() -> int | None:
        return read_manifest(run.database, run.job.id).watermark

    assert watermark() is None
    run.record({"test": rows([0], loss=1)})
    assert watermark() == 0
    run.record({"train": train(1, 5), "test": rows([5], loss=1)}, {"train": train(6, 7)})
    assert watermark() == 7


@pytest.mark.parametrize("damage", [lambda data: data[:100], flip_a_bit, None])
def test_a_damaged_chunk_is_reported_by_name_and_never_served(
    run: Run, damage: Callable[[bytes], bytes] | None
) -> None:
    run.record({"train": train(1, 2)}, {"train": train(3, 4)})
    if damage is None:
        run.objects.delete("jobs/0job/1/train/3-4.arrow")
    else:
        change(run.objects, "jobs/0job/1/train/3-4.arrow", damage)
    with pytest.raises(DamagedObject, match=r"'jobs/0job/1/train/3-4\.arrow'"):
        answer_from(run.series, lambda view: view.rows("train", ["loss"], 0, 4))
    assert run.view.rows("train", ["loss"], 0, 2).step.tolist() == [1, 2]  # the rest can still be had


def test_an_answer_is_made_anew_where_another_attempt_took_the_chunks_away_meanwhile(run: Run) -> None:
    run.record({"train": rows([1, 2, 3], loss=1)})

    def answer(view: View) -> list[float]:
        if view.manifest.attempt == 1:
            with run.database.write() as connection:
                connection.execute(update(tables.jobs).values(attempt=2))
                connection.execute(delete(tables.chunks))
            run.objects.delete_owned("0job")
        return [*view.rows("train", ["loss"], 0, 99).columns["loss"]]

    assert answer_from(run.series, answer) == []
    nobody = replace(run.series, job=replace(run.job, id="nobody"))
    found = answers_from(run.database, [run.series, nobody], "train", answer)
    assert found == {run.job.id: []}  # with the jobs that are gone left out


def test_what_is_joined_after_the_manifest_was_read_is_found_where_it_went(new_run: Callable[..., Run]) -> None:
    run = new_run(steps=100)
    run.record(*({"train": train(step, step)} for step in range(1, 101)))
    manifests = read_manifests(run.database, [run.job.id], ["train"])
    join(run.held, ended=True)
    delete_retired(run.database, run.objects)
    found = answers_of([run.series], manifests, lambda _, view: view.columns("train", ["loss"], 0, 100)["loss"].size)
    assert found == {run.job.id: 100}


def test_a_job_that_is_deleted_after_its_manifest_was_read_is_left_out(new_run: Callable[..., Run]) -> None:
    runs = [new_run(job_id=name) for name in ("one", "other")]
    for run in runs:
        run.record({"train": train(1, 2)})
    manifests = read_manifests(runs[0].database, ["one", "other"], ["train"])
    with runs[0].database.write() as connection:
        connection.execute(delete(tables.jobs).where(tables.jobs.c.id == "one"))
    runs[0].objects.delete_owned("one")
    asked = [run.series for run in runs]
    found = answers_of(asked, manifests, lambda _, view: view.columns("train", ["loss"], 0, 9)["loss"].size)
    assert found == {"other": 2}


def test_more_jobs_are_read_than_a_process_may_have_open_files(new_run: Callable[..., Run]) -> None:
    runs = [new_run(job_id=f"many{i}") for i in range(120)]
    asked = [each.series for each in runs]
    with open_files_at_most(100):
        found = answers_from(runs[0].database, asked, "test", lambda view: view.manifest.attempt)
    assert found == {each.job.id: 1 for each in runs}


def test_steps_are_known_unread_where_none_is_missing(run: Run) -> None:
    run.record({"train": rows([3, 4, 5], loss=1), "test": rows([3, 5], loss=1)})
    run.objects.delete_owned("0job")
    assert run.view.columns("train", ["step"], 4, 9)["step"].tolist() == [4, 5]
    with pytest.raises(DamagedObject):
        run.view.columns("train", ["loss"], 4, 9)
    with pytest.raises(DamagedObject):
        run.view.columns("test", ["step"], 0, 9)


def test_what_is_not_kept_is_the_same_and_is_not_copied_where_it_is_of_one_chunk(run: Run) -> None:
    run.record({"train": train(1, 9)})
    (kept, view) = (run.view.columns("train", ["loss"], 2, 8, kept=kept)["loss"] for kept in (True, False))
    assert (kept.base, view.base is None) == (None, False)
    run.record({"train": train(10, 12)})
    both = run.view.columns("train", ["loss"], 2, 11, kept=False)["loss"]
    assert both.tobytes() == train(2, 11).columns["loss"].tobytes()
    assert kept.tobytes() == view.tobytes() == both[:7].tobytes()


def test_names_are_those_of_the_chunks_that_are_there_now(run: Run) -> None:
    run.record({"train": rows([1], loss=1)})
    assert run.view.manifest.names["train"] == ("loss",)
    with run.database.write() as connection:
        connection.execute(update(tables.jobs).values(attempt=2))
        connection.execute(delete(tables.chunks))
    assert not run.view.manifest.names["train"]
