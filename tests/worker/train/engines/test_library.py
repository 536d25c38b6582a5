"""The call of a compiled step: what it does to what it is given, and that others may run meanwhile."""

import threading
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Tensor

from tests.support.packages import MOST, package_of
from tests.support.small_runs import small_run
from tests.support.steps import each_batch
from worker.train.engines.flat import learned_tensors
from worker.train.engines.library import Library, Steps
from worker.train.engines.packages import Packages
from worker.train.state import initial_state

RATE = 0.1


@dataclass(frozen=True)
class Case:
    """A network's compiled step, what it learns, and a mini-batch of it."""

    library: Library
    learned: list[Tensor]
    fixed: tuple[Tensor, Tensor]
    batch: tuple[Tensor, Tensor]

    def steps(self) -> Steps:
        return Steps(self.library, self.learned, self.fixed, 1)  # of a row's beginning, which is the loss


@pytest.fixture
def case(packages: Path) -> Case:
    run = small_run(architecture={"preset": "mlp", "hidden": [100, 20]})
    library = Library(package_of(run, Packages(packages, MOST)).place)
    (batch,) = each_batch(run, 1, 1)
    return Case(library, learned_tensors(initial_state(run).learned), (run.dataset.shift, run.dataset.scale), batch)


def dials(count: int) -> list[tuple[float, int]]:
    return [(RATE / step, step) for step in range(1, count + 1)]


def uses(tensors: Iterable[Tensor]) -> list[int]:
    """How many hold each tensor."""
    return [tensor._use_count() for tensor in tensors]  # type: ignore[attr-defined]  # torch does not declare it


def test_steps_at_once_are_the_steps_one_by_one(case: Case) -> None:
    before = [tensor.clone() for tensor in case.learned]
    together, _ = case.steps().take(dials(5), case.batch * 5)
    after = [tensor.clone() for tensor in case.learned]
    for tensor, value in zip(case.learned, before, strict=True):
        tensor.copy_(value)
    singly = [case.steps().take([each], case.batch)[0] for each in dials(5)]
    assert together.equal(torch.cat(singly))
    assert len(set(together.flatten().tolist())) == 5
    assert all(tensor.equal(value) for tensor, value in zip(case.learned, after, strict=True))


def test_it_says_when_each_step_ended(case: Case) -> None:
    began = time.monotonic()
    _, ended = case.steps().take(dials(8), case.batch * 8)
    moments = [began, *ended, time.monotonic()]
    assert moments == sorted(set(moments))


def test_another_thread_goes_on_while_steps_are_taken(case: Case) -> None:
    seen, over = [], threading.Event()

    def look() -> None:
        while not over.is_set():
            seen.append(time.monotonic())
            time.sleep(0.001)

    thread = threading.Thread(target=look)
    thread.start()
    _, ended = case.steps().take(dials(2000), case.batch * 2000)
    over.set()
    thread.join()
    assert sum(ended[0] < moment < ended[-1] for moment in seen) >= 5


def test_what_was_given_is_let_go_of_at_once_and_what_is_kept_in_the_end(case: Case) -> None:
    everything = (*case.learned, *case.fixed, *case.batch)
    before = uses(everything)
    steps = case.steps()
    bound = uses(everything)
    steps.take(dials(2), case.batch * 2)
    assert uses(everything) == bound != before
    del steps
    assert uses(everything) == before


def test_a_step_that_fails_says_why_and_those_after_it_are_not_taken(case: Case) -> None:
    steps, (pixels, labels) = case.steps(), case.batch
    given = (pixels, labels, torch.full_like(labels, 1_000_000))
    before, wrong = uses(given), given[2]
    with pytest.raises(RuntimeError, match="index out of bounds"):
        steps.take(dials(3), [pixels, labels, pixels, wrong, pixels, labels])
    assert uses(given) == before
    assert torch.isfinite(steps.take(dials(1), case.batch)[0]).all()
