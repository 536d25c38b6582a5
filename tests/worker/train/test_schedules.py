"""The rates of a schedule beside those of torch's own schedulers."""

from typing import Any

import pytest
import torch
from torch.optim import lr_scheduler as schedulers

from jobs.spec.training import Training, learning_rate


def warm(optimizer: torch.optim.Optimizer, after: schedulers.LRScheduler) -> schedulers.LRScheduler:
    rising = schedulers.LinearLR(optimizer, 1 / 4, 1.0, 3)
    return schedulers.SequentialLR(optimizer, [rising, after], [4])


SCHEDULES: dict[str, tuple[Any, Any]] = {
    "constant": ("constant", lambda o: schedulers.ConstantLR(o, 1.0, 0)),
    "step": ({"kind": "step", "every": 5, "factor": 0.5}, lambda o: schedulers.StepLR(o, 5, 0.5)),
    "exponential": (
        {"kind": "exponential", "every": 10, "factor": 0.5},
        lambda o: schedulers.ExponentialLR(o, 0.5 ** (1 / 10)),
    ),
    "cosine": ({"kind": "cosine", "final": 0.1}, lambda o: schedulers.CosineAnnealingLR(o, 29, 0.01)),
    "warm-up, then steps": (
        {"kind": "step", "every": 5, "factor": 0.5, "warmup_steps": 4},
        lambda o: warm(o, schedulers.StepLR(o, 5, 0.5)),
    ),
}


@pytest.mark.filterwarnings("ignore::UserWarning")  # torch's schedulers want steps of the optimizer between theirs
@pytest.mark.parametrize(("document", "reference"), SCHEDULES.values(), ids=SCHEDULES)
def test_a_schedule_gives_the_rates_of_torchs_own(document: Any, reference: Any) -> None:
    training = Training.model_validate({"schedule": document})
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = reference(optimizer)
    for step in range(1, 31):
        assert learning_rate(training, 30, step) == pytest.approx(optimizer.param_groups[0]["lr"], rel=1e-6), step
        scheduler.step()


def test_a_schedule_that_is_longer_than_the_training_is_no_error() -> None:
    training = Training.model_validate({"schedule": {"kind": "cosine", "warmup_steps": 50}})
    assert learning_rate(training, 10, 10) == pytest.approx(0.1 * 10 / 50)
