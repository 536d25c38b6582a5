"""What the engines share that write into tensors of their own: when they take a step, and what is left to others."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from bn.step_rows import loss_layout
from worker.train.data import Batches
from worker.train.engines.eager import Eager
from worker.train.engines.flat import learned_tensors, with_tensors
from worker.train.engines.protocol import RawRows, Taken
from worker.train.state import Run, State


class Owning(ABC):
    """Everything is measured at every step; batches of another size than the document's are taken eagerly.

    What is learned lies in tensors of the engine's own, which each step writes into: from one step to the next the
    state holds them, with other values. So one engine takes one state on, and no other beside it.
    """

    identity: Mapping[str, str]

    def __init__(self, run: Run) -> None:
        self._run = run
        self._eager = Eager(run)
        self._shape = (run.spec.data.batch_size, *run.plan.input)
        self._loss_width = loss_layout(run.network).width
        self._learned: object = None

    def take(self, state: State, batches: Batches) -> Taken:
        """Take the state a step further on each mini-batch."""
        if batches.pixels.shape[1:] != self._shape or not batches.pixels.is_contiguous():
            return self._eager.take(state, batches)
        if state.learned is not self._learned:
            owned = self._own(learned_tensors(state.learned))
            self._learned = state.learned = with_tensors(state.learned, owned)
        steps = range(state.step + 1, state.step + 1 + len(batches.pixels))
        rows, ended = self._rows(steps, batches)
        state.step = steps[-1]
        return Taken(self._losses(steps, rows), self._activations(steps, rows), ended)

    def _losses(self, steps: Sequence[int], rows: Tensor) -> RawRows:
        return RawRows(tuple(steps), self._shape[0], rows[:, : self._loss_width])

    def _activations(self, steps: Sequence[int], rows: Tensor) -> RawRows | None:
        inside = tuple(step for step in steps if self._run.is_measured(step))
        if not inside:
            return None
        measured = rows if len(inside) == len(steps) else torch.stack([rows[step - steps[0]] for step in inside])
        return RawRows(inside, self._shape[0], measured[:, self._loss_width :])

    @abstractmethod
    def _own(self, tensors: list[Tensor]) -> list[Tensor]:
        """Tensors of the engine's own with these values, in the order of `learned_tensors`: steps write into them."""

    @abstractmethod
    def _rows(self, steps: Sequence[int], batches: Batches) -> tuple[Tensor, Sequence[float]]:
        """Take these steps. Returns their rows, [steps, width] as of a FlatStep, and when each of them ended."""
