"""Writes docs/performance.md of what the other benchmarks have found: `python -m benchmarks.performance`."""

import json
import statistics
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from benchmarks.step import Seconds, ratio

RESULTS = Path(__file__).parent / "results"
PAGE = Path(__file__).parent.parent / "docs" / "performance.md"
BARE, FLOOR = "bare, eager", "matrix products alone"
QUIET, RECORDED = "bnlab compiled, unrecorded", "bnlab compiled, recorded"

Turns = dict[str, list[Seconds]]

HEAD = """# Performance

What recording everything costs, in the figures of the last `make bench`. Every ratio is of loops that took turns in one process, on one thread; medians over {turns} turns, and in brackets the
least and the greatest. Figures of other machines differ, ratios less. The loops are in [benchmarks/step.py](../benchmarks/step.py) and [benchmarks/plain.py](../benchmarks/plain.py):

- *bare*: the loop that one writes by hand in PyTorch, with torch's own layers, nothing recorded, its images made floats before it begins; eager, and by `torch.compile`;
- *unrecorded*: bnlab's own loop with the loss, accuracy and gradient norm of each step, thrown away;
- *recorded*: every statistic of every step, histograms every 50, followed units every 100, checkpoints, stored on this disk by bnlab's own recorder;
- *matrix products alone*: those of a step, forward and backward, by torch, which takes its BLAS for them; a package takes the large ones by oneDNN.

How the compiled engine works, and when it is taken: [engines](using/engines.md). What was tried on the way: [log](log.md).
"""


def main() -> None:
    """Write the page."""
    step = json.loads((RESULTS / "step.json").read_text())
    parts = [HEAD.format(turns=step["environment"]["turns"]), *_networks(step["networks"]), *_growth(step["growth"])]
    parts += [*_trackers(step["networks"]["mlp with BN"]["turns"]), *_pair(), *_gpu()]
    PAGE.write_text("\n".join(parts))


def _networks(networks: dict[str, Any]) -> Iterator[str]:
    for name, found in networks.items():
        turns: Turns = found["turns"]
        yield f"## {name}, batches of {found['batch size']}\n"
        yield _table(("loop", "us a step", "CPU us", "speed, of the bare eager loop's", "CPU, of its"), _rows(turns))
        best = min((loop for loop in turns if "torch.compile" in loop), key=lambda loop: _median(turns[loop], "wall"))
        others = {"the bare eager loop": BARE, f"the best compiled bare loop ({best.split('(')[1][:-1]})": best}
        others |= {"the matrix products alone": FLOOR} if FLOOR in turns else {}
        others |= {"the same unrecorded": QUIET}
        said = "; ".join(f"{_speed(turns, RECORDED, other)} of that of {what}" for what, other in others.items())
        yield f"The speed of bnlab's compiled, recorded loop is {said}. Its package took {found['seconds to compile']:.0f} s to make.\n"


def _rows(turns: Turns) -> Iterator[tuple[str, ...]]:
    for loop, taken in turns.items():
        wall, cpu = (f"{_median(taken, what) * 1e6:,.0f}" for what in ("wall", "cpu"))
        yield loop, wall, cpu, _speed(turns, loop, BARE), f"{1 / ratio(turns, loop, BARE, 'cpu'):.2f}"


def _growth(growth: dict[str, Any]) -> Iterator[str]:
    yield "## How cost grows\n"
    rows = (
        (
            name,
            *(f"{_median(found['turns'][loop], 'wall') * 1e6:,.0f}" for loop in (BARE, QUIET, RECORDED)),
            _speed(found["turns"], RECORDED, BARE),
            f"{found['seconds to compile']:.0f}",
        )
        for name, found in growth.items()
    )
    yield _table(
        ("network", "bare, us", "unrecorded", "recorded", "recorded, of the bare one's speed", "to compile, s"), rows
    )


def _trackers(mlp: Turns) -> Iterator[str]:
    found = json.loads((RESULTS / "trackers.json").read_text())
    yield "## Other trackers\n"
    yield (
        "The paper's network with BN in the bare loop, and the same series recorded there by a tracker: *as one would write it*, with the statistics computed by torch, and *handed over*, where\n"
        "they cost nothing and only the tracker's own calls are timed. Each beside bnlab, whose recorded loop is timed in the same way and computes them too.\n"
    )
    rows = []
    for name, tracker in found["trackers"].items():
        for column, cost in tracker.get("columns", {}).items():
            times = cost["wall_ratio"]
            rows.append((f"{name} {tracker['version']}", column, f"{times:.1f}", f"{cost['wall_of_bnlab']:.1f}"))
        if "columns" not in tracker:
            rows.append((name, f"not measured: {tracker['not measured']}", "", ""))
    yield _table(("tracker", "column", "its loop, of the bare one's time", "of bnlab's time"), rows)
    yield f"bnlab's recorded loop takes {found['bnlab']['wall_ratio']:.2f} of the bare one's time there, and {1 / ratio(mlp, RECORDED, BARE):.2f} above.\n"


def _pair() -> Iterator[str]:
    found = json.loads((RESULTS / "pair.json").read_text())
    yield "## Two jobs at a time\n"
    yield f"Two recorded jobs on two cores, each with a process and a recorder of its own, take {found['two against one']:.2f} times as many steps a second as one.\n"


def _gpu() -> Iterator[str]:
    yield "## On a GPU\n"
    measured = RESULTS / "gpu.json"
    if measured.exists():
        device = json.loads(measured.read_text())["environment"]["device"]
        yield f"Of `make gpu` on {device}: [gpu.json](../benchmarks/results/gpu.json).\n"
    else:
        yield "No figures: this path has not been run on a GPU yet ([GPU](running/gpu.md)). `make gpu` measures it.\n"


def _speed(turns: Turns, of: str, to: str) -> str:
    each = [its["wall"] / mine["wall"] for mine, its in zip(turns[of], turns[to], strict=True)]
    return f"{statistics.median(each):.2f} ({min(each):.2f} to {max(each):.2f})"


def _median(taken: list[Seconds], what: str) -> float:
    return statistics.median(turn[what] for turn in taken)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


if __name__ == "__main__":
    main()
