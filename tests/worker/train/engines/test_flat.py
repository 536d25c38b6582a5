"""A step that writes into the tensors that it is given is the step that gives new ones."""

import torch

from bn.step_rows import loss_layout
from bn.transform import shifted_by_pilot
from tests.support.small_runs import small_run
from tests.support.steps import each_batch
from worker.train.arguments import batch_of, fixed_of
from worker.train.engines.flat import flat, flat_step, learned_tensors, with_tensors
from worker.train.optimizers import dials_of
from worker.train.state import initial_state
from worker.train.step import train_step

LAYERS = [
    {"kind": "flatten"},
    {"kind": "linear", "features": 12, "activation": "relu"},
    {"kind": "dropout", "rate": 0.4},
    {"kind": "linear", "features": 10},
]


def test_what_it_writes_is_what_the_pure_step_gives() -> None:
    run = small_run(architecture={"layers": LAYERS}, training={"steps": 3, "optimizer": "adam"})
    before = initial_state(run).learned
    ((pixels, labels),) = each_batch(run, 1, 1)
    batch, dials = batch_of(run, 1, pixels, labels), dials_of(0.01, 1, run.device)
    tensors = [tensor.clone() for tensor in flat(before, dials, batch)]
    row = flat_step(run, before, batch, shifted_by_pilot)(*tensors)
    after, measured = train_step(fixed_of(run, shifted_by_pilot), before, batch, dials, run.spec.recording.sample)
    assert measured.activations is not None
    width = loss_layout(run.network).width
    assert torch.equal(row[:width], measured.loss)
    assert torch.equal(row[width:], measured.activations)
    expected = learned_tensors(after)
    assert all(mine.equal(its) for mine, its in zip(tensors, expected, strict=False))
    assert with_tensors(before, expected).tensors.keys() == before.tensors.keys()
    assert learned_tensors(with_tensors(before, expected)) == expected
