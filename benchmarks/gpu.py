"""What a step costs on a GPU: the trainer's loop, recorded and not, and a bare PyTorch loop, eager and as a CUDA graph.

`python -m benchmarks.gpu` runs them in turns, for each network and batch size, and writes the medians in milliseconds a
step to benchmarks/results/gpu.json, with their ratios to the bare loop as a graph in the same turn. It needs torch,
numpy and pydantic alone, and ends within `--seconds`: cells that would take longer are left out, and named.
"""

import argparse
import json
import platform
import statistics
import sys
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks import plain
from benchmarks.runs import NETWORKS, NEVER, plain_run
from worker.train.crossing import wait_for
from worker.train.determinism import be_deterministic
from worker.train.engines.eager import Eager
from worker.train.engines.flat import FlatStep
from worker.train.engines.graphed import Capture, Graphed, captured
from worker.train.engines.packages import Unavailable
from worker.train.engines.protocol import Engine
from worker.train.loop import Block, blocks
from worker.train.state import Run, initial_state

BATCHES = (60, 256, 1024, 4096)
TURNS = 7
SECONDS = 220.0  # for everything
TURN = 0.25  # seconds that a turn of a loop should take; it is at least one Block, or one epoch of a bare loop
RATE = 0.1
EXAMPLES = 10_000  # of the synthetic dataset; an epoch has as many of them as make whole batches
KEPT = 64  # Blocks whose rows are held at a time: they wait for a recorder in a worker, too
RESULTS = Path(__file__).parent / "results" / "gpu.json"
BARE = "bare loop, one CUDA graph"

Loop = Iterator[int]
"""A training that goes on for ever: of each part of it the steps that were taken, which may still be under way."""


@dataclass(frozen=True)
class Cell:
    """A network at a batch size."""

    network: str
    batch_size: int

    def run(self, device: torch.device, *, recorded: bool) -> Run:
        """Of it, without end: nothing is evaluated."""
        recording = {} if recorded else {"activations_every": NEVER, "histograms_every": NEVER}
        document = {
            "architecture": NETWORKS[self.network],
            "batch_norm": True,
            "data": {"dataset": "synthetic", "batch_size": self.batch_size, "train_samples": self.train_samples},
            "training": {"steps": NEVER, "optimizer": {"kind": "sgd", "learning_rate": RATE}},
            "evaluation": {"every": NEVER},
            "recording": {"units": 0, "probe_every": NEVER, **recording},
        }
        return plain_run(document, device)

    @property
    def train_samples(self) -> int:
        """The examples of an epoch, whose last batch is whole: the steps that are timed are all alike."""
        return EXAMPLES // self.batch_size * self.batch_size


def main() -> None:
    """Run the turns, print and keep the medians."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=SECONDS)
    parser.add_argument("--out", type=Path, default=RESULTS)
    options = parser.parse_args()
    if not torch.cuda.is_available():
        sys.exit(f"there is no CUDA device for torch {torch.__version__}")
    be_deterministic()
    cells = [Cell(network, size) for size in BATCHES for network in NETWORKS]
    measure(cells, torch.device("cuda"), captured, time.monotonic() + options.seconds, options.out)


def measure(cells: list[Cell], device: torch.device, capture: Capture, until: float, out: Path) -> None:
    """Measure one cell after the other, and write down what there is after each; `until`: by the monotonic clock.

    A cell that fails is left out as one for which there is no time or memory; its error is raised at the end.
    """
    found: dict[str, dict[str, Any]] = {}
    left_out: dict[str, str] = {}
    failed: list[Exception] = []
    for cell in cells:
        name = f"{cell.network}, batch {cell.batch_size}"
        try:
            found[name] = compared(loops(cell, device, capture), device, until)
        except (TooLong, Unavailable, RuntimeError) as error:
            left_out[name] = str(error).splitlines()[0]
            if not isinstance(error, TooLong | torch.OutOfMemoryError):
                failed.append(error.with_traceback(None))  # which would hold the cell's memory
        for line in _lines(name, found, left_out):
            print(line, flush=True)
        results = {"environment": environment(device), "cells": found, "left out": left_out}
        out.write_text(json.dumps(results, indent=2) + "\n")
    if failed:
        raise failed[0]


class TooLong(Exception):
    """There is not enough time left for a cell."""


def loops(cell: Cell, device: torch.device, capture: Capture) -> dict[str, Loop]:
    """What takes turns, by name."""
    recorded, unrecorded = (cell.run(device, recorded=each) for each in (True, False))
    return {
        BARE: bare(recorded, graph_of(recorded, bare_step(recorded), capture)),
        "bare loop, eager": bare(recorded, bare_step(recorded)),
        "bnlab, everything recorded": trainer(recorded, Graphed(recorded, capture)),
        "bnlab, unrecorded": trainer(unrecorded, Graphed(unrecorded, capture)),
        "bnlab, eager, everything recorded": trainer(recorded, Eager(recorded)),
    }


def trainer(run: Run, engine: Engine) -> Loop:
    """The trainer's own loop; every row of a Block is kept for a while, on the CPU."""
    kept: deque[Block] = deque(maxlen=KEPT)
    for block in blocks(run, initial_state(run), engine):
        kept.append(block)
        if block.last >= block.first:  # and not that of the untrained network
            yield block.last - block.first + 1


def bare(run: Run, step: plain.Step | FlatStep) -> Loop:
    """A loop that records nothing, on images that were made floats before, and are never away from the device."""
    images, labels = run.dataset.inputs(run.dataset.train.images), run.dataset.train.labels
    size = run.spec.data.batch_size
    while True:
        order = torch.randperm(len(labels), device=run.device)
        for chosen in torch.split(order, size):
            step(images.index_select(0, chosen), labels[chosen])
        yield len(labels) // size


def bare_step(run: Run) -> FlatStep:
    """The step that one writes by hand, with torch's own layers and optimizer, on a network of its own."""
    made = plain.network(run.plan).to(run.device)
    optimizer = torch.optim.SGD(made.parameters(), lr=RATE)

    def step(images: Tensor, labels: Tensor) -> Tensor:
        optimizer.zero_grad()
        loss = nn.functional.cross_entropy(made(images), labels)
        loss.backward()  # type: ignore[no-untyped-call]  # declared so in torch
        optimizer.step()
        return loss.detach()

    return step


def graph_of(run: Run, step: FlatStep, capture: Capture) -> plain.Step:
    """The same step, captured once as the trainer's is."""
    size = run.spec.data.batch_size
    images = run.dataset.inputs(run.dataset.train.images[:size])
    labels = run.dataset.train.labels[:size].clone()
    replay = capture(step, [images, labels])

    def replayed(new_images: Tensor, new_labels: Tensor) -> None:
        images.copy_(new_images)
        labels.copy_(new_labels)
        replay()

    return replayed


def compared(loops: dict[str, Loop], device: torch.device, until: float) -> dict[str, Any]:
    """Medians over the turns, and ratios within each turn, where both met the same weather. Raises TooLong."""
    counts = {}
    for name, loop in loops.items():
        _timed(loop, 1, device)  # which starts libraries
        seconds, _ = _timed(loop, 1, device)
        counts[name] = ceil(TURN / seconds)
        if time.monotonic() > until:
            raise TooLong("there was no time left")
    turns = []
    for turn in range(TURNS):
        began = time.monotonic()
        turns.append({name: _milliseconds(loop, counts[name], device) for name, loop in loops.items()})
        if time.monotonic() + (TURNS - turn - 1) * (time.monotonic() - began) > until:
            raise TooLong(f"{TURNS} turns of {time.monotonic() - began:.1f} s would have taken longer than was left")
    return {name: _summary([turn[name] for turn in turns], [turn[BARE] for turn in turns]) for name in loops}


def _summary(times: list[float], bare: list[float]) -> dict[str, float]:
    ratios = [its / mine for mine, its in zip(times, bare, strict=True)]
    return {
        "ms": round(statistics.median(times), 4),
        "least": round(min(times), 4),
        "most": round(max(times), 4),
        "speed": round(statistics.median(ratios), 3),  # of the bare graph's
    }


def _milliseconds(loop: Loop, count: int, device: torch.device) -> float:
    seconds, steps = _timed(loop, count, device)
    return 1e3 * seconds / steps


def _timed(loop: Loop, count: int, device: torch.device) -> tuple[float, int]:
    """Seconds and steps of so many parts, to the end of what they have queued."""
    wait_for(device)
    began = time.perf_counter()
    steps = sum(next(loop) for _ in range(count))
    wait_for(device)
    return time.perf_counter() - began, steps


def environment(device: torch.device) -> dict[str, Any]:
    """What the figures are of."""
    on_gpu = device.type == "cuda"
    return {
        "device": torch.cuda.get_device_name(device) if on_gpu else platform.processor(),
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "cudnn": torch.backends.cudnn.version() if on_gpu else None,  # type: ignore[no-untyped-call]  # declared so in torch
        "python": platform.python_version(),
        "turns": TURNS,
        "arithmetic": "float32, without TensorFloat-32, and kernels whose results repeat: for every loop",
    }


def _lines(name: str, found: dict[str, dict[str, Any]], left_out: dict[str, str]) -> Iterator[str]:
    if name in left_out:
        yield f"{name}: left out, {left_out[name]}"
        return
    yield name
    for loop, row in found[name].items():
        yield f"  {loop:36} {row['ms']:9.3f} ms ({row['least']:.3f} to {row['most']:.3f}), speed {row['speed']:.2f}"


if __name__ == "__main__":
    main()
