"""Pictures of the catalogue's datasets, examples by class: a child draws them, as the API loads no such library."""

import subprocess
import sys
from pathlib import Path
from threading import Lock

from jobs.datasets.catalogue import CATALOGUE, Dataset
from jobs.datasets.loading import missing_dataset
from jobs.errors import DatasetUnavailable


class Sheets:
    """The pictures of one process: each is drawn once, and one at a time."""

    def __init__(self, data_folder: Path) -> None:
        self._data_folder = data_folder
        self._drawn: dict[str, bytes] = {}
        self._turn = Lock()

    def of(self, name: str) -> bytes:
        """A PNG. Raises DatasetUnavailable where the dataset is not here."""
        with self._turn:
            if name not in self._drawn:
                self._drawn[name] = self._draw(CATALOGUE[name].dataset)
            return self._drawn[name]

    def _draw(self, dataset: Dataset) -> bytes:
        if missing := missing_dataset(dataset, self._data_folder):
            raise DatasetUnavailable(missing.message)
        command = (sys.executable, "-m", "jobs.datasets", "sheet", dataset.name, "--data", str(self._data_folder))
        done = subprocess.run(command, capture_output=True, check=False)  # noqa: S603 - the command is ours
        if done.returncode:
            raise DatasetUnavailable(done.stderr.decode(errors="replace").strip())
        return done.stdout
