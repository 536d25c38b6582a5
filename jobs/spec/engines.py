"""Which engine takes a job's steps: decided when it is submitted, by a rule that a person can work out again."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import prod
from typing import Literal

from bn.architecture.layers import Weighted
from bn.architecture.plan import Plan

Engine = Literal["eager", "compiled"]

# Estimates, of measurements in docs/performance.md: of a package, and of what a step by it saves beside an eager one.
TO_COMPILE = 8.0  # seconds, whatever the network,
TO_COMPILE_LAYER = 1.5  # and for each layer with weights
SAVED_LAYER = 2.5e-4  # seconds a step for each layer with weights: what it costs to hand operations over,
SAVED_VALUE = 5e-9  # and for each value that such a layer gives: passes over memory
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
    saves, costs = steps * _saved(network, batch_size), seconds_to_compile(network)
    estimate = f"to compile the step takes about {costs:.0f} s, and saves about {saves:.0f} s in {steps} steps"
    if saves >= WORTH * costs:
        return Choice("compiled", estimate)
    return Choice("eager", f"{estimate}; 'compiled' is taken from {WORTH:g} times as much on")


def seconds_to_compile(network: Plan) -> float:
    """About how long it takes to make a package."""
    return TO_COMPILE + TO_COMPILE_LAYER * len(tuple(_outputs(network)))


def _saved(network: Plan, batch_size: int) -> float:
    """About how many seconds a step is shorter by a package."""
    return sum(SAVED_LAYER + SAVED_VALUE * batch_size * values for values in _outputs(network))


def _outputs(network: Plan) -> Iterable[int]:
    """Of each layer with weights, how many values it gives of an example."""
    return (prod(placed.output) for placed in network.layers if isinstance(placed.layer, Weighted))
