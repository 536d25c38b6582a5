"""What the engines share that write into tensors of their own: when they take a step, and what is left to others."""

from abc import ABC, abstractmethod
from collections.abc import Mapping

from torch import Tensor

from bn.step_rows import loss_layout
from worker.train.engines.eager import Eager
from worker.train.engines.flat import learned_tensors, with_tensors
from worker.train.state import Run, State
from worker.train.step import Measured


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
        self._width = loss_layout(run.network).width
        self._learned: object = None

    def take(self, state: State, pixels: Tensor, labels: Tensor) -> Measured:
        """Take the state one step on."""
        if pixels.shape != self._shape or not pixels.is_contiguous():
            return self._eager.take(state, pixels, labels)
        if state.learned is not self._learned:
            owned = self._own(learned_tensors(state.learned))
            self._learned = state.learned = with_tensors(state.learned, owned)
        step = state.step + 1
        row = self._row(step, pixels, labels)
        state.step = step
        return Measured(row[: self._width], row[self._width :] if self._run.is_measured(step) else None)

    @abstractmethod
    def _own(self, tensors: list[Tensor]) -> list[Tensor]:
        """Tensors of the engine's own with these values, in the order of `learned_tensors`: steps write into them."""

    @abstractmethod
    def _row(self, step: int, pixels: Tensor, labels: Tensor) -> Tensor:
        """Take the step of this number, and return its row, as a FlatStep does: a tensor that nothing changes later."""
