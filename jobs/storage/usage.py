"""How much room what is kept takes: what jobs have stored as the database says it, the rest as it lies on disks."""

import shutil
from pathlib import Path

from sqlalchemy import Connection, Subquery, func, select, text, union_all

from jobs.storage import tables
from jobs.storage.database import Database

KINDS = {
    "checkpoints": "checkpoint",
    "weights": "weights",
    "best": "best",
    "initial": "initial",
    "probabilities": "probabilities",
    "whitening": "whitening",
}
"""By what its bytes are called together, each kind of artifact."""
_OBJECTS, _DATASETS, _DATABASE = "objects", "datasets", "bnlab.sqlite"  # in the data folder


def stored() -> Subquery:
    """By job (`job_id`), how many `bytes` its series and its artifacts have: a query, as part of others.

    An object that a retry has from its parent counts for both, though both are one file.
    """
    chunks, artifacts = tables.chunks.c, tables.artifacts.c
    one = select(chunks.job_id, func.sum(chunks.bytes).label("bytes")).group_by(chunks.job_id)
    other = select(artifacts.job_id, func.sum(artifacts.bytes).label("bytes")).group_by(artifacts.job_id)
    both = union_all(one, other).subquery()
    return (
        select(both.c.job_id, func.coalesce(func.sum(both.c.bytes), 0).label("bytes"))
        .group_by(both.c.job_id)
        .subquery()
    )


def bytes_by_kind(connection: Connection) -> dict[str, int]:
    """What all jobs have stored: their series, and each kind of artifact."""
    kind, size = tables.artifacts.c.kind, tables.artifacts.c.bytes
    artifacts = connection.execute(select(kind, func.coalesce(func.sum(size), 0)).group_by(kind)).all()
    series = connection.scalar(select(func.coalesce(func.sum(tables.chunks.c.bytes), 0)))
    found = {name: int(size) for name, size in artifacts}
    return {"series": int(series or 0)} | {together: found.get(name, 0) for together, name in KINDS.items()}


def bytes_of_database(database: Database, connection: Connection) -> int:
    """What the database takes: SQLite's file with its log, or what the server says."""
    if database.engine.dialect.name == "sqlite":
        file = database.engine.url.database
        return sum(bytes_of(Path(f"{file}{suffix}")) for suffix in ("", "-wal", "-shm"))
    return int(connection.scalar(text("SELECT pg_database_size(current_database())")) or 0)


def bytes_of_datasets(connection: Connection, data: Path) -> int:
    """What the datasets take: those of the catalogue as they lie in a data folder, uploaded ones as their rows say."""
    uploaded = connection.scalars(select(tables.datasets.c.files)).all()
    return bytes_of(data / _DATASETS) + sum(int(file["size"]) for files in uploaded for file in files)


def bytes_of_rest(data: Path) -> int:
    """What lies in a data folder beside the objects, the datasets and the database: logs, locks."""
    return sum(bytes_of(path) for path in data.iterdir() if path.name not in (_OBJECTS, _DATASETS) and not _is_of(path))


def bytes_of(path: Path) -> int:
    """How long a file is, or all files of a folder together; 0 where there is none, or none any more."""
    try:
        return sum(map(bytes_of, path.iterdir())) if path.is_dir() else path.lstat().st_size
    except FileNotFoundError:
        return 0


def free_bytes(data: Path) -> int:
    """How much may still be written where a data folder is."""
    return shutil.disk_usage(data).free


def _is_of(path: Path) -> bool:
    return path.name.startswith(_DATABASE)
