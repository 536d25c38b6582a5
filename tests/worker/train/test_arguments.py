"""What a step is given follows from the run, the step and the batch."""

import torch

from bn.transform import shifted_by_mean, shifted_by_pilot
from tests.support.small_runs import small_run
from tests.support.steps import each_batch
from worker.train.arguments import batch_of, fixed_of, rate_of


def test_what_is_the_same_at_every_step_is_as_the_document_says() -> None:
    run = small_run(training={"steps": 9, "label_smoothing": 0.1, "clip_gradient_norm": 2.0})
    fixed = fixed_of(run)
    assert (fixed.label_smoothing, fixed.clip_gradient_norm, fixed.shifted) == (0.1, 2.0, shifted_by_mean)
    assert fixed_of(run, shifted_by_pilot).shifted is shifted_by_pilot


def test_a_batch_is_of_stored_pixels_and_of_how_they_become_inputs() -> None:
    run = small_run(data={"dataset": "synthetic", "binarize": False, "normalize": "standardize", "batch_size": 10})
    ((pixels, labels),) = each_batch(run, 1, 1)
    batch = batch_of(run, 1, pixels, labels)
    assert batch.pixels.dtype == torch.uint8
    assert torch.equal(run.dataset.inputs(batch.pixels), (pixels.float() - batch.shift) * batch.scale)


def test_a_rate_is_that_of_the_schedule_at_its_step() -> None:
    run = small_run(training={"steps": 100, "schedule": {"kind": "step", "every": 10, "factor": 0.5}})
    assert rate_of(run, 1) == 2 * rate_of(run, 11)
