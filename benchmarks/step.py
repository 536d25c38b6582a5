"""What a step costs: bnlab's loop by each engine, recorded and not, beside the loops that one would write by hand.

`python -m benchmarks.step` lets them take turns in one process, on one thread, and writes what each turn took to
benchmarks/results/step.json: seconds of wall and CPU a step, of all threads, the recorder's among them. Every ratio is
of two loops in one turn, where both met the same weather. Packages are made before, and how long that took is told.
"""

import json
import os
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table

from benchmarks import plain
from benchmarks.plain import Loop
from jobs.datasets.loading import load
from jobs.lifecycle import attempts, clients
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.workers import Worker
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.spec.resolved import Resolved
from jobs.storage.database import Database, open_database
from jobs.storage.objects.opening import open_objects
from jobs.storage.objects.protocol import Objects
from worker.record.checkpoint import capture
from worker.record.recorder import Recorder
from worker.supervise.process import KEEP_MEMORY
from worker.train.determinism import be_deterministic
from worker.train.engines.asking import request_for
from worker.train.engines.compiled import Compiled
from worker.train.engines.eager import Eager
from worker.train.engines.making import made
from worker.train.engines.packages import Package, Packages
from worker.train.engines.protocol import Engine
from worker.train.interpreter import let_train
from worker.train.loop import Block, blocks
from worker.train.state import Run, State, initial_state, prepare_run

TURNS = 9
RESULTS = Path(__file__).parent / "results" / "step.json"
NEVER = 1_000_000
UNRECORDED = {"activations_every": NEVER, "histograms_every": NEVER, "units": 0}
MODES = ("default", "max-autotune")
CPU = torch.device("cpu")

# The network of a job, its batch size, and how many steps a turn takes.
Network = tuple[dict[str, Any], int, int]
NETWORKS: dict[str, Network] = {
    "mlp with BN": ({"architecture": "mlp", "batch_norm": True}, 60, 4000),
    "mlp without BN": ({"architecture": "mlp", "batch_norm": False}, 60, 4000),
    "convnet": ({"architecture": "convnet", "batch_norm": True}, 64, 100),
    "resnet20": ({"architecture": "resnet", "batch_norm": True}, 128, 8),
}

# How cost grows, with the size of a batch and with depth. Blocks end at these numbers of steps.
SIZES = {60: 1000, 250: 300, 1000: 100, 6000: 24}
DEPTHS = {3: 1000, 10: 300, 30: 100}
GROWTH: dict[str, Network] = {
    **{
        f"mlp, batch {size}": ({"architecture": "mlp", "batch_norm": True}, size, steps)
        for size, steps in SIZES.items()
    },
    **{
        f"mlp, {depth} hidden layers": (
            {"architecture": {"preset": "mlp", "hidden": [100] * depth}, "batch_norm": True},
            60,
            steps,
        )
        for depth, steps in DEPTHS.items()
    },
}
FEW = ("bare, eager", "bnlab compiled, unrecorded", "bnlab compiled, recorded")

Seconds = dict[str, float]  # a step, by "wall" and "cpu"


@dataclass(frozen=True)
class Bench:
    """A network, ready to be trained: recorded whole, and without anything inside it."""

    recorded: Run
    unrecorded: Run
    package: Package
    database: Database
    objects: Objects


def main() -> None:
    """Run the turns of every network, keep them, and print the medians."""
    as_a_trainer("benchmarks.step")
    networks = {name: _measured(name, network, loops) for name, network in NETWORKS.items()}
    growth = {name: _measured(name, network, few_loops) for name, network in GROWTH.items()}
    environment = {"torch": torch.__version__, "python": platform.python_version(), "turns": TURNS}
    RESULTS.parent.mkdir(exist_ok=True)
    found = {"environment": environment, "networks": networks, "growth": growth}
    RESULTS.write_text(json.dumps(found, indent=1) + "\n")


def as_a_trainer(module: str) -> None:
    """Have this process, which runs a module, as a trainer is: with its malloc, on one thread, deterministic."""
    if not KEEP_MEMORY.items() <= os.environ.items():
        os.execve(sys.executable, [sys.executable, "-m", module], {**os.environ, **KEEP_MEMORY})  # noqa: S606 - this program
    be_deterministic()
    let_train()
    torch.set_num_threads(1)


def _measured(name: str, network: Network, every: Callable[[Bench], Iterator[tuple[str, Loop]]]) -> dict[str, Any]:
    document, batch_size, steps = network
    with tempfile.TemporaryDirectory() as folder:
        bench = bench_of(document, batch_size, Path(folder))
        taken = turns(dict(every(bench)), steps)
        bench.database.close()
    _print(name, taken)
    return {"batch size": batch_size, "seconds to compile": round(bench.package.seconds, 1), "turns": taken}


def bench_of(document: dict[str, Any], batch_size: int, folder: Path) -> Bench:
    """A network at a batch size; its data, jobs and packages lie in `folder`."""
    (folder / "data").mkdir()
    settings = Settings(data=folder / "data", packages=str(folder / "packages"))
    recorded, unrecorded = (
        prepare_run(_accepted(document, batch_size, recording), CPU, load("synthetic", folder))
        for recording in ({}, UNRECORDED)
    )
    package = _package(recorded, settings)
    return Bench(recorded, unrecorded, package, open_database(settings), open_objects(settings))


def loops(bench: Bench) -> Iterator[tuple[str, Loop]]:
    """Every loop, by name; each begins with fresh weights."""
    run = bench.recorded
    if len(run.plan.layers[0].output) == 1:  # linear layers alone, behind what flattens
        yield "matrix products alone", plain.products(run)
    yield "bare, eager", plain.eager(run)
    for mode in MODES:
        yield f"bare, torch.compile ({mode})", plain.compiled(run, mode)
    yield "bnlab eager, unrecorded", partial(_unrecorded, bench.unrecorded, Eager(bench.unrecorded))
    yield "bnlab eager, recorded", partial(recorded, bench, Eager(run))
    compiled, quiet = Compiled(run, bench.package), Compiled(bench.unrecorded, bench.package)
    yield "bnlab compiled, unrecorded", partial(_unrecorded, bench.unrecorded, quiet)
    yield "bnlab compiled, recorded", partial(recorded, bench, compiled)


def few_loops(bench: Bench) -> Iterator[tuple[str, Loop]]:
    """Those that say how cost grows."""
    return ((name, loop) for name, loop in loops(bench) if name in FEW)


def turns(every: dict[str, Loop], steps: int) -> dict[str, list[Seconds]]:
    """What a step of each loop took in each turn; the first one, in which things are compiled, does not count."""
    for loop in every.values():
        loop(steps)
    taken = [{name: _seconds(loop, steps) for name, loop in every.items()} for _ in range(TURNS)]
    return {name: [turn[name] for turn in taken] for name in every}


def ratio(taken: dict[str, list[Seconds]], of: str, to: str, what: str = "wall") -> float:
    """How many times as fast one loop is as another: the median over the turns."""
    pairs = zip(taken[of], taken[to], strict=True)
    return statistics.median(its[what] / mine[what] for mine, its in pairs)


def recorded(bench: Bench, engine: Engine, steps: int) -> None:
    """Every step's statistics and checkpoints, into a real store on this disk, under a real claim."""
    job = clients.submit(bench.database, bench.recorded.resolved)
    claimed = attempts.claim(bench.database, Worker("benchmark", "here", 0, 1, ("cpu",), 0.0, 0.0))
    assert claimed is not None
    run, held = bench.recorded, Held(bench.database, bench.objects, Hold(job.id, 1))
    state = _begun(run)
    with Recorder(run, {}, held) as recorder:
        for block in _some(blocks(run, state, engine), steps):
            recorder.put(block, capture(run, state) if recorder.checkpoint_due() else None)


def _unrecorded(run: Run, engine: Engine, steps: int) -> None:
    """The loop with its loss row alone (loss, accuracy, gradient norm), thrown away."""
    for _ in _some(blocks(run, _begun(run), engine), steps):
        pass


def _begun(run: Run) -> State:
    """The untrained network as if it had been evaluated: that is not of a step."""
    return replace(initial_state(run), begun=True)


def _some(every: Iterator[Block], steps: int) -> Iterator[Block]:
    """The Blocks of so many steps, which end where a Block does."""
    for block in every:
        yield block
        if block.last >= steps:
            return


def _accepted(document: dict[str, Any], batch_size: int, recording: dict[str, int]) -> Resolved:
    whole = {
        **document,
        # As of MNIST, whose 60,000 images are 1,000 batches of 60, no epoch has a smaller batch at its end.
        "data": {"dataset": "synthetic", "batch_size": batch_size, "train_samples": 10_000 // batch_size * batch_size},
        "training": {"steps": NEVER},
        "evaluation": {"every": NEVER},
        "recording": recording,
    }
    return check(json.dumps(whole), in_catalogue(Settings()))


def _package(run: Run, settings: Settings) -> Package:
    packages = Packages(settings.packages_folder, settings.packages_mb * 2**20)
    return made(packages, request_for(run), settings.compile_seconds)


def _seconds(loop: Loop, steps: int) -> Seconds:
    wall, cpu = time.perf_counter(), time.process_time()
    loop(steps)
    return {"wall": (time.perf_counter() - wall) / steps, "cpu": (time.process_time() - cpu) / steps}


def _print(title: str, taken: dict[str, list[Seconds]]) -> None:
    table = Table("loop", "wall us", "CPU us", "speed, of the bare eager loop's", "CPU seconds, of its", title=title)
    for name, each in taken.items():
        medians = (f"{statistics.median(turn[what] for turn in each) * 1e6:.0f}" for what in ("wall", "cpu"))
        bare = "bare, eager"
        table.add_row(name, *medians, f"{ratio(taken, name, bare):.2f}", f"{1 / ratio(taken, name, bare, 'cpu'):.2f}")
    Console(width=130).print(table)


if __name__ == "__main__":
    main()
