"""What an answer about an experiment of a thousand jobs takes, and how large it is.

python -m benchmarks.experiment

Its jobs are recorded without training anything: an evaluation every 100 of 2,000 steps. The answer is made in this
process, as the API makes it; what the network adds is not in it.
"""

import json
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from api.experiment_answers import ExperimentAnswers, Shown
from jobs.experiments import clients
from jobs.experiments.document import read
from jobs.experiments.members import members
from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.clients import relabel
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended
from jobs.lifecycle.workers import Worker
from jobs.series.format.schema import TEST, Rows
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.spec.document import Labels
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database, open_database
from jobs.storage.objects.opening import open_objects
from jobs.storage.objects.protocol import Objects

RESULTS = Path(__file__).parent / "results" / "experiment.json"
RATES = [round(0.001 * 1.1**i, 6) for i in range(50)]
DOCUMENT = {
    "base": {"data": {"dataset": "synthetic"}, "training": {"steps": 2000}},
    "variants": {"without BN": {}, "with BN": {"batch_norm": True}},
    "grid": {"/training/optimizer/learning_rate": RATES},
    "seeds": 10,
    "targets": [0.5, 0.8, 0.9, "baseline_best"],
    "primary": {"kind": "steps_to", "target": "baseline_best"},
    "learned": 0.5,
}
STEPS = np.arange(0, 2001, 100)
TIMES = 9


def main() -> None:
    """Measure, print, and keep the result."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder))
        database, objects = open_database(settings), open_objects(settings)
        spec = read(json.dumps(DOCUMENT))
        planned = members(spec, in_catalogue(settings), range(spec.seeds))
        experiment = clients.submit(database, spec, planned)
        for number in range(len(planned)):
            _finish(database, objects, number)
        found = {"jobs": len(planned), "groups": len(RATES) * 2, **measured(database, objects, experiment.id)}
    print(json.dumps(found, indent=2))
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


def measured(database: Database, objects: Objects, experiment_id: str) -> dict[str, Any]:
    """The size of the answer as it is and with each seed's numbers, and the seconds that it takes.

    `first_s`: in a process that has read none of the jobs; `changed_s`: where one job has changed since; `unchanged_s`:
    where nothing has.
    """
    answers = ExperimentAnswers(database, objects)
    first, data = _timed(lambda: answers.of(experiment_id).data)
    job_id = clients.get(database, experiment_id).jobs[0][1].id
    changed = []
    for turn in range(TIMES):
        relabel(database, job_id, lambda _, name=f"turn {turn}": Labels(name=name), None)  # type: ignore[misc]
        changed.append(_timed(lambda: answers.of(experiment_id))[0])
    unchanged = [_timed(lambda: answers.of(experiment_id))[0] for _ in range(TIMES)]
    return {
        "kB": len(data) // 1000,
        "kB_with_seeds": len(answers.of(experiment_id, Shown(seeds=True)).data) // 1000,
        "first_s": round(first, 3),
        "changed_s": round(median(changed), 3),
        "unchanged_s": round(median(unchanged), 3),
    }


def _timed(answer: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = answer()
    return time.perf_counter() - began, found


def _finish(database: Database, objects: Objects, number: int) -> None:
    """The next job of the queue, once it has succeeded: later ones learn faster, and each has noise of its own."""
    job = attempts.claim(database, Worker("w", "here", 1, 1, ("cpu",), started=time.time(), beat=time.time()))
    assert job is not None
    hold = Hold(job.id, job.attempt)
    noise = np.random.default_rng(number).normal(0, 0.01, len(STEPS))
    accuracy = np.clip(1 - 0.9 * np.exp(-STEPS * (1 + number % 100) / 20_000) + noise, 0, 1).astype(np.float32)
    writer = Writer(Held(database, objects, hold))
    writer.append(TEST, Rows(STEPS, np.full(len(STEPS), time.time()), {"loss": 1 - accuracy, "accuracy": accuracy}))
    writer.commit()
    attempts.end(database, hold, Ended("succeeded"))


if __name__ == "__main__":
    main()
