"""Running jobs that stand still say why by a file each: an empty one, for there may be no room for more."""

from pathlib import Path
from typing import Literal

from jobs.storage.database import Database

Reason = Literal["full", "slow", "compiling"]

SAID: dict[Reason, str] = {
    "full": "storage: the disk is full",
    "slow": "storage: it is slower than the training, which waits for it",
    "compiling": "compiling: its step is made into one program, which takes from seconds to minutes",
}


def mark(database: Database, who: str, reason: Reason) -> None:
    """Say that a job, or a worker, waits; nothing happens where even that finds no room."""
    file = _file(database, who, reason)
    try:
        file.parent.mkdir(exist_ok=True)
        file.touch()
    except OSError:
        return


def clear(database: Database, who: str, *reasons: Reason) -> None:
    """Say that a job does not wait, or no longer, for these reasons; for any where none is given."""
    for reason in reasons or SAID:
        _file(database, who, reason).unlink(missing_ok=True)


def reason_of(database: Database, who: str) -> str | None:
    """What a job said that it waits for."""
    return next((said for reason, said in SAID.items() if _file(database, who, reason).exists()), None)


def marks(database: Database) -> dict[str, Reason]:
    """Whoever has said that it waits, and may have died since, with one of its reasons."""
    named = {path: next((reason for reason in SAID if path.suffix == f".{reason}"), None) for path in _files(database)}
    return {path.stem: reason for path, reason in named.items() if reason is not None}


def marked(database: Database) -> frozenset[str]:
    """Whoever has said that it waits, and may have died since."""
    return frozenset(path.stem for path in _files(database))


def _folder(database: Database) -> Path:
    return database.data / "waiting"


def _files(database: Database) -> tuple[Path, ...]:
    return tuple(_folder(database).glob("*"))


def _file(database: Database, who: str, reason: Reason) -> Path:
    return _folder(database) / f"{who}.{reason}"
