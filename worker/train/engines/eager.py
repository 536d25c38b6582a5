"""The engine that hands torch each operation of a step as it comes to it."""

from collections.abc import Mapping

from torch import Tensor

from worker.train.arguments import batch_of, fixed_of, rate_of
from worker.train.optimizers import dials_of
from worker.train.state import Run, State
from worker.train.step import Measured, train_step


class Eager:
    """Works for every run, everywhere."""

    identity: Mapping[str, str] = {"engine": "eager"}

    def __init__(self, run: Run) -> None:
        self._run = run
        self._fixed = fixed_of(run)

    def take(self, state: State, pixels: Tensor, labels: Tensor) -> Measured:
        """Take the state one step on."""
        run, step = self._run, state.step + 1
        dials = dials_of(rate_of(run, step), step, run.device)
        sample = run.spec.recording.sample if run.is_measured(step) else None
        batch = batch_of(run, step, pixels, labels)
        state.learned, measured = train_step(self._fixed, state.learned, batch, dials, sample)
        state.step = step
        return measured
