"""The training loop: a generator of Blocks. It knows no queue, no store and no cancellation."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from torch import Tensor

from bn.architecture.measures import DiagnosticName
from bn.diagnostics.probe import Measures
from worker.train.crossing import fetched, wait_for
from worker.train.data import batches
from worker.train.engines.protocol import Engine, RawRows, Taken
from worker.train.evaluation import Evaluation, diagnose, evaluate, set_population
from worker.train.state import Run, State


@dataclass(frozen=True)
class Block:
    """Some steps in a row and what was measured in them; what is None was not due at its end."""

    first: int
    last: int  # first - 1 for the untrained network
    times: tuple[float, ...]  # seconds since 1970, one a step
    losses: tuple[RawRows, ...]  # every step; on the CPU, as all that follows
    activations: tuple[RawRows, ...]  # the steps at which the inside was measured
    evaluation: Evaluation | None
    learned: dict[str, Tensor] | None  # the network's, a copy on the device, where units are to be followed
    diagnostics: dict[DiagnosticName, Measures]  # those that were due
    ended: float  # seconds since 1970


def blocks(run: Run, state: State, engine: Engine) -> Iterator[Block]:
    """Train from state.step to the last step. Raises nothing of its own; a non-finite loss is the consumer's to see."""
    zero = time.time() - time.monotonic()  # from now on as the seconds pass: nobody sets the clock back
    if not state.begun:
        state.begun = True
        yield _block(run, state, [], zero)
    while state.step < run.spec.steps:
        first, last = state.step + 1, block_end(run, state.step)
        every = batches(run.dataset, run.spec.data, run.spec.training.seed, first, last)
        yield _block(run, state, [engine.take(state, each) for each in every], zero)


def block_end(run: Run, step: int) -> int:
    """Where the Block that starts after `step` ends: a function of the specification alone, never of time."""
    resolved, spec = run.resolved, run.spec
    measured = (spec.evaluation.every, spec.recording.probe_every, *resolved.diagnostics.values())
    periods = (resolved.block_steps, *measured)
    return min(run.spec.steps, *((step // period + 1) * period for period in periods))


def _block(run: Run, state: State, taken: list[Taken], zero: float) -> Block:
    """What was measured in the steps that were taken, and what is due now.

    zero: when the monotonic clock said 0, in seconds since 1970.
    """
    steps, recording = run.spec.steps, run.spec.recording

    def is_due(every: int) -> bool:
        return state.step % every == 0 or state.step == steps

    # Before the population's statistics take the place of the running ones, which `drift` is of.
    diagnostics = {
        name: diagnose(run, state, name) for name, every in run.resolved.diagnostics.items() if is_due(every)
    }
    if state.step == steps:
        set_population(run, state)
    losses = _fetched(each.losses for each in taken)
    activations = _fetched(each.activations for each in taken if each.activations is not None)
    wait_for(run.device)
    times = tuple(zero + ended for each in taken for ended in each.ended)
    return Block(
        first=state.step - len(times) + 1,
        last=state.step,
        times=times,
        losses=losses,
        activations=activations,
        evaluation=evaluate(run, state) if is_due(run.spec.evaluation.every) else None,
        learned=_copied(state) if recording.units and is_due(recording.probe_every) else None,
        diagnostics=diagnostics,
        ended=zero + time.monotonic(),
    )


def _copied(state: State) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in state.learned.tensors.items()}


def _fetched(every: Iterable[RawRows]) -> tuple[RawRows, ...]:
    """The same rows on the CPU, there once the device was waited for."""
    return tuple(replace(rows, values=fetched(rows.values)) for rows in every)
