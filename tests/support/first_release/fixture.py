"""The data folder that the first release left, unpacked, and what that release said of it."""

import json
import tarfile
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jobs.spec.resolved import digest

ARCHIVE = Path(__file__).with_name("data.tar.xz")
SERIES = {  # by the key under which they were kept, the paths of everything that a job recorded
    "metrics": "metrics",
    "activations": "activations?units=true&histograms=true",
    "diagnostics": "diagnostics",
}


@dataclass(frozen=True)
class Left:
    """What was left: `folder/data`, as a killed server leaves it, and the answers that it gave last."""

    folder: Path

    @property
    def data(self) -> Path:
        """The data folder."""
        return self.folder / "data"

    @cached_property
    def said(self) -> dict[str, Any]:
        """By job's name its answer, its series, and the step of its newest checkpoint; the experiment."""
        read: dict[str, Any] = json.loads((self.folder / "answers.json").read_text())
        return read

    @property
    def jobs(self) -> dict[str, Any]:
        """The answers by the jobs' names, without what was true of that moment alone.

        Their digests are of the documents without what only names a job, as they are by now.
        """
        answers: dict[str, Any] = self.said["jobs"]
        return {
            name: answer | {"waiting_for": ..., "spec_sha256": digest(answer["spec"])}
            for name, answer in answers.items()
        }

    def path_of(self, name: str) -> str:
        """Where the API has the job of that name."""
        return f"/jobs/{self.said['ids'][name]}"

    def series(self, name: str) -> dict[str, Any]:
        """What the job had recorded; single values that are not finite are called runs of one by now."""
        answers: dict[str, Any] = self.said["series"][name]
        return {kind: answer | {"nonfinite": _runs(answer["nonfinite"])} for kind, answer in answers.items()}


def unpack(folder: Path) -> Left:
    """The same into this folder, every file as it was."""
    with tarfile.open(ARCHIVE) as archive:
        archive.extractall(folder, filter="data")
    return Left(folder)


def differences(then: Any, now: Any, at: str = "") -> list[str]:
    """Where an answer lacks what it said then, `...` being anything; fields that have come since do not count."""
    if isinstance(then, dict) and isinstance(now, dict):
        return [found for key in then for found in differences(then[key], now.get(key), f"{at}/{key}")]
    if isinstance(then, list) and isinstance(now, list) and len(then) == len(now):
        pairs = enumerate(zip(then, now, strict=True))
        return [found for i, pair in pairs for found in differences(*pair, f"{at}/{i}")]
    return [] if then in (..., now) else [f"{at}: {str(then)[:200]} -> {str(now)[:200]}"]


def _runs(singles: dict[str, list[tuple[int, str]]]) -> dict[str, Any]:
    return {series: [[step, step, value] for step, value in found] for series, found in singles.items()}
