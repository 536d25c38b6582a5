"""Running jobs that wait for the store say so by a file each: an empty one, for there may be no room for more."""

from pathlib import Path
from typing import Literal

Reason = Literal["full", "slow"]

SAID: dict[Reason, str] = {
    "full": "storage: the disk is full",
    "slow": "storage: it is slower than the training, which waits for it",
}


def mark(data: Path, job_id: str, reason: Reason) -> None:
    """Say that a job waits; nothing happens where even that finds no room."""
    file = _file(data, job_id, reason)
    try:
        file.parent.mkdir(exist_ok=True)
        file.touch()
    except OSError:
        return


def clear(data: Path, job_id: str, *reasons: Reason) -> None:
    """Say that a job does not wait, or no longer, for these reasons; for any where none is given."""
    for reason in reasons or SAID:
        _file(data, job_id, reason).unlink(missing_ok=True)


def reason_of(data: Path, job_id: str) -> str | None:
    """What a job said that it waits for."""
    return next((said for reason, said in SAID.items() if _file(data, job_id, reason).exists()), None)


def _file(data: Path, job_id: str, reason: Reason) -> Path:
    return data / "waiting" / f"{job_id}.{reason}"
