"""Parts that answers have in common, as orjson writes them."""

from datetime import UTC, datetime
from typing import Any

from jobs.lifecycle.job import Status
from jobs.lifecycle.scores import Scores


def time_of(seconds: float | None) -> datetime | None:
    """Seconds since 1970 as a time, which is written as RFC 3339 has it."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def progress(status: Status | str, step: int, steps: int, steps_per_second: float | None) -> dict[str, Any]:
    """How far a job is, and when it will have taken its last step; one that was stopped before that is through."""
    speed = steps_per_second if status == Status.RUNNING else None
    return {
        "step": step,
        "steps": steps,
        "fraction": 1.0 if status == Status.SUCCEEDED else step / steps,
        "steps_per_second": steps_per_second,
        "eta_seconds": (steps - step) / speed if speed else None,
    }


def latest_of(scores: Scores) -> dict[str, float | None]:
    """The last value of each metric."""
    return {series: score.last for series, score in scores.items()}


def best_of(scores: Scores) -> dict[str, dict[str, Any]]:
    """The best value of each metric that has one, with its step."""
    return {
        series: {"value": score.best, "step": score.step} for series, score in scores.items() if score.best is not None
    }
