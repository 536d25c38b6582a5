"""What a step costs: a bare PyTorch loop, the trainer's loop, and the trainer's loop with everything recorded.

`python -m benchmarks.step` runs them in turns in one process, prints the medians in wall and CPU milliseconds a step
and their ratios to the bare loop of the same turn, and writes them to benchmarks/results/step.json.
"""

import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from torch import nn

from jobs.lifecycle import attempts, clients
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.workers import Worker
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.spec.resolved import Resolved
from jobs.storage.database import open_database
from jobs.storage.objects.opening import open_objects
from worker.record.checkpoint import capture
from worker.record.recorder import Recorder
from worker.train.data import batches
from worker.train.engines.eager import Eager
from worker.train.loop import blocks
from worker.train.state import Run, initial_state, prepare_run

STEPS = 1000
TURNS = 7
RESULTS = Path(__file__).parent / "results" / "step.json"
NEVER = 1_000_000
UNRECORDED = {"activations_every": NEVER, "histograms_every": NEVER, "units": 0}


@dataclass(frozen=True)
class Cost:
    """Of one step, in milliseconds; CPU is of all threads of the process."""

    wall: float
    cpu: float


def main() -> None:
    """Run the turns, print and keep the medians."""
    torch.set_num_threads(1)
    results = {}
    for label, batch_norm in (("without BN", False), ("with BN", True)):
        with tempfile.TemporaryDirectory() as folder:
            loops = dict(_loops(batch_norm, Path(folder)))
            turns = [{name: _cost(loop) for name, loop in loops.items()} for _ in range(TURNS)]
        results[label] = {name: _median(turns, name) for name in loops}
    environment = {"torch": torch.__version__, "python": platform.python_version(), "steps": STEPS, "turns": TURNS}
    RESULTS.parent.mkdir(exist_ok=True)
    RESULTS.write_text(json.dumps({"environment": environment, "milliseconds a step": results}, indent=2) + "\n")
    _print(results)


def _loops(batch_norm: bool, folder: Path) -> Iterator[tuple[str, Callable[[], None]]]:
    """Each loop takes STEPS steps on the synthetic dataset, from fresh weights."""
    settings = Settings(data=folder)
    recorded, unrecorded = _accepted(batch_norm, {}), _accepted(batch_norm, UNRECORDED)
    run = prepare_run(recorded, torch.device("cpu"), folder)
    quiet = prepare_run(unrecorded, torch.device("cpu"), folder)
    yield "bare PyTorch loop", lambda: _bare(run, batch_norm)
    yield "trainer's loop, unrecorded", lambda: _unrecorded(quiet)
    yield "trainer's loop, all recorded", lambda: _recorded(run, recorded, settings)


def _accepted(batch_norm: bool, recording: dict[str, int]) -> Resolved:
    document = {
        "batch_norm": batch_norm,
        "data": {"dataset": "synthetic"},
        "training": {"steps": STEPS},
        "evaluation": {"every": NEVER},
        "recording": recording,
    }
    return check(json.dumps(document), in_catalogue(Settings()))


def _bare(run: Run, batch_norm: bool) -> None:
    """The loop of a tutorial, with torch's own layers, on batches that are gathered as the trainer gathers them."""
    sizes = [784, 100, 100, 100]
    layers: list[nn.Module] = [nn.Flatten()]
    for fan_in, fan_out in pairwise(sizes):
        layers += [nn.Linear(fan_in, fan_out, bias=not batch_norm)]
        layers += [nn.BatchNorm1d(fan_out)] if batch_norm else []
        layers += [nn.Sigmoid()]
    network = nn.Sequential(*layers, nn.Linear(100, 10))
    optimizer = torch.optim.SGD(network.parameters(), lr=0.1)
    for first in range(1, STEPS, run.resolved.block_steps):
        last = min(first + run.resolved.block_steps - 1, STEPS)
        for _, pixels, labels in batches(run.dataset, run.spec.data, 0, first, last):
            optimizer.zero_grad()
            loss = nn.functional.cross_entropy(network(run.dataset.inputs(pixels)), labels)
            loss.backward()  # type: ignore[no-untyped-call]  # declared so in torch
            optimizer.step()


def _unrecorded(run: Run) -> None:
    """The loop with its loss row alone (loss, accuracy, gradient norm), thrown away."""
    for _ in blocks(run, initial_state(run), Eager(run)):
        pass


def _recorded(run: Run, accepted: Resolved, settings: Settings) -> None:
    """Every step's statistics and checkpoints, into a real store on this disk, under a real claim."""
    database, objects = open_database(settings), open_objects(settings)
    job = clients.submit(database, accepted)
    worker = Worker("benchmark", "here", 0, 1, ("cpu",), 0.0, 0.0)
    claimed = attempts.claim(database, worker)
    assert claimed is not None
    hold, state = Hold(job.id, 1), initial_state(run)
    with Recorder(run, {}, Held(database, objects, hold)) as recorder:
        for block in blocks(run, state, Eager(run)):
            recorder.put(block, capture(run, state) if recorder.checkpoint_due() else None)
    database.close()


def _cost(loop: Callable[[], None]) -> Cost:
    wall, cpu = time.perf_counter(), time.process_time()
    loop()
    return Cost(1e3 * (time.perf_counter() - wall) / STEPS, 1e3 * (time.process_time() - cpu) / STEPS)


def _median(turns: list[dict[str, Cost]], name: str) -> dict[str, float]:
    """Medians over the turns; a ratio is taken within each turn, where both met the same weather."""
    bare = next(iter(turns[0]))
    costs = {key: [asdict(turn[name])[key] for turn in turns] for key in ("wall", "cpu")}
    ratios = {key: [asdict(turn[name])[key] / asdict(turn[bare])[key] for turn in turns] for key in costs}
    medians = {key: round(statistics.median(values), 3) for key, values in costs.items()}
    return medians | {f"{key}_ratio": round(statistics.median(values), 2) for key, values in ratios.items()}


def _print(results: dict[str, dict[str, dict[str, float]]]) -> None:
    table = Table(
        "network", "loop", "wall ms", "CPU ms", "wall ratio", "CPU ratio", title="One step of the paper's mlp"
    )
    for label, rows in results.items():
        for name, row in rows.items():
            table.add_row(label, name, *(f"{row[key]:g}" for key in ("wall", "cpu", "wall_ratio", "cpu_ratio")))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
