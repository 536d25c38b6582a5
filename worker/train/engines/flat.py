"""A step as a function of a list of tensors that it writes its results into: that is what is traced and compiled."""

from collections.abc import Callable
from itertools import chain

import torch
from torch import Tensor

from bn.transform import Shift
from worker.train.arguments import fixed_of
from worker.train.optimizers import Dials
from worker.train.state import Run
from worker.train.step import Batch, Learned, train_step

FlatStep = Callable[..., Tensor]
"""From the tensors of `flat` to the row of a step: [loss_layout.width + activation_layout.width] float32."""


def learned_tensors(learned: Learned) -> list[Tensor]:
    """What a step changes, in an order that never changes."""
    return [*learned.parameters.values(), *learned.buffers.values(), *chain(*learned.memory.values())]


def with_tensors(like: Learned, tensors: list[Tensor]) -> Learned:
    """The same of other tensors in that order."""
    rest = iter(tensors)
    return Learned(
        {name: next(rest) for name in like.parameters},
        {name: next(rest) for name in like.buffers},
        {name: tuple(next(rest) for _ in values) for name, values in like.memory.items()},
    )


def flat(learned: Learned, dials: Dials, batch: Batch) -> list[Tensor]:
    """All that a step is given; what is of the mini-batch comes last, as `flat_batch` has it."""
    return [*learned_tensors(learned), *dials, batch.shift, batch.scale, *flat_batch(batch)]


def flat_batch(batch: Batch) -> list[Tensor]:
    """What each step is given anew."""
    return [batch.pixels, batch.labels, *batch.noise.values()]


def flat_step(run: Run, learned: Learned, batch: Batch, shifted: Shift) -> FlatStep:
    """The step of a run, everything measured; `learned` and `batch` only say how many tensors there are of what.

    shifted: the way to a batch's moments, which is another one in compiled code.
    """
    fixed, sample = fixed_of(run, shifted), run.spec.recording.sample
    count, noise = len(learned_tensors(learned)), tuple(batch.noise)

    def step(*tensors: Tensor) -> Tensor:
        before = with_tensors(learned, list(tensors[:count]))
        rate, number, shift, scale, pixels, labels, *drawn = tensors[count:]
        given = Batch(pixels, shift, scale, labels, dict(zip(noise, drawn, strict=True)))
        after, measured = train_step(fixed, before, given, Dials(rate, number), sample)
        assert measured.activations is not None
        for old, new in zip(learned_tensors(before), learned_tensors(after), strict=True):
            if new is not old:
                old.copy_(new)
        return torch.cat([measured.loss, measured.activations])

    return step
