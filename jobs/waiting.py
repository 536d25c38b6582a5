"""Running jobs that wait for the store say so by a file each: an empty one, for there may be no room for more."""

from pathlib import Path

REASON = "storage: the disk is full"


def mark(data: Path, job_id: str) -> None:
    """Say that a job waits; nothing happens where even that finds no room."""
    try:
        _file(data, job_id).parent.mkdir(exist_ok=True)
        _file(data, job_id).touch()
    except OSError:
        return


def clear(data: Path, job_id: str) -> None:
    """Say that a job does not wait, or no longer."""
    _file(data, job_id).unlink(missing_ok=True)


def waits(data: Path, job_id: str) -> bool:
    """Whether a job said that it waits."""
    return _file(data, job_id).exists()


def _file(data: Path, job_id: str) -> Path:
    return data / "waiting" / job_id
