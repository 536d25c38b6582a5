"""What a tracker adds to a bare PyTorch loop; run by `benchmarks.trackers` where the trackers are installed.

python -m benchmarks.tracked.measure TRACKER STEPS DATASET FOLDER
"""

import json
import os
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack, redirect_stdout, suppress
from functools import partial
from importlib.metadata import version
from itertools import count
from pathlib import Path
from typing import NamedTuple

import psutil
import torch

from benchmarks.tracked.loop import Data, bare, handed_over, last_logged, recorded
from benchmarks.tracked.runs import OFFLINE, TRACKERS, Log

TURNS = 7
BARE_STEPS = 1000

Loop = Callable[[Log], None]
"""Takes its steps, logging each."""


class Cost(NamedTuple):
    """Of one step, in milliseconds; CPU is of all threads, and of the processes that a tracker started."""

    wall: float
    cpu: float


class Turn(NamedTuple):
    """The loop with a tracker, the run's end included, and the bare loop: half right before it, half right after."""

    bare: Cost
    tracked: Cost
    end: float  # what ending the run took of it, in milliseconds: once a run


class Runs:
    """Opens a run of a tracker, each of its own name, in a folder."""

    def __init__(self, tracker: str, folder: Path) -> None:
        self._open, self._folder, self._numbers = TRACKERS[tracker], folder, count()

    def open(self) -> AbstractContextManager[Log]:
        """A new run."""
        return self._open(self._folder, f"run{next(self._numbers)}")


def main() -> None:
    """Print what was found as one line of JSON, the last one."""
    tracker, steps, dataset, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    os.environ.update(OFFLINE)
    torch.set_num_threads(1)
    data = Data(*torch.load(dataset))
    logged = last_logged(data)
    loops: dict[str, Loop] = {
        "as one would write it": partial(recorded, data, steps),
        "statistics handed over": partial(handed_over, data, steps, logged),
    }
    with redirect_stdout(sys.stderr):
        turns = _turns(Runs(tracker, folder), loops, data, steps)
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    number = steps * sum(len(each) + 1 for each in turns.values())
    found = {"version": version(tracker), "steps": steps, "series": sorted(logged.values)}
    columns = {name: _as_json(each) for name, each in turns.items()}
    print(json.dumps(found | {"bytes a step": round(size / number), "columns": columns}))


def _turns(runs: Runs, loops: dict[str, Loop], data: Data, steps: int) -> dict[str, list[Turn]]:
    """One turn of each that does not count, then all of them in turns."""
    for loop in loops.values():
        _turn(runs, loop, data, steps)
    rounds = [{name: _turn(runs, loop, data, steps) for name, loop in loops.items()} for _ in range(TURNS)]
    return {name: [each[name] for each in rounds] for name in loops}


def _turn(runs: Runs, loop: Loop, data: Data, steps: int) -> Turn:
    with ExitStack() as stack:
        log = stack.enter_context(runs.open())
        ends: list[float] = []

        def logged() -> None:
            loop(log)
            began = time.perf_counter()
            stack.close()
            ends.append(1e3 * (time.perf_counter() - began))

        return turn(data, logged, steps)._replace(end=ends[0])


def turn(data: Data, taken: Callable[[], None], steps: int) -> Turn:
    """What calling it costs, which takes so many steps, between two halves of the bare loop."""
    before, measured, after = _bare(data), _cost(taken, steps), _bare(data)
    return Turn(Cost((before.wall + after.wall) / 2, (before.cpu + after.cpu) / 2), measured, 0.0)


def _bare(data: Data) -> Cost:
    return _cost(lambda: bare(data, BARE_STEPS // 2), BARE_STEPS // 2)


def _cost(taken: Callable[[], None], steps: int) -> Cost:
    wall, cpu = time.perf_counter(), _cpu_seconds()
    taken()
    return Cost(1e3 * (time.perf_counter() - wall) / steps, 1e3 * (_cpu_seconds() - cpu) / steps)


def _cpu_seconds() -> float:
    """Of this process, and of those that it started, be they there or gone."""
    seconds = time.process_time()
    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):  # ended meanwhile: then it is counted below
            times = child.cpu_times()
            seconds += times.user + times.system
    gone = os.times()
    return seconds + gone.children_user + gone.children_system


def _as_json(turns: list[Turn]) -> list[dict[str, object]]:
    return [{"bare": turn.bare._asdict(), "tracked": turn.tracked._asdict(), "end": turn.end} for turn in turns]


if __name__ == "__main__":
    main()
