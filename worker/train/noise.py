"""What a training step draws: a function of the seed and the step alone, so that a run may resume anywhere."""

import numpy as np
import torch
from torch import Tensor

from bn.noise import noise_of
from worker.train.state import Run


def step_noise(run: Run, step: int, num_examples: int) -> dict[str, Tensor]:
    """Of each layer that draws, by its name, for a mini-batch, as `noise_of` has it."""
    if not run.draws:
        return {}
    seed = np.random.SeedSequence([run.spec.training.seed, run.steps_before + step]).generate_state(1, np.uint64)[0]
    torch.manual_seed(int(seed))
    return noise_of(run.plan, num_examples, run.device)
