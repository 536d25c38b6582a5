"""What a step of a run is given beside what was learned: all of it follows from the run, the step and the batch."""

from torch import Tensor

from bn.transform import Shift, shifted_by_mean
from jobs.spec.training import learning_rate
from worker.train.noise import step_noise
from worker.train.state import Run
from worker.train.step import Batch, Fixed


def fixed_of(run: Run, shifted: Shift = shifted_by_mean) -> Fixed:
    """What is the same at every step."""
    training = run.spec.training
    return Fixed(run.network, run.rule, training.label_smoothing, training.clip_gradient_norm, run.frozen, shifted)


def batch_of(run: Run, step: int, pixels: Tensor, labels: Tensor) -> Batch:
    """The mini-batch of a step: pixels [N, C, H, W] uint8 or features [N, F], labels [N]."""
    return Batch(pixels, run.dataset.shift, run.dataset.scale, labels, step_noise(run, step, len(labels)))


def rate_of(run: Run, step: int) -> float:
    """The learning rate of a step."""
    return learning_rate(run.spec.training, run.spec.steps, step)
