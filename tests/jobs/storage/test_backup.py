"""A backup is whole whatever goes on while it is made: all that its database names is there, as it was written."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, insert, select

from jobs.errors import DataFolderUnusable
from jobs.lifecycle import attempts, clients, lookup
from jobs.lifecycle.job import Ended, Status
from jobs.series.answers.verification import Damage, verify
from jobs.series.read.reader import Series
from jobs.series.write.joining import delete_retired, join
from jobs.settings import Settings
from jobs.storage import backup, keys, tables
from jobs.storage.backup import SIGN, back_up
from jobs.storage.database import Database, open_database
from jobs.storage.objects.folder import Folder
from jobs.storage.objects.opening import open_objects
from jobs.storage.objects.protocol import Objects
from jobs.storage.uploads import upload
from tests.jobs.lifecycle.test_retries import Crash, once
from tests.support.disk import change, file_of, flip_a_bit
from tests.support.running_jobs import Run, train

New = Callable[..., Run]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Of SQLite alone: a server of PostgreSQL is copied by its own programs."""
    (tmp_path / "data").mkdir()
    return Settings(data=tmp_path / "data")


@pytest.fixture
def objects(settings: Settings) -> Objects:
    return open_objects(settings)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def copied(target: Path, without: str = "") -> Iterator[tuple[str, list[float], tuple[Damage, ...]]]:
    """Each job of a backup: its id, its losses, and what of it is damaged."""
    with closing(open_database(Settings(data=target))) as database:
        objects = open_objects(Settings(data=target))
        with database.read() as connection:
            job_ids = connection.scalars(select(tables.jobs.c.id).order_by(tables.jobs.c.id)).all()
        for job_id in job_ids:
            if job_id != without:
                job = lookup.get(database, job_id)
                losses = Run(database, objects, job).view.rows("train", ("loss",), 0, 100).columns["loss"]
                yield job.id, losses.tolist(), verify(Series(job, database, objects)).damaged


def at_reads(monkeypatch: pytest.MonkeyPatch, place: Path, then: Callable[[], object]) -> None:
    """Let something happen each time before an object of the folder `place` is read."""
    read = Folder.read

    def preceded(folder: Folder, *asked: Any, **how: Any) -> memoryview:
        if folder.root.is_relative_to(place):
            then()
        return read(folder, *asked, **how)

    monkeypatch.setattr(Folder, "read", preceded)


def recorded(run: Run) -> list[float]:
    """A job that has recorded ten steps in two chunks, and its losses."""
    run.record({"train": train(1, 5)}, {"train": train(6, 10)})
    return train(1, 10).columns["loss"].tolist()  # type: ignore[no-any-return]  # numpy's


def test_a_copy_has_the_same_jobs_and_the_same_bytes(settings: Settings, run: Run, target: Path) -> None:
    losses = recorded(run)
    (settings.data / "token").write_text("secret")
    (settings.data / "token").chmod(0o600)
    (settings.data / "datasets" / "one").mkdir(parents=True)
    (settings.data / "datasets" / "one" / "file").write_bytes(b"images")
    found = back_up(settings, target)
    assert (found.objects, found.bytes, found.damaged) == (2, sum(map(len, contents(target, run).values())), ())
    assert list(copied(target)) == [(run.job.id, losses, ())]
    assert contents(target, run) == contents(settings.data, run)
    assert (target / "datasets" / "one" / "file").read_bytes() == b"images"
    assert ((target / "token").read_text(), (target / "token").stat().st_mode & 0o777) == ("secret", 0o600)
    assert target.stat().st_mode & 0o777 == 0o700


def test_uploaded_datasets_are_copied_and_what_is_being_uploaded_is_not(
    settings: Settings, database: Database, objects: Objects, target: Path
) -> None:
    stored = objects.put(keys.of_dataset("0kept", "train_labels.npy"), b"labels")
    file = {"name": "train_labels.npy", "size": stored.bytes, "sha256": stored.sha256}
    row = {"name": "own", "kept": "0kept", "created": 0.0, "source_bytes": 1, "source_sha256": "s"}
    with database.write() as connection:
        connection.execute(insert(tables.datasets).values(**row, options={}, files=[file], facts={}))
    with upload(settings.data, "1kept") as folder:
        (folder / "file").write_bytes(b"half of it")
        found = back_up(settings, target)
    assert (found.objects, found.bytes, found.damaged) == (1, 6, ())
    assert bytes(open_objects(Settings(data=target)).read(stored)) == b"labels"
    assert list((target / "datasets").iterdir()) == []
    with database.write() as connection:
        connection.execute(delete(tables.datasets))
    assert back_up(settings, target).objects == 0
    assert open_objects(Settings(data=target)).keys(keys.DATASETS) == ()


def contents(data: Path, run: Run) -> dict[str, bytes]:
    objects = open_objects(Settings(data=data))
    return {key: file_of(objects, key).read_bytes() for key in objects.keys(keys.of_job(run.job.id))}


def test_what_is_joined_while_it_is_copied_is_there(
    settings: Settings, run: Run, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = recorded(run)

    def joined() -> None:
        join(run.held, ended=True)
        delete_retired(run.database, run.objects)

    at_reads(monkeypatch, settings.data, once(joined))
    assert back_up(settings, target).damaged == ()
    assert len(contents(target, run)) == 1
    assert list(copied(target)) == [(run.job.id, losses, ())]


def test_what_is_deleted_and_what_is_new_while_it_is_copied_does_no_harm(
    settings: Settings, new_run: New, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = new_run(job_id="0one"), new_run(job_id="0other")
    losses = recorded(one)
    recorded(other)

    def deleted() -> None:
        attempts.end(other.database, other.hold, Ended("cancelled"), by="w")
        clients.remove(other.database, other.objects, other.job.id)
        one.record({"train": train(11, 15)})

    at_reads(monkeypatch, settings.data, once(deleted))
    assert back_up(settings, target).damaged == ()
    ((job_id, found, damaged),) = copied(target)
    assert (job_id, found[:10], damaged) == (one.job.id, losses, ())


def test_a_second_backup_copies_what_is_new_and_removes_what_is_gone(
    settings: Settings, run: Run, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(run)
    back_up(settings, target)
    first = contents(target, run)
    run.record({"train": train(11, 15)})
    read: list[None] = []
    at_reads(monkeypatch, settings.data, lambda: read.append(None))
    back_up(settings, target)
    assert (len(read), contents(target, run).items() > first.items()) == (1, True)
    join(run.held, ended=True)
    delete_retired(run.database, run.objects)
    back_up(settings, target)
    assert contents(target, run) == contents(settings.data, run)
    assert list(copied(target)) == [(run.job.id, train(1, 15).columns["loss"].tolist(), ())]


def test_until_a_new_one_is_whole_the_earlier_backup_is(
    settings: Settings, run: Run, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    losses = recorded(run)
    back_up(settings, target)
    join(run.held, ended=True)
    delete_retired(run.database, run.objects)

    def crash() -> None:
        raise Crash

    with monkeypatch.context() as patched:
        at_reads(patched, settings.data, crash)
        with pytest.raises(Crash):
            back_up(settings, target)
    assert list(copied(target)) == [(run.job.id, losses, ())]
    back_up(settings, target)
    assert len(contents(target, run)) == 1
    assert list(copied(target)) == [(run.job.id, losses, ())]


def test_what_is_damaged_is_named_and_the_rest_is_there(
    settings: Settings, new_run: New, objects: Objects, target: Path
) -> None:
    one, other = new_run(job_id="0one"), new_run(job_id="0other")
    recorded(one)
    losses = recorded(other)
    flipped, missing = one.files()
    change(objects, flipped, flip_a_bit)
    objects.delete(missing)
    found = back_up(settings, target)
    assert (found.objects, found.damaged) == (2, tuple(sorted((flipped, missing))))
    assert list(copied(target, without="0one")) == [("0other", losses, ())]


def test_what_is_damaged_in_the_backup_alone_is_copied_again(settings: Settings, run: Run, target: Path) -> None:
    losses = recorded(run)
    back_up(settings, target)
    change(open_objects(Settings(data=target)), run.files()[0], flip_a_bit)
    assert back_up(settings, target).damaged == ()
    assert list(copied(target)) == [(run.job.id, losses, ())]


def test_what_the_data_folder_lost_is_kept_in_the_backup(settings: Settings, run: Run, target: Path) -> None:
    losses = recorded(run)
    back_up(settings, target)
    run.objects.delete(run.files()[0])
    assert back_up(settings, target).damaged == ()
    assert list(copied(target)) == [(run.job.id, losses, ())]


def refused(settings: Settings, target: Path) -> str:
    """Why; nothing was written."""
    before = sorted(target.rglob("*")) if target.exists() else None
    with pytest.raises(DataFolderUnusable) as told:
        back_up(settings, target)
    assert (sorted(target.rglob("*")) if target.exists() else None) == before
    return str(told.value)


def test_a_target_that_would_be_spoilt_is_refused(settings: Settings, database: Database, tmp_path: Path) -> None:
    other = tmp_path / "other"
    with closing(open_database(Settings(data=settings.data))):
        pass
    other.mkdir()
    (other / "letters").touch()
    assert "is no backup: name a new folder" in refused(settings, other)
    (other / SIGN).touch()
    (other / "locks").mkdir()  # somebody works on what was a backup
    assert "is no backup: name a new folder" in refused(settings, other)
    assert "is in the data folder itself" in refused(settings, settings.data)
    assert "is in the data folder itself" in refused(settings, settings.data / "backup")
    assert database.data == settings.data


def test_what_cannot_be_copied_is_refused(settings: Settings, database: Database, target: Path) -> None:
    assert "is no data folder" in refused(Settings(data=target / "nowhere"), target)
    elsewhere = settings.model_copy(update={"database_url": "postgresql://db.example.org/bnlab"})
    assert "docs/running/backup.md" in refused(elsewhere, target)
    with database.write() as connection:
        connection.exec_driver_sql("UPDATE alembic_version SET version_num = '0005'")
    with pytest.raises(DataFolderUnusable, match="is of an earlier release"):
        back_up(settings, target)


def test_a_full_disk_is_one_line(
    settings: Settings, run: Run, target: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    recorded(run)

    def full() -> None:
        raise OSError(28, os.strerror(28))

    at_reads(monkeypatch, settings.data, full)
    monkeypatch.setattr("sys.argv", ["backup", str(target), "--data", str(settings.data)])
    assert backup.main() == 1
    told = capsys.readouterr()
    assert (told.out, told.err) == ("", "no backup was made: [Errno 28] No space left on device\n")


def test_the_sign_says_of_what_it_is_a_copy(settings: Settings, run: Run, target: Path) -> None:
    recorded(run)
    found = back_up(settings, target)
    told = json.loads((target / SIGN).read_text())
    assert (told["of"], told["objects"], told["damaged"]) == (str(settings.data), found.objects, [])
    assert lookup.get(run.database, run.job.id).status is Status.RUNNING
