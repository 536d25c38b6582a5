"""`python -m jobs.storage.backup TARGET [--data DIR]`: a copy of a data folder that is whole, while all of it goes on.

Objects never change, and rows name them. But neither order of copying the two is right while somebody works: what a
snapshot of the database names may be deleted before it is copied (a join, a newer checkpoint, a deletion), and what was
copied before it lacks what is new. So what a snapshot names is copied, and where something of that was gone, a newer
snapshot is taken, of which most is there by then.
"""

import argparse
import json
import shutil
import signal
import sqlite3
import sys
import time
from collections.abc import Iterable
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from io import TextIOWrapper
from pathlib import Path

from sqlalchemy import Connection, make_url, select, text, union_all
from sqlalchemy.exc import SQLAlchemyError

from jobs.errors import BnlabError, DamagedObject, DataFolderUnusable
from jobs.settings import Settings, settings_or_exit
from jobs.storage import keys, tables
from jobs.storage.database import Database, connect
from jobs.storage.objects.opening import open_objects
from jobs.storage.objects.protocol import Objects, Stored
from jobs.storage.schema_version import NEWEST
from jobs.storage.uploads import PARTS

DATABASE = "bnlab.sqlite"
SIGN = "backup.json"  # in the target: it is a backup, and may be made anew
OF_WORKERS = "locks"  # a folder that workers make where they work
BESIDE = ("token", "datasets")  # what is copied besides database and objects; locks, logs and marks are of one machine


@dataclass(frozen=True)
class Copied:
    """What a backup has."""

    objects: int
    bytes: int
    damaged: tuple[str, ...]
    """Keys of objects that are missing in the data folder, or whose bytes are not as they were written."""


def main() -> int:
    """The exit code: 0 if everything is there, 1 if not, with the reason on stderr."""
    parser = argparse.ArgumentParser(prog="python -m jobs.storage.backup", description="A copy of the data folder.")
    parser.add_argument("target", type=Path, help="the folder that the copy goes to")
    parser.add_argument("--data", type=Path, help="the data folder (default: BNLAB_DATA, else ./data)")
    if isinstance(sys.stdout, TextIOWrapper):  # a folder's name may have what a terminal's encoding has not
        sys.stdout.reconfigure(errors="replace")
    arguments = parser.parse_args()
    try:
        copied = back_up(settings_or_exit(data=arguments.data), arguments.target)
    except (BnlabError, SQLAlchemyError, sqlite3.Error, OSError) as error:
        print(f"no backup was made: {error}", file=sys.stderr)
        return 1
    print(f"{arguments.target} has everything: {copied.objects:,} objects, {copied.bytes:,} bytes")
    for key in copied.damaged:
        print(f"but for object '{key}', which is damaged", file=sys.stderr)
    return 1 if copied.damaged else 0


def back_up(settings: Settings, target: Path) -> Copied:
    """Make `target` a copy of the data folder, of which only what it lacks is copied; every byte in it is checked.

    Until all is there, an earlier backup in it stays whole. Raises DataFolderUnusable, SQLAlchemyError and OSError.
    """
    _refuse(settings, target)
    target.mkdir(mode=0o700, parents=True, exist_ok=True)
    (target / SIGN).touch()
    objects, copies = open_objects(settings), open_objects(settings.model_copy(update={"data": target}))
    new = target / f"{DATABASE}.new"
    with closing(connect(settings)) as database:
        named, damaged = _copy(database, objects, copies, new)
    for name in BESIDE:
        _copy_beside(settings.data / name, target / name)
    for suffix in ("-wal", "-shm"):  # of who has looked into the earlier one
        (target / f"{DATABASE}{suffix}").unlink(missing_ok=True)
    new.replace(target / DATABASE)
    for key in {*copies.keys(keys.JOBS), *copies.keys(keys.DATASETS)} - named.keys():
        copies.delete(key)
    sizes = [stored.bytes or 0 for key, stored in named.items() if key not in damaged]
    copied = Copied(len(sizes), sum(sizes), tuple(sorted(damaged)))
    (target / SIGN).write_text(json.dumps({"of": str(settings.data.resolve()), "at": time.time(), **asdict(copied)}))
    return copied


def _copy(database: Database, objects: Objects, copies: Objects, file: Path) -> tuple[dict[str, Stored], set[str]]:
    """Copy a snapshot of the database into a file, and all that it names; what that is, and what of it is damaged.

    What was gone may have been deleted meanwhile: it is damaged if a newer snapshot names it too.
    """
    gone: set[str] = set()
    while True:
        file.unlink(missing_ok=True)
        with database.read() as connection:
            named = {stored.key: stored for stored in _named(connection)}
            _copy_database(connection, file)
        missing = {key for key, stored in named.items() if not _is_copied(objects, copies, stored)}
        if missing <= gone:
            return named, missing
        gone |= missing


def _named(connection: Connection) -> Iterable[Stored]:
    """Every object that a row names."""
    found = connection.scalar(text("SELECT version_num FROM alembic_version"))
    if found != NEWEST:
        raise DataFolderUnusable("the data folder is of an earlier release: back it up with that, or start this one")
    chunks, artifacts = tables.chunks.c, tables.artifacts.c
    one = select(chunks.key, chunks.bytes, chunks.sha256)
    other = select(artifacts.key, artifacts.bytes, artifacts.sha256)
    uploaded = connection.execute(select(tables.datasets.c.kept, tables.datasets.c.files)).all()
    return [
        *(Stored(*row) for row in connection.execute(union_all(one, other))),
        *(
            Stored(keys.of_dataset(row.kept, file["name"]), file["size"], file["sha256"])
            for row in uploaded
            for file in row.files
        ),
    ]


def _copy_database(connection: Connection, file: Path) -> None:
    """Copy the database as the connection's transaction sees it."""
    source = connection.connection.driver_connection
    assert isinstance(source, sqlite3.Connection)
    with closing(sqlite3.connect(file)) as copy:
        source.backup(copy)


def _is_copied(objects: Objects, copies: Objects, stored: Stored) -> bool:
    """Have an object among the copies as it was written; whether it could be had."""
    with suppress(DamagedObject):
        copies.read(stored)
        return True
    try:
        data = objects.read(stored)
    except DamagedObject:
        return False
    copies.delete(stored.key)
    copies.put(stored.key, data)
    return True


def _copy_beside(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(
            source, target, dirs_exist_ok=True, copy_function=_copy_file, ignore=shutil.ignore_patterns(PARTS)
        )
    elif source.exists():
        _copy_file(str(source), str(target))


def _copy_file(source: str, target: str) -> None:
    """Copy a file, with its time and permissions, unless it is there."""
    there, wanted = Path(target), Path(source).stat()
    if there.exists() and (there.stat().st_size, there.stat().st_mtime_ns) == (wanted.st_size, wanted.st_mtime_ns):
        return
    shutil.copy2(source, target)


def _refuse(settings: Settings, target: Path) -> None:
    """Raise DataFolderUnusable where there is nothing to copy, or the target would be spoilt."""
    data, url = settings.data.resolve(), make_url(settings.resolved_database_url)
    if url.drivername != "sqlite":
        raise DataFolderUnusable(
            "BNLAB_DATABASE_URL names a PostgreSQL: see docs/running/backup.md for how it is copied"
        )
    if not Path(str(url.database)).exists():
        raise DataFolderUnusable(f"'{data}' is no data folder: there is no database '{url.database}'")
    if target.resolve() == data or data in target.resolve().parents:
        raise DataFolderUnusable(f"'{target}' is in the data folder itself: name a folder elsewhere, on another disk")
    if not target.exists() or not any(target.iterdir()):
        return
    if not (target / SIGN).exists() or (target / OF_WORKERS).exists():
        raise DataFolderUnusable(f"'{target}' is not empty and is no backup: name a new folder, or an earlier backup")


if __name__ == "__main__":
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # it may end anywhere, and needs no traceback for that
    sys.exit(main())
