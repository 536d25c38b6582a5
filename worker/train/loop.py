"""The training loop: a generator of Blocks. It knows no queue, no store and no cancellation."""

import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from torch import Tensor

from bn.architecture.measures import DiagnosticName
from bn.diagnostics.probe import Measures
from jobs.spec.evaluations import next_evaluation
from worker.train.crossing import fetched, wait_for
from worker.train.data import batches
from worker.train.engines.protocol import Engine, RawRows, Taken
from worker.train.evaluation import Evaluation, diagnose, evaluate, recorded, set_population
from worker.train.selection import judged
from worker.train.state import Run, State


@dataclass(frozen=True)
class Block:
    """Some steps in a row and what was measured in them; what is None was not due at its end."""

    first: int
    last: int  # first - 1 for the untrained network
    times: tuple[float, ...]  # seconds since 1970, one a step
    losses: tuple[RawRows, ...]  # every step; on the CPU, as all that follows
    activations: tuple[RawRows, ...]  # the steps at which the inside was measured
    evaluations: dict[str, Evaluation]  # by the part of the data, where they were due
    learned: dict[str, Tensor] | None  # the network's, a copy on the device, where units are to be followed
    diagnostics: dict[DiagnosticName, Measures]  # those that were due
    ended: float  # seconds since 1970
    ends: bool = False  # whether the training has ended with it


def blocks(run: Run, state: State, engine: Engine) -> Iterator[Block]:
    """Train from state.step to the last step. Raises nothing of its own; a non-finite loss is the consumer's to see."""
    zero = time.time() - time.monotonic()  # from now on as the seconds pass: nobody sets the clock back
    if not state.begun:
        state.begun = True
        yield _block(run, state, [], zero)
    while not has_ended(run, state):
        first, last = state.step + 1, block_end(run, state.step)
        before = run.steps_before
        every = batches(run.dataset, run.spec.data, run.spec.training.seed, before + first, before + last)
        yield _block(run, state, [engine.take(state, each) for each in every], zero)


def block_end(run: Run, step: int) -> int:
    """Where the Block that starts after `step` ends: a function of the specification alone, never of time."""
    resolved, spec = run.resolved, run.spec
    periods = (resolved.block_steps, spec.recording.probe_every, *resolved.diagnostics.values())
    ends = ((step // period + 1) * period for period in periods)
    return min(spec.steps, next_evaluation(spec.evaluation, step), *ends)


def has_ended(run: Run, state: State) -> bool:
    """Whether no step is left to be taken, or the evaluations have stopped it."""
    return state.step == run.spec.steps or state.standing.stopped is not None


def _block(run: Run, state: State, taken: list[Taken], zero: float) -> Block:
    """What was measured in the steps that were taken, and what is due now.

    zero: when the monotonic clock said 0, in seconds since 1970.
    """
    recording = run.spec.recording

    def is_due(every: int) -> bool:
        return state.step % every == 0 or has_ended(run, state)

    def diagnosed(but: Collection[str] = ()) -> dict[DiagnosticName, Measures]:
        asked = run.resolved.diagnostics.items()
        return {name: diagnose(run, state, name) for name, every in asked if name not in but and is_due(every)}

    # Before the population's statistics take the place of the running ones, which `drift` is of.
    diagnostics = diagnosed()
    if state.step == run.spec.steps:
        set_population(run, state)
    evaluations = evaluate(run, state) if _is_evaluated(run, state.step) else {}
    if evaluations:
        _decide(run, state, evaluations)
        diagnostics |= diagnosed(but=diagnostics)  # those of a training that has just been stopped
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
        evaluations=evaluations,
        learned=_copied(state) if recording.units and is_due(recording.probe_every) else None,
        diagnostics=diagnostics,
        ended=zero + time.monotonic(),
        ends=has_ended(run, state),
    )


def _is_evaluated(run: Run, step: int) -> bool:
    return step in (0, run.spec.steps) or next_evaluation(run.spec.evaluation, step - 1) == step


def _decide(run: Run, state: State, evaluations: Mapping[str, Evaluation]) -> None:
    """Have the state say what the evaluations so far amount to, and hold on to the network where it is the best."""
    state.standing = judged(run.spec, state.standing, state.step, recorded(evaluations))
    best = state.standing.best
    if run.spec.evaluation.keep == "best" and best is not None and best.step == state.step:
        state.best = {name: tensor.detach().to("cpu", copy=True) for name, tensor in state.learned.tensors.items()}


def _copied(state: State) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in state.learned.tensors.items()}


def _fetched(every: Iterable[RawRows]) -> tuple[RawRows, ...]:
    """The same rows on the CPU, there once the device was waited for."""
    return tuple(replace(rows, values=fetched(rows.values)) for rows in every)
