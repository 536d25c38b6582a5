"""What batch normalization costs, forward and backward, and how exact it is: our layer beside torch's own.

`python -m benchmarks.batch_norm` runs both in turns in one process, eager and compiled, prints the speed of ours as a
share of torch's (above 1 ours is faster; the median over the turns) with the largest error of each against float64 at
mean 1e4 and sd 0.1, and writes them to benchmarks/results/batch_norm.json.
"""

import json
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor, nn

from bn.layers import BatchNorm1d, BatchNorm2d
from bn.moments import all_but_channels

RESULTS = Path(__file__).parent / "results" / "batch_norm.json"
FORMATS = {"": torch.contiguous_format, "channels last": torch.channels_last}
INPUTS: tuple[tuple[tuple[int, ...], str], ...] = (
    ((60, 100), ""),
    ((128, 512), ""),
    ((1024, 1024), ""),
    ((64, 32, 14, 14), ""),
    ((64, 32, 14, 14), "channels last"),
    ((64, 64, 28, 28), ""),
    ((64, 64, 28, 28), "channels last"),
    ((64, 256, 28, 28), ""),
    ((64, 256, 28, 28), "channels last"),
)
TURNS = 9
CALLS = (4, 100)  # in a turn, the fewest and the most: each call finds the memory as the one before it left it
VALUES = 2_000_000  # how many are normalized in a turn, about

Layers = dict[str, Callable[[Tensor], Tensor]]


@dataclass(frozen=True)
class Measured:
    """One input in one mode: torch's time, ours as a share of its speed, and the largest errors."""

    input: str
    mode: str
    threads: int
    torch_ms: float
    speed: float
    torch_error: float
    error: float


def main() -> None:
    """Run everything, print and keep it."""
    everything = os.cpu_count() or 1
    rows = [
        measure(shape, layout, mode, threads)
        for threads in dict.fromkeys((1, everything))
        for mode in ("eager", "compiled")
        for shape, layout in INPUTS
    ]
    RESULTS.parent.mkdir(exist_ok=True)
    document = {"environment": {"torch": torch.__version__}, "inputs": [vars(row) for row in rows]}
    RESULTS.write_text(json.dumps(document, indent=2) + "\n")
    _print(rows)


def measure(shape: tuple[int, ...], layout: str, mode: str, threads: int) -> Measured:
    """Both layers on one input, turn by turn."""
    torch.set_num_threads(threads)
    torch.compiler.reset()
    x = _input(torch.randn(shape), layout)
    gradient = _input(torch.randn(shape), layout)
    layers = _layers(shape)
    run = {name: torch.compile(layer, fullgraph=True, dynamic=False) for name, layer in layers.items()}
    called: Layers = dict(run if mode == "compiled" else layers)
    parameters = {name: tuple(layer.parameters()) for name, layer in layers.items()}
    calls = min(max(CALLS[0], VALUES // x.numel()), CALLS[1])
    times: dict[str, list[float]] = {name: [] for name in called}
    for _ in range(TURNS + 1):
        for name, layer in called.items():
            torch.autograd.grad(layer(x), (x, *parameters[name]), gradient)
            began = time.perf_counter()
            for _ in range(calls):
                torch.autograd.grad(layer(x), (x, *parameters[name]), gradient)
            times[name].append((time.perf_counter() - began) / calls)
    ours, torchs = times["ours"][1:], times["torch"][1:]  # the first turn warms up
    errors = _errors(called, shape, layout)
    return Measured(
        f"{'x'.join(map(str, shape))} {layout}".strip(),
        mode,
        threads,
        round(1e3 * statistics.median(torchs), 3),
        round(statistics.median(its / mine for its, mine in zip(torchs, ours, strict=True)), 2),
        errors["torch"],
        errors["ours"],
    )


def _layers(shape: tuple[int, ...]) -> dict[str, nn.Module]:
    if len(shape) == 2:
        return {"torch": nn.BatchNorm1d(shape[1]), "ours": BatchNorm1d(shape[1])}
    return {"torch": nn.BatchNorm2d(shape[1]), "ours": BatchNorm2d(shape[1])}


def _input(x: Tensor, layout: str) -> Tensor:
    return x.contiguous(memory_format=FORMATS[layout]).requires_grad_()


def _errors(layers: Layers, shape: tuple[int, ...], layout: str) -> dict[str, float]:
    x = _input(1e4 + 0.1 * torch.randn(shape, generator=torch.Generator().manual_seed(0)), layout)
    exact = x.detach().double()
    exact -= exact.mean(all_but_channels(x), keepdim=True)
    exact /= (exact.square().mean(all_but_channels(x), keepdim=True) + 1e-5).sqrt()
    return {name: float(f"{(layer(x) - exact).abs().max().item():.1e}") for name, layer in layers.items()}


def _print(rows: list[Measured]) -> None:
    title = "Batch normalization, forward and backward"
    table = Table("input", "mode", "threads", "torch ms", "our speed", "torch's error", "our error", title=title)
    for row in rows:
        table.add_row(*(str(value) for value in vars(row).values()))
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
