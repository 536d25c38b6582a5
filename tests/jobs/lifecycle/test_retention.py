"""What retention chooses, and what becomes of it: of jobs in the database, of what somebody does at that moment."""

import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import insert, select, update

from jobs.errors import Gone, NotFound
from jobs.experiments import clients as experiments
from jobs.experiments.clients import Experiment
from jobs.experiments.document import read
from jobs.experiments.members import further_members, members
from jobs.lifecycle import clients, lookup, retention, retries
from jobs.lifecycle.job import Status
from jobs.lifecycle.retention import BY, DAY, Limits, Retention, choose, kept, remove_some
from jobs.settings import Settings
from jobs.spec.known import in_catalogue
from jobs.storage import keys, tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.jobs.lifecycle.test_clients import failed_after
from tests.jobs.lifecycle.test_retries import at_each_link, once, retired
from tests.support.running_jobs import Run
from tests.support.workers import submit

NOW = 1000 * DAY
BASE: dict[str, Any] = {"data": {"dataset": "synthetic"}}
SPEC: dict[str, Any] = {"base": BASE, "variants": {"one": {}, "two": {"batch_norm": True}}}
EVERYTHING = Limits(seconds=0.0)  # of what has ended

New = Callable[..., Run]


def ended(database: Database, new_run: New, number: int, *, days: float = 0.0, size: int = 0, **spec: Any) -> str:
    """A job that has succeeded so many days ago, and its id."""
    job_id = f"{number:013d}"
    new_run(job_id=job_id, status=Status.SUCCEEDED, **spec)
    with database.write() as connection:
        at = update(tables.jobs).where(tables.jobs.c.id == job_id).values(finished=NOW - days * DAY)
        connection.execute(at)
        chunk = {"job_id": job_id, "table": "train", "attempt": 1, "rows": 1, "sha256": "", "series": {}}
        halves = [{**chunk, "first": i, "last": i, "key": f"{job_id}/{i}", "bytes": size // 2} for i in (1, 2)]
        connection.execute(insert(tables.chunks), halves)
    return job_id


def there(database: Database) -> set[str]:
    with database.read() as connection:
        return {job.id for job in kept(connection)}


def deleted(database: Database) -> dict[str, str]:
    """By deleted job, who has done it."""
    with database.read() as connection:
        return {row.id: row.by for row in connection.execute(select(tables.deleted))}


def test_what_ended_too_long_ago_goes_with_all_it_stored(database: Database, objects: Objects, new_run: New) -> None:
    old, young = ended(database, new_run, 1, days=8), ended(database, new_run, 2, days=6)
    for job_id in (old, young):
        objects.put(keys.of_weights(job_id, 1), b"weights")
    assert remove_some(database, objects, Limits(seconds=7 * DAY), NOW) == (old,)
    assert there(database) == objects.owners() == {young}
    assert deleted(database) == {old: BY}
    with pytest.raises(Gone):
        lookup.get(database, old)


def test_of_those_that_ended_the_newest_are_kept(database: Database, objects: Objects, new_run: New) -> None:
    ids = [ended(database, new_run, number, days=10 - number) for number in range(5)]
    retained = ended(database, new_run, 7, days=20, retain=True)
    assert remove_some(database, objects, Limits(jobs=2), NOW) == tuple(ids[:3])
    assert there(database) == {*ids[3:], retained}


def test_what_all_jobs_have_stored_counts_and_what_may_go_goes(
    database: Database, objects: Objects, new_run: New
) -> None:
    ids = [ended(database, new_run, number, days=10 - number, size=100) for number in range(3)]
    retained = ended(database, new_run, 7, days=20, size=100, retain=True)
    with database.write() as connection:
        artifact = {"kind": "weights", "key": "w", "sha256": "", "job_id": ids[2]}
        sizes: list[dict[str, Any]] = [{"step": 1, "bytes": 50}, {"step": 2, "bytes": None}]  # of an earlier release
        connection.execute(insert(tables.artifacts), [artifact | size for size in sizes])
    with database.read() as connection:
        assert {job.id: job.bytes for job in kept(connection)} == {ids[0]: 100, ids[1]: 100, ids[2]: 150, retained: 100}
    assert remove_some(database, objects, Limits(bytes=450), NOW) == ()
    assert remove_some(database, objects, Limits(bytes=449), NOW) == (ids[0],)
    assert remove_some(database, objects, Limits(bytes=1), NOW) == (ids[1], ids[2])
    assert there(database) == {retained}


@pytest.mark.parametrize("status", [Status.QUEUED, Status.RUNNING, Status.PAUSED])
def test_what_has_not_ended_is_not_touched(database: Database, objects: Objects, new_run: New, status: Status) -> None:
    new_run(job_id="0running", status=status)
    limits = Limits(seconds=0.0, jobs=1, bytes=1.0)
    ended(database, new_run, 1, days=1, size=100)
    remove_some(database, objects, limits, NOW)
    assert there(database) == {"0running"}
    assert remove_some(database, objects, limits, NOW) == ()


def test_some_go_at_a_time(database: Database, objects: Objects, new_run: New, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "AT_ONCE", 2)
    ids = [ended(database, new_run, number, days=10 - number) for number in range(5)]
    took = Retention(Settings(data=database.data, keep_days=1e-9), database, objects)
    for left in (3, 1, 0, 0):
        took.look()
        assert there(database) == set(ids[5 - left :])


def test_after_a_look_that_found_nothing_nobody_looks_for_a_while(
    database: Database, objects: Objects, new_run: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("LEAST", "MOST"):
        monkeypatch.setattr(retention, name, 1e6)
    took = Retention(Settings(data=database.data, keep_days=1e-9), database, objects)
    took.look()
    late = ended(database, new_run, 1, days=1)
    took.look()
    assert there(database) == {late}


def test_without_limits_nobody_looks(database: Database, objects: Objects, new_run: New) -> None:
    old = ended(database, new_run, 1, days=1000)
    Retention(Settings(data=database.data), database, objects).look()
    assert there(database) == {old}


def meanwhile(monkeypatch: pytest.MonkeyPatch, then: Callable[[], object]) -> None:
    """Let something happen between the choice and the deletion."""

    def chosen(*asked: Any) -> tuple[str, ...]:
        found = choose(*asked)
        then()
        return found

    monkeypatch.setattr(retention, "choose", chosen)


def test_a_job_that_is_to_be_retained_since_it_was_chosen_stays(
    database: Database, objects: Objects, new_run: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = ended(database, new_run, 1, days=1)

    def retain() -> None:
        with database.write() as connection:
            connection.execute(update(tables.jobs).values(retain=True))

    meanwhile(monkeypatch, retain)
    assert remove_some(database, objects, EVERYTHING, NOW) == ()
    assert there(database) == {old}


def test_two_workers_that_chose_the_same_delete_it_once(
    database: Database, objects: Objects, new_run: New, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [ended(database, new_run, number, days=9 - number) for number in range(4)]
    others: list[tuple[str, ...]] = []
    again = once(lambda: others.append(remove_some(database, objects, Limits(jobs=2), NOW)))
    meanwhile(monkeypatch, again)
    assert remove_some(database, objects, Limits(jobs=2), NOW) == ()
    assert (others, there(database)) == ([tuple(ids[:2])], set(ids[2:]))


def test_what_somebody_reads_goes_once_nobody_does(database: Database, objects: Objects, new_run: New) -> None:
    old = ended(database, new_run, 1, days=1)
    objects.put(keys.of_weights(old, 1), b"weights")
    with objects.reading(old):
        assert remove_some(database, objects, EVERYTHING, NOW) == (old,)
        assert objects.owners() == {old}


def test_a_retry_of_what_retention_deletes_meanwhile_leaves_nothing(
    database: Database, objects: Objects, monkeypatch: pytest.MonkeyPatch
) -> None:
    parent = failed_after(database, objects, checkpoint=40)
    at_each_link(monkeypatch, once(lambda: remove_some(database, objects, EVERYTHING, time.time() + 1)))
    with pytest.raises(Gone):
        retries.retry(database, objects, parent, from_checkpoint=True)
    assert (there(database), objects.keys(keys.JOBS), retired(database)) == (set(), (), [])


@pytest.mark.parametrize("from_checkpoint", [True, False])
def test_a_retry_keeps_what_it_goes_on_from_when_its_parent_goes(
    database: Database, objects: Objects, from_checkpoint: bool
) -> None:
    parent = failed_after(database, objects, checkpoint=40)
    child = retries.retry(database, objects, parent, from_checkpoint=from_checkpoint)
    assert remove_some(database, objects, EVERYTHING, time.time() + 1) == (parent,)
    assert {key.split("/")[1] for key in objects.keys(keys.JOBS)} == ({child.id} if from_checkpoint else set())
    assert lookup.get(database, child.id).status is Status.QUEUED


def test_a_retry_that_is_queued_when_its_parent_was_chosen_takes_its_place_in_the_experiment(
    database: Database, objects: Objects, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = an_experiment(database, settings)
    experiments.cancel(database, experiment.id)
    one, two = (job.id for _, job in experiment.jobs)
    made: list[str] = []
    retry = once(lambda: made.append(retries.retry(database, objects, one, from_checkpoint=False).id))
    meanwhile(monkeypatch, retry)
    assert remove_some(database, objects, EVERYTHING, time.time() + 1) == (one,)
    assert {job.id for _, job in experiments.get(database, experiment.id).jobs} == {two, *made}


def an_experiment(database: Database, settings: Settings, **base: Any) -> Experiment:
    spec = read(json.dumps({**SPEC, "base": {**BASE, **base}}))
    return experiments.submit(database, spec, members(spec, in_catalogue(settings), range(1)))


def test_an_experiment_keeps_its_jobs_until_all_have_ended_and_goes_with_the_last(
    database: Database, objects: Objects, settings: Settings
) -> None:
    experiment = an_experiment(database, settings)
    one, two = (job.id for _, job in experiment.jobs)
    clients.ask(database, one, "cancel")
    alone = submit(database).id
    clients.ask(database, alone, "cancel")
    assert remove_some(database, objects, EVERYTHING, time.time() + 1) == (alone,)
    clients.ask(database, two, "cancel")
    assert remove_some(database, objects, Limits(jobs=1), time.time() + 1) == (one,)
    assert experiments.get(database, experiment.id).deleted == 1
    assert remove_some(database, objects, EVERYTHING, time.time() + 1) == (two,)
    with pytest.raises(NotFound):
        experiments.get(database, experiment.id)


def test_an_experiment_that_is_given_seeds_when_its_jobs_were_chosen_keeps_them(
    database: Database, objects: Objects, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    experiment = an_experiment(database, settings)
    experiments.cancel(database, experiment.id)
    more = further_members(experiment.spec, in_catalogue(settings), range(1, 2))
    meanwhile(monkeypatch, once(lambda: experiments.add_seeds(database, experiment, more, 2)))
    assert remove_some(database, objects, EVERYTHING, time.time() + 1) == ()
    assert len(experiments.get(database, experiment.id).jobs) == 4


def test_an_experiment_whose_jobs_are_to_be_retained_stays(
    database: Database, objects: Objects, settings: Settings
) -> None:
    experiment = an_experiment(database, settings, retain=True)
    experiments.cancel(database, experiment.id)
    assert remove_some(database, objects, Limits(0.0, 1, 1.0), time.time() + 1) == ()
    assert len(experiments.get(database, experiment.id).jobs) == 2
