"""The training loop: a generator of Blocks. It knows no queue, no store and no cancellation."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

import torch
from torch import Tensor

from bn.architecture.measures import DiagnosticName
from bn.diagnostics.probe import Measures
from worker.train.crossing import fetched, wait_for
from worker.train.data import batches
from worker.train.engines.protocol import Engine
from worker.train.evaluation import Evaluation, diagnose, evaluate, probe_units, set_population
from worker.train.state import Run, State
from worker.train.step import Measured


@dataclass(frozen=True)
class RawRows:
    """RawRows that bn.step_rows lays out alike: those of batches of one size."""

    steps: tuple[int, ...]
    batch_size: int
    values: Tensor  # [len(steps), width] float32, on the CPU


@dataclass(frozen=True)
class Block:
    """Some steps in a row and what was measured in them; what is None was not due at its end."""

    first: int
    last: int  # first - 1 for the untrained network
    times: tuple[float, ...]  # seconds since 1970, one a step
    losses: tuple[RawRows, ...]  # every step
    activations: tuple[RawRows, ...]  # the steps at which the inside was measured
    evaluation: Evaluation | None
    units: dict[str, Tensor] | None  # by layer: [units, values] on the probe
    diagnostics: dict[DiagnosticName, Measures]  # those that were due
    ended: float  # seconds since 1970


class Taken(NamedTuple):
    """A step that was taken."""

    step: int
    batch_size: int
    measured: Measured
    time: float  # at its end, in seconds since 1970


def blocks(run: Run, state: State, engine: Engine) -> Iterator[Block]:
    """Train from state.step to the last step. Raises nothing of its own; a non-finite loss is the consumer's to see."""
    now = steady_clock()
    if not state.begun:
        state.begun = True
        yield _block(run, state, [], now)
    while state.step < run.spec.steps:
        first, last = state.step + 1, block_end(run, state.step)
        taken: list[Taken] = []
        for step, pixels, labels in batches(run.dataset, run.spec.data, run.spec.training.seed, first, last):
            taken.append(Taken(step, pixels.shape[0], engine.take(state, pixels, labels), now()))
            run.alive()
        yield _block(run, state, taken, now)


def steady_clock() -> Callable[[], float]:
    """Seconds since 1970 as the wall clock has them now, and from now on as they pass: nobody sets them back."""
    began = time.time() - time.monotonic()
    return lambda: began + time.monotonic()


def block_end(run: Run, step: int) -> int:
    """Where the Block that starts after `step` ends: a function of the specification alone, never of time."""
    resolved, spec = run.resolved, run.spec
    measured = (spec.evaluation.every, spec.recording.probe_every, *resolved.diagnostics.values())
    periods = (resolved.block_steps, *measured)
    return min(run.spec.steps, *((step // period + 1) * period for period in periods))


def _block(run: Run, state: State, taken: list[Taken], now: Callable[[], float]) -> Block:
    steps, recording = run.spec.steps, run.spec.recording

    def is_due(every: int) -> bool:
        return state.step % every == 0 or state.step == steps

    # Before the population's statistics take the place of the running ones, which `drift` is of.
    diagnostics = {
        name: diagnose(run, state, name) for name, every in run.resolved.diagnostics.items() if is_due(every)
    }
    if state.step == steps:
        set_population(run, state)
    inside = [(each, each.measured.activations) for each in taken if each.measured.activations is not None]
    losses, activations = _stacked([(each, each.measured.loss) for each in taken]), _stacked(inside)
    wait_for(run.device)
    return Block(
        first=state.step - len(taken) + 1,
        last=state.step,
        times=tuple(each.time for each in taken),
        losses=losses,
        activations=activations,
        evaluation=evaluate(run, state) if is_due(run.spec.evaluation.every) else None,
        units=probe_units(run, state) if recording.units and is_due(recording.probe_every) else None,
        diagnostics=diagnostics,
        ended=now(),
    )


def _stacked(rows: list[tuple[Taken, Tensor]]) -> tuple[RawRows, ...]:
    """One copy to the CPU for each stretch of batches of one size, there once the device was waited for."""
    groups = ((size, list(group)) for size, group in groupby(rows, key=lambda row: row[0].batch_size))
    return tuple(
        RawRows(tuple(taken.step for taken, _ in group), size, fetched(torch.stack([row for _, row in group])))
        for size, group in groups
    )
