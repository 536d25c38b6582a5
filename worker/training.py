"""The training loop: a generator of Blocks. It knows no queue, no store and no cancellation."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from math import isfinite

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from bn.architecture.sampling import recorded_units
from bn.population import population_moments, set_running
from jobs.optimization import learning_rate
from jobs.submission import EVALUATION_BATCH
from worker.data import batches
from worker.optimizers import set_learning_rate
from worker.state import Run, State
from worker.step import Measured, seed_dropout, train_step


@dataclass(frozen=True)
class Rows:
    """Rows that bn.statistics lays out alike: those of batches of one size."""

    steps: tuple[int, ...]
    batch_size: int
    values: Tensor  # [len(steps), width] float32, on the CPU


@dataclass(frozen=True)
class Evaluation:
    """The network on the whole test set."""

    loss: float
    accuracy: float


@dataclass(frozen=True)
class Block:
    """Some steps in a row and what was measured in them; what is None was not due at its end."""

    first: int
    last: int  # first - 1 for the untrained network
    times: tuple[float, ...]  # seconds since 1970, one a step
    losses: tuple[Rows, ...]  # every step
    activations: tuple[Rows, ...]  # the steps at which the inside was measured
    evaluation: Evaluation | None
    units: dict[str, Tensor] | None  # by layer: [units, values] on the probe
    ended: float  # seconds since 1970


def blocks(run: Run, state: State) -> Iterator[Block]:
    """Train from state.step to the last step. Raises nothing of its own; a non-finite loss is the consumer's to see."""
    training = run.spec.training
    if state.step == 0:
        yield _block(run, state, 1, [], [])
    while state.step < run.spec.steps:
        last = block_end(run, state.step)
        taken, times = [], []
        for step, images, labels in batches(run.dataset, run.spec.data, training.seed, state.step + 1, last):
            sample = run.spec.recording.sample if is_measured(run, step) else None
            if run.drops:
                seed_dropout(training.seed, step)
            set_learning_rate(state.optimizer, learning_rate(training, run.spec.steps, step))
            measured = train_step(state.network, state.optimizer, training, images, labels, sample)
            taken.append((step, len(labels), measured))
            times.append(time.time())
        first, state.step = state.step + 1, last
        yield _block(run, state, first, taken, times)


def block_end(run: Run, step: int) -> int:
    """Where the Block that starts after `step` ends: a function of the specification alone, never of time."""
    periods = (run.block_steps, run.spec.evaluation.every, run.spec.recording.probe_every)
    return min(run.spec.steps, *((step // period + 1) * period for period in periods))


def is_measured(run: Run, step: int) -> bool:
    """Whether the inside of the network is measured at a step."""
    recording = run.spec.recording
    return step % recording.activations_every == 0 or step % recording.histograms_every == 0


@torch.no_grad()
def evaluate(run: Run, state: State) -> Evaluation:
    """Mean cross-entropy and share of right answers on the test set, BN by its running statistics."""
    network, test = state.network.eval(), run.dataset.test
    loss, correct = torch.zeros((), dtype=torch.float64, device=run.device), torch.zeros_like(test.labels[0])
    for images, labels in zip(
        torch.split(test.images, EVALUATION_BATCH), torch.split(test.labels, EVALUATION_BATCH), strict=True
    ):
        logits = network(run.dataset.inputs(images))
        loss += cross_entropy(logits, labels, reduction="sum")
        correct += (logits.argmax(1) == labels).sum()
    network.train()
    return Evaluation(loss.item() / len(test), correct.item() / len(test))


def set_population(run: Run, state: State) -> None:
    """Make the statistics that the job names those of inference, measured on the mini-batches of the first epoch."""
    normalization = run.spec.normalization
    if normalization is None or normalization.population == "running":
        return
    moments = population_moments(state.network, first_epoch(run), normalization.population)
    set_running(state.network, moments)


def first_epoch(run: Run) -> Iterator[Tensor]:
    """The training mini-batches of the first epoch: [N, C, H, W] each, the last one with what is left."""
    last = -(-len(run.dataset.train) // run.spec.data.batch_size)
    for first in range(1, last + 1, run.block_steps):
        until = min(first + run.block_steps - 1, last)
        yield from (
            images for _, images, _ in batches(run.dataset, run.spec.data, run.spec.training.seed, first, until)
        )


@torch.no_grad()
def probe_units(run: Run, state: State) -> dict[str, Tensor]:
    """The inputs of recorded units' nonlinearities on the probe, by layer: [units, values] on the CPU.

    The probe is the first test examples; BN normalizes it by its own moments and changes nothing.
    """
    recording = run.spec.recording
    _, observed = state.network.observe(run.dataset.inputs(run.dataset.test.images[: recording.probe_size]))
    taps = {placed.name: recorded_units(placed.output, recording.units) for placed in run.plan.taps}
    return {name: observed.taps[name][:, list(units)].transpose(0, 1).flatten(1).cpu() for name, units in taps.items()}


def _block(run: Run, state: State, first: int, taken: list[tuple[int, int, Measured]], times: list[float]) -> Block:
    steps, recording = run.spec.steps, run.spec.recording
    if state.step == steps:
        set_population(run, state)
    evaluated = state.step % run.spec.evaluation.every == 0 or state.step == steps
    probed = recording.units > 0 and (state.step % recording.probe_every == 0 or state.step == steps)
    inside = [(step, size, m.activations) for step, size, m in taken if m.activations is not None]
    return Block(
        first=first,
        last=state.step,
        times=tuple(times),
        losses=_stacked([(step, size, m.loss) for step, size, m in taken]),
        activations=_stacked(inside),
        evaluation=evaluate(run, state) if evaluated else None,
        units=probe_units(run, state) if probed else None,
        ended=time.time(),
    )


def _stacked(rows: list[tuple[int, int, Tensor]]) -> tuple[Rows, ...]:
    """One copy to the CPU for each run of batches of one size."""
    groups = ((size, list(group)) for size, group in groupby(rows, key=lambda row: row[1]))
    return tuple(
        Rows(tuple(step for step, _, _ in group), size, torch.stack([row for _, _, row in group]).cpu())
        for size, group in groups
    )


def first_non_finite(block: Block) -> int | None:
    """The first step of a Block whose loss, or after which the test loss, is not a finite number."""
    for rows in block.losses:
        broken = torch.isfinite(rows.values[:, 0]).logical_not().nonzero()
        if len(broken):
            return rows.steps[int(broken[0])]
    if block.evaluation is not None and not isfinite(block.evaluation.loss):
        return block.last
    return None


def up_to(block: Block, step: int) -> Block:
    """The Block without what came after a step; what was due at its end falls away where that came after it."""
    if step == block.last:
        return block
    return replace(
        block,
        last=step,
        times=block.times[: step - block.first + 1],
        losses=_rows_up_to(block.losses, step),
        activations=_rows_up_to(block.activations, step),
        evaluation=None,
        units=None,
    )


def _rows_up_to(rows: tuple[Rows, ...], step: int) -> tuple[Rows, ...]:
    kept = ((r, sum(taken <= step for taken in r.steps)) for r in rows)
    return tuple(Rows(r.steps[:count], r.batch_size, r.values[:count]) for r, count in kept if count)
