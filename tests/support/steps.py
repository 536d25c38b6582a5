"""Steps taken one at a time."""

from collections.abc import Callable, Iterator
from copy import deepcopy

from torch import Tensor

from worker.train.data import Batches, batches
from worker.train.engines.eager import Eager
from worker.train.engines.flat import learned_tensors
from worker.train.engines.protocol import Engine
from worker.train.state import Run, State, initial_state
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


def _far(mine: Tensor, its: Tensor) -> float:
    """How far apart two tensors are, as a share of the norm of one of them."""
    return float((mine - its).double().norm() / its.double().norm().clamp(min=1e-3))


def apart(run: Run, engine: Engine, copied: Callable[[State], State] = deepcopy) -> float:
    """The largest distance, over three steps, of a tensor or a row from the eager engine's.

    copied: what the eager engine takes each step from; as it is, from equal state.
    """
    state, found = initial_state(run), []
    for pixels, right in each_batch(run, 1, 3):
        other = copied(state)
        mine, its = take(engine, state, pixels, right), take(Eager(run), other, pixels, right)
        assert mine.activations is not None
        assert its.activations is not None
        learned = zip(learned_tensors(state.learned), learned_tensors(other.learned), strict=True)
        found += [_far(a, b) for a, b in (*learned, (mine.loss, its.loss), (mine.activations, its.activations))]
    return max(found)
