"""The eager engine: how it takes a run on, and what that depends on."""

from copy import deepcopy

import torch

from bn.noise import noise_of
from tests.support.small_runs import small_run
from tests.support.steps import each_batch, take
from worker.train.arguments import fixed_of
from worker.train.engines.eager import Eager
from worker.train.loop import blocks
from worker.train.optimizers import dials_of
from worker.train.state import Run, State, initial_state
from worker.train.step import Batch, train_step

LAYERS = [
    {"kind": "flatten"},
    {"kind": "linear", "features": 12, "activation": "relu", "batch_norm": {"noise": True}},
    {"kind": "dropout", "rate": 0.4},
    {"kind": "linear", "features": 10},
]
SCHEDULE = {"kind": "step", "every": 2, "factor": 0.5, "warmup_steps": 2}
# Of the first steps; the seeds are what numpy's SeedSequence([7, step]) gives.
RATES_AND_SEEDS = ((0.0005, 6635463128224577688), (0.001, 18279110831140952437), (0.001, 5061563556724077661))


def dropping() -> Run:
    return small_run(
        architecture={"layers": LAYERS},
        training={"steps": 8, "optimizer": "adam", "schedule": SCHEDULE, "seed": 7},
        recording={"activations_every": 3, "histograms_every": 4},
    )


def equal(one: State, other: State) -> bool:
    mine, its = one.learned, other.learned
    tensors = all(mine.tensors[name].equal(value) for name, value in its.tensors.items())
    memories = (zip(mine.memory[name], values, strict=True) for name, values in its.memory.items())
    return one.step == other.step and tensors and all(a.equal(b) for pairs in memories for a, b in pairs)


def test_a_step_depends_on_the_state_and_the_batch_alone() -> None:
    run = dropping()
    state, engine = initial_state(run), Eager(run)
    for pixels, labels in each_batch(run, 1, 4):
        again = deepcopy(state)
        measured = take(engine, state, pixels, labels)
        torch.manual_seed(3)
        once_more = take(Eager(run), again, pixels, labels)
        assert torch.equal(measured.loss, once_more.loss)
        assert equal(state, again)
    assert state.step == 4


def test_its_rates_are_those_of_the_schedule_and_noise_is_drawn_from_seed_and_step() -> None:
    run = dropping()
    state, engine = initial_state(run), Eager(run)
    fixed, learned = fixed_of(run), state.learned
    for step, (pixels, labels) in enumerate(each_batch(run, 1, 3), start=1):
        take(engine, state, pixels, labels)
        rate, seed = RATES_AND_SEEDS[step - 1]
        torch.manual_seed(seed)
        noise = noise_of(run.plan, len(labels), run.device)
        batch = Batch(pixels, run.dataset.shift, run.dataset.scale, labels, noise)
        learned, _ = train_step(fixed, learned, batch, dials_of(rate, step, run.device), None)
        assert equal(state, State(step, learned))


def test_the_inside_is_measured_at_the_steps_that_the_document_names() -> None:
    run = dropping()
    state, engine = initial_state(run), Eager(run)
    inside = [take(engine, state, pixels, labels).activations is not None for pixels, labels in each_batch(run, 1, 8)]
    assert inside == [False, False, True, True, False, True, False, True]


def test_the_loop_is_taken_on_by_it() -> None:
    run = dropping()
    looped, state, engine = initial_state(run), initial_state(run), Eager(run)
    for _ in blocks(run, looped, Eager(run)):
        pass
    for pixels, labels in each_batch(run, 1, 8):
        take(engine, state, pixels, labels)
    assert equal(looped, state)
