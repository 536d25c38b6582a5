"""How much faster two recorded jobs are on two cores than one after the other: `python -m benchmarks.pair`.

Two processes train the paper's network by the compiled engine, as a worker with two slots has two trainers: one alone,
then both together, in turns. Written to benchmarks/results/pair.json.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO

import torch

from benchmarks.step import NETWORKS, bench_of, recorded
from worker.supervise.process import KEEP_MEMORY
from worker.train.determinism import be_deterministic
from worker.train.engines.compiled import Compiled
from worker.train.interpreter import let_train

STEPS = 6000
TURNS = 7
RESULTS = Path(__file__).parent / "results" / "pair.json"


def main() -> None:
    """Let one train, then both, in turns, and keep by how much both together took less than twice as long."""
    command = [sys.executable, "-m", "benchmarks.pair", "--train"]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "env": {**os.environ, **KEEP_MEMORY}}
    both = [subprocess.Popen(command, text=True, **pipes) for _ in range(2)]  # type: ignore[call-overload]
    for process in both:
        process.stdout.readline()  # it is ready
    turns = []
    for _ in range(TURNS):
        alone = _train(both[:1])
        turns.append({"alone": alone, "together": _train(both)})
    for process in both:
        process.stdin.close()
        process.wait()
    ratio = statistics.median(2 * turn["alone"] / turn["together"] for turn in turns)
    RESULTS.write_text(json.dumps({"turns": turns, "two against one": round(ratio, 2)}, indent=1) + "\n")
    print(f"two recorded jobs on two cores against one: {ratio:.2f}")


def _train(processes: list[subprocess.Popen[str]]) -> float:
    """Seconds until all of them have trained."""
    began = time.perf_counter()
    for process in processes:
        _pipe(process.stdin).write("train\n")
        _pipe(process.stdin).flush()
    for process in processes:
        _pipe(process.stdout).readline()
    return time.perf_counter() - began


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def train() -> None:
    """Train once for each line on standard input."""
    be_deterministic()
    let_train()
    torch.set_num_threads(1)
    document, batch_size, _ = NETWORKS["mlp with BN"]
    with tempfile.TemporaryDirectory() as folder:
        bench = bench_of(document, batch_size, Path(folder))
        engine = Compiled(bench.recorded, bench.package)
        recorded(bench, engine, STEPS)
        print("ready", flush=True)
        for _ in sys.stdin:
            recorded(bench, engine, STEPS)
            print("trained", flush=True)


if __name__ == "__main__":
    train() if "--train" in sys.argv else main()
