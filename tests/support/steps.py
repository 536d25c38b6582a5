"""Steps taken one at a time."""

from collections.abc import Iterator

from torch import Tensor

from worker.train.data import Batches, batches
from worker.train.engines.protocol import Engine
from worker.train.state import Run, State
from worker.train.step import Measured


def each_batch(run: Run, first: int, last: int) -> Iterator[tuple[Tensor, Tensor]]:
    """The mini-batches of some steps: pixels [N, C, H, W] uint8 and labels [N]."""
    for same_size in batches(run.dataset, run.spec.data, run.spec.training.seed, first, last):
        yield from zip(*same_size, strict=True)


def take(engine: Engine, state: State, pixels: Tensor, labels: Tensor) -> Measured:
    """Take a step on one mini-batch, and return what was measured in it."""
    taken = engine.take(state, Batches(pixels[None], labels[None]))
    inside = None if taken.activations is None else taken.activations.values[0]
    return Measured(taken.losses.values[0], inside)
