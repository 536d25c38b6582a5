"""What is left of uploads that were killed is swept, and nothing of one that goes on."""

from pathlib import Path

import pytest
from sqlalchemy import insert

from jobs.storage import keys, tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import NoRoom, Objects
from jobs.storage.uploads import PARTS, sweep, upload
from tests.support.disk import disk_of, fill


def killed(database: Database, objects: Objects, kept: str) -> Path:
    """What an upload leaves that is killed when its objects are there, and its row is not."""
    folder = database.data / "datasets" / PARTS / kept
    folder.mkdir(parents=True)
    (folder / "file").write_bytes(b"half of it")
    objects.put(keys.of_dataset(kept, "train_labels.npy"), b"labels")
    return folder


def test_what_a_killed_upload_has_left_is_swept_and_what_a_row_names_stays(
    database: Database, objects: Objects
) -> None:
    folder = killed(database, objects, "0killed")
    named = objects.put(keys.of_dataset("0kept", "train_labels.npy"), b"labels")
    row = {"name": "own", "kept": "0kept", "created": 0.0, "source_bytes": 1, "source_sha256": "s"}
    with database.write() as connection:
        connection.execute(insert(tables.datasets).values(**row, options={}, files=[], facts={}))
    sweep(database, objects)
    assert list(folder.parent.iterdir()) == []
    assert objects.keys(keys.DATASETS) == (named.key,)


def test_nothing_is_swept_while_an_upload_goes_on(database: Database, objects: Objects) -> None:
    left = killed(database, objects, "0killed")
    with upload(database.data, "0going") as folder:
        stored = objects.put(keys.of_dataset("0going", "train_labels.npy"), b"labels")
        sweep(database, objects)
        assert folder.is_dir()
        assert bytes(objects.read(stored)) == b"labels"
    assert left.is_dir()
    assert not folder.exists()
    sweep(database, objects)
    assert not left.exists()


def test_uploads_go_on_beside_each_other(database: Database) -> None:
    with upload(database.data, "0one") as one, upload(database.data, "0other") as other:
        assert one != other


def fill_while_uploading(data: Path) -> None:
    with upload(data, "0kept") as folder:
        fill(folder / "filler")
        (folder / "file").write_bytes(bytes(10_000))


def test_a_disk_that_fills_meanwhile_is_said_and_nothing_is_left(tmp_path: Path) -> None:
    with disk_of(1, tmp_path / "disk") as disk:
        with pytest.raises(NoRoom):
            fill_while_uploading(disk)
        assert list((disk / "datasets" / PARTS).iterdir()) == []
