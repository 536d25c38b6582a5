"""The engine that hands torch each operation of a step as it comes to it."""

from torch import Tensor

from jobs.spec.training import learning_rate
from worker.train.dropout import step_noise
from worker.train.optimizers import dials_of
from worker.train.state import Run, State
from worker.train.step import Batch, Fixed, Measured, train_step


class Eager:
    """Works for every run, everywhere."""

    def __init__(self, run: Run) -> None:
        training = run.spec.training
        self._run = run
        self._fixed = Fixed(run.network, run.rule, training.label_smoothing, training.clip_gradient_norm)

    def take(self, state: State, images: Tensor, labels: Tensor) -> Measured:
        """Take the state one step on."""
        run, step = self._run, state.step + 1
        batch = Batch(images, labels, step_noise(run, step, len(labels)))
        dials = dials_of(learning_rate(run.spec.training, run.spec.steps, step), step, run.device)
        sample = run.spec.recording.sample if run.is_measured(step) else None
        state.learned, measured = train_step(self._fixed, state.learned, batch, dials, sample)
        state.step = step
        return measured
