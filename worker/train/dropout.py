"""What dropout draws in a training: a function of the seed and the step alone, so that a run may resume anywhere."""

import numpy as np
import torch
from torch import Tensor

from bn.dropout import dropout_noise
from worker.train.state import Run


def step_noise(run: Run, step: int, num_examples: int) -> dict[str, Tensor]:
    """Of each dropout layer, by its name, for a mini-batch: [num_examples, *input]."""
    if not run.drops:
        return {}
    seed = np.random.SeedSequence([run.spec.training.seed, run.steps_before + step]).generate_state(1, np.uint64)[0]
    torch.manual_seed(int(seed))
    return dropout_noise(run.plan, num_examples, run.device)
