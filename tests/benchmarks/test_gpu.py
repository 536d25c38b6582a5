"""The benchmark for a GPU, all of it but the GPU."""

import json
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from benchmarks.gpu import BARE, BATCHES, TURNS, Cell, TooLong, compared, loops, measure
from benchmarks.runs import NETWORKS
from tests.support.graphs import repeated
from worker.train.engines.flat import FlatStep
from worker.train.engines.graphed import Replay

CPU = torch.device("cpu")


def test_each_loop_takes_as_many_steps_as_it_says_and_none_of_another_size() -> None:
    cell = Cell("mlp", 4096)
    assert cell.train_samples == 8192
    found = loops(cell, CPU, repeated)
    assert len(found) == 5
    assert next(iter(found)) == BARE
    run = cell.run(CPU, recorded=True)
    of_trainer, of_bare = run.resolved.block_steps, 8192 // 4096
    expected = {name: of_trainer if name.startswith("bnlab") else of_bare for name in found}
    for _ in range(2):
        assert {name: next(loop) for name, loop in found.items()} == expected


@pytest.mark.parametrize("size", BATCHES)
def test_an_epoch_is_of_whole_batches(size: int) -> None:
    assert Cell("mlp", size).train_samples % size == 0


def part(seconds: float) -> Iterator[int]:
    while True:
        time.sleep(seconds)
        yield 3


def test_loops_that_take_turns_are_compared_with_the_bare_graph() -> None:
    rows = compared({BARE: part(0.05), "another": part(0.1)}, CPU, time.monotonic() + 60)
    assert rows.keys() == {BARE, "another"}
    assert rows[BARE]["speed"] == 1
    for row in rows.values():
        assert 0 < row["least"] <= row["ms"] <= row["most"]
    assert rows["another"]["least"] >= 1e3 * 0.1 / 3  # milliseconds a step: three steps take a tenth of a second
    assert TURNS >= 7


def test_what_would_take_longer_than_there_is_time_is_not_begun() -> None:
    began = time.monotonic()
    with pytest.raises(TooLong, match="no time left"):
        compared({BARE: part(0.001)}, CPU, began)
    with pytest.raises(TooLong, match="would have taken longer than was left"):
        compared({BARE: part(0.2)}, CPU, began + 1)


def test_what_was_left_out_is_named(tmp_path: Path) -> None:
    out = tmp_path / "gpu.json"
    cells = [Cell(name, 4096) for name in list(NETWORKS)[:1]]
    measure(cells, CPU, repeated, time.monotonic(), out)
    written = json.loads(out.read_text())
    assert written["cells"] == {}
    assert written["left out"] == {"mlp, batch 4096": "there was no time left"}
    assert written["environment"]["torch"] == torch.__version__


def test_a_cell_that_fails_is_named_and_its_error_is_raised_once_the_others_are_measured(tmp_path: Path) -> None:
    def fails(_step: FlatStep, _tensors: list[Tensor]) -> Replay:
        raise RuntimeError("an illegal memory access\nand more")

    out = tmp_path / "gpu.json"
    with pytest.raises(RuntimeError, match="illegal memory access"):
        measure([Cell("mlp", 4096), Cell("mlp", 1024)], CPU, fails, time.monotonic() + 60, out)
    written = json.loads(out.read_text())["left out"]
    assert written == {f"mlp, batch {size}": "an illegal memory access" for size in (4096, 1024)}
