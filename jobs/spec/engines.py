"""Which engine takes a job's steps: decided when it is submitted, by a rule that a person can work out again."""

from dataclasses import dataclass
from math import prod
from typing import Literal

from bn.architecture.layers import Weighted
from bn.architecture.plan import Placed, Plan

Engine = Literal["eager", "compiled"]

# Estimates, of measurements in docs/performance.md: of a package, and of what a step by it saves beside an eager one.
TO_COMPILE = 7.5  # seconds, whatever the network,
TO_COMPILE_LAYER = 1.0  # and for each layer with weights
SAVED_LAYER = 1.0e-4  # seconds a step for each layer with weights: what it costs to hand operations over,
SAVED_NORM = 1.3e-4  # for each batch normalization,
SAVED_VALUE = 4e-9  # and for each value that a layer with weights gives: passes over memory
WORTH = 2.0  # how many times what it takes to compile the steps must save


@dataclass(frozen=True)
class Choice:
    """An engine, and why it is that one."""

    engine: Engine
    reason: str


UNDECIDED = Choice("eager", "nothing was decided")


def choose(asked: Literal["auto", "eager", "compiled"], network: Plan, batch_size: int, steps: int) -> Choice:
    """The engine for a job; `steps`: of all jobs that will share the package.

    >>> choose("eager", Plan((1, 1, 1), ()), 60, 1)
    Choice(engine='eager', reason='the document asks for it')
    """
    if asked != "auto":
        return Choice(asked, "the document asks for it")
    saves, costs = steps * seconds_saved(network, batch_size), seconds_to_compile(network)
    estimate = f"to compile the step takes about {costs:.0f} s, and saves about {saves:.0f} s in {steps} steps"
    if saves >= WORTH * costs:
        return Choice("compiled", estimate)
    return Choice("eager", f"{estimate}; 'compiled' is taken from {WORTH:g} times as much on")


def seconds_to_compile(network: Plan) -> float:
    """About how long it takes to make a package."""
    return TO_COMPILE + TO_COMPILE_LAYER * len(_weighted(network))


def seconds_saved(network: Plan, batch_size: int) -> float:
    """About how many seconds a step is shorter by a package."""
    weighted, norms = _weighted(network), sum(placed.normalization is not None for placed in network.layers)
    values = batch_size * sum(prod(placed.output) for placed in weighted)
    return SAVED_LAYER * len(weighted) + SAVED_NORM * norms + SAVED_VALUE * values


def _weighted(network: Plan) -> tuple[Placed, ...]:
    return tuple(placed for placed in network.layers if isinstance(placed.layer, Weighted))
