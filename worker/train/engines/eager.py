"""The engine that hands torch each operation of a step as it comes to it."""

import time
from collections.abc import Mapping

import torch
from torch import Tensor

from worker.train.arguments import batch_of, fixed_of, rate_of
from worker.train.data import Batches
from worker.train.engines.protocol import RawRows, Taken
from worker.train.optimizers import dials_of
from worker.train.state import Run, State
from worker.train.step import Measured, train_step


class Eager:
    """Works for every run, everywhere."""

    identity: Mapping[str, str] = {"engine": "eager"}

    def __init__(self, run: Run) -> None:
        self._run = run
        self._fixed = fixed_of(run)

    def take(self, state: State, batches: Batches) -> Taken:
        """Take the state a step further on each mini-batch."""
        size, losses, activations, ended = batches.pixels.shape[1], {}, {}, []
        for pixels, labels in zip(*batches, strict=True):
            measured = self._step(state, pixels, labels)
            losses[state.step] = measured.loss
            if measured.activations is not None:
                activations[state.step] = measured.activations
            ended.append(time.monotonic())
            self._run.alive()
        return Taken(_rows(losses, size), _rows(activations, size) if activations else None, ended)

    def _step(self, state: State, pixels: Tensor, labels: Tensor) -> Measured:
        run, step = self._run, state.step + 1
        dials = dials_of(rate_of(run, step), run.steps_before + step, run.device)
        sample = run.spec.recording.sample if run.is_measured(step) else None
        batch = batch_of(run, step, pixels, labels)
        state.learned, measured = train_step(self._fixed, state.learned, batch, dials, sample)
        state.step = step
        return measured


def _rows(of_step: dict[int, Tensor], batch_size: int) -> RawRows:
    return RawRows(tuple(of_step), batch_size, torch.stack(list(of_step.values())))
