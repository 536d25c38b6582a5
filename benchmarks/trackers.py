"""What it costs to record what bnlab records with trackio, W&B, Aim, MLflow and TensorBoard, beside bnlab.

`python -m benchmarks.trackers` trains the paper's mlp with BN by a bare PyTorch loop and the same loop with a tracker,
in turns, a process of `.venv-peers` for each tracker; and by that bare loop and bnlab's own recorded one. The trackers'
loop is measured as one would write it, and with the statistics handed over: only the tracker's calls are added. Prints
the medians and their ratios to the bare loop of the same turn, and writes them to benchmarks/results/trackers.json.
"""

import json
import os
import platform
import statistics
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from benchmarks import step
from benchmarks.tracked.loop import Data
from benchmarks.tracked.measure import TURNS, Cost, Turn, turn
from jobs.datasets.loading import load
from jobs.series.format.columns import expected
from jobs.series.format.schema import ACTIVATIONS, TRAIN
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.spec.resolved import Resolved
from worker.train.state import prepare_run

ROOT = Path(__file__).parent.parent
PEERS = ROOT / ".venv-peers" / "bin" / "python"
RESULTS = Path(__file__).parent / "results" / "trackers.json"
STEPS = {"trackio": 800, "wandb": 800, "aim": 300, "mlflow": 150, "tensorboard": 700}
"""Of a run of each tracker, so that a turn takes at least half a second and all of it some five minutes."""

DOCUMENT = {"batch_norm": True, "data": {"dataset": "synthetic"}}

Found = dict[str, Any]


def main() -> None:
    """Measure one after another, print and keep the result."""
    step.as_a_trainer("benchmarks.trackers")
    with tempfile.TemporaryDirectory() as folder:
        data = _data(Path(folder))
        ours = _medians(_turns_of_bnlab(data, Path(folder)))
        dataset = Path(folder) / "dataset.pt"
        torch.save((data.images, data.labels, data.shift, data.scale), dataset)
        trackers = {name: _tracker(name, steps, dataset, Path(folder) / name) for name, steps in STEPS.items()}
    environment = {"torch": torch.__version__, "python": platform.python_version(), "turns": TURNS}
    results = {"environment": environment, "bnlab": ours, "trackers": _beside(ours, trackers)}
    RESULTS.write_text(json.dumps(results, indent=2) + "\n")
    _print(ours, results["trackers"])


def _data(folder: Path) -> Data:
    """The dataset as a job has it."""
    dataset = prepare_run(_job(), torch.device("cpu"), load("synthetic", folder)).dataset
    return Data(dataset.train.images, dataset.train.labels, dataset.shift, dataset.scale)


def _turns_of_bnlab(data: Data, folder: Path) -> list[Turn]:
    """Its compiled loop with everything recorded, in turns with the bare one; the first turn does not count."""
    document, batch_size, steps = step.NETWORKS["mlp with BN"]
    bench = step.bench_of(document, batch_size, folder)
    recorded = dict(step.loops(bench))["bnlab compiled, recorded"]
    turns = [turn(data, lambda: recorded(steps), steps) for _ in range(TURNS + 1)]
    bench.database.close()
    return turns[1:]


def _tracker(name: str, steps: int, dataset: Path, folder: Path) -> Found:
    """What a tracker's process found; where it could not be measured, why."""
    folder.mkdir()
    command = [str(PEERS), "-m", "benchmarks.tracked.measure", name, str(steps), str(dataset), str(folder)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    if done.returncode != 0:
        return {"not measured": done.stderr.strip().rpartition("\n")[2]}
    found: Found = json.loads(done.stdout.splitlines()[-1])
    assert set(found["series"]) == _series(), "the trackers are given what bnlab records"
    columns = {column: _medians([_turn(each) for each in turns]) for column, turns in found.pop("columns").items()}
    return found | {"series": len(found["series"]), "columns": columns}


def _series() -> set[str]:
    """The names of what bnlab records at every step."""
    names = expected(_job())
    return {*names[TRAIN], *names[ACTIVATIONS]}


def _job() -> Resolved:
    return check(json.dumps(DOCUMENT), in_catalogue(Settings()))


def _turn(found: Found) -> Turn:
    return Turn(Cost(**found["bare"]), Cost(**found["tracked"]), found["end"])


def _medians(turns: list[Turn]) -> Found:
    """Milliseconds a step; a ratio is taken within each turn, where both met the same weather."""
    ratios = {
        key: sorted(getattr(each.tracked, key) / getattr(each.bare, key) for each in turns) for key in Cost._fields
    }
    costs = {key: _median(getattr(each.tracked, key) for each in turns) for key in Cost._fields}
    bares = {f"bare_{key}": _median(getattr(each.bare, key) for each in turns) for key in Cost._fields}
    spread = {f"{key}_ratio_range": [round(values[0], 2), round(values[-1], 2)] for key, values in ratios.items()}
    medians = {f"{key}_ratio": round(statistics.median(values), 2) for key, values in ratios.items()}
    return costs | bares | medians | spread | {"end": _median(each.end for each in turns)}


def _median(values: Iterable[float]) -> float:
    return round(statistics.median(values), 3)


def _beside(ours: Found, trackers: dict[str, Found]) -> dict[str, Found]:
    """Each column with how many times bnlab's ratio to the bare loop its own is."""
    found = {}
    for name, tracker in trackers.items():
        columns = {
            column: row
            | {f"{key}_of_bnlab": round(row[f"{key}_ratio"] / ours[f"{key}_ratio"], 2) for key in Cost._fields}
            for column, row in tracker.get("columns", {}).items()
        }
        found[name] = tracker | ({"columns": columns} if columns else {})
    return found


def _print(ours: Found, trackers: dict[str, Found]) -> None:
    names = ("wall", "cpu", "bare_wall", "wall_ratio", "cpu_ratio", "wall_of_bnlab", "cpu_of_bnlab")
    titles = ("ms", "CPU ms", "bare ms", "ratio", "CPU ratio", "times bnlab's", "CPU")
    table = Table("recorded by", "its statistics", *titles, title="One step of the paper's mlp with BN, all recorded")
    table.add_row("bnlab", "its own", *(f"{ours.get(name, 1):g}" for name in names))
    for tracker, found in trackers.items():
        if "not measured" in found:
            table.add_row(tracker, f"not measured: {found['not measured']}")
        for column, row in found.get("columns", {}).items():
            table.add_row(tracker, column, *(f"{row[name]:g}" for name in names))
    Console(width=140).print(table)


if __name__ == "__main__":
    main()
