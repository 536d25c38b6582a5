"""Which diagnostics there are, and in which networks each of them finds something to measure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import prod
from typing import Literal, get_args

from bn.architecture.layers import Weighted
from bn.architecture.plan import Placed, Plan

DiagnosticName = Literal[
    "covariate_shift",
    "landscape",
    "gradient_filter",
    "jacobian",
    "rank",
    "depth_gradient",
    "drift",
    "effective_learning_rate",
]
DIAGNOSTIC_NAMES: tuple[DiagnosticName, ...] = get_args(DiagnosticName)

JACOBIAN_SIDE = 1024  # the most values of a normalized vector whose Jacobian is computed: exactly, or not at all


@dataclass(frozen=True)
class Pair:
    """Two batch normalizations, one behind the other, with what lies between them.

    is_control: in a network that has none, two inputs of nonlinearities.
    """

    start: Placed
    between: tuple[Placed, ...]
    end: Placed
    is_control: bool


def pairs(plan: Plan) -> tuple[Pair, ...]:
    """The consecutive batch normalizations of each sequence of layers whose Jacobian can be computed.

    A sequence is the network's own or that of a branch; a layer that holds others with BN in them ends a stretch. In a
    network without BN the inputs of its nonlinearities stand in for it, as a control.
    """
    is_control = not has_batch_norm(plan)
    sequences = (plan.sequence, *(branch for placed in plan.layers for branch in placed.branches))
    found = (pair for sequence in sequences for pair in _consecutive(sequence, is_control))
    return tuple(pair for pair in found if max(prod(pair.start.output), prod(pair.end.output)) <= JACOBIAN_SIDE)


def measures_something(name: DiagnosticName, plan: Plan) -> bool:
    """Whether a diagnostic has anything to say of a network."""
    return _APPLIES[name](plan)


def num_weighted(plan: Plan) -> int:
    """The number of layers with weights."""
    return sum(isinstance(placed.layer, Weighted) for placed in plan.layers)


def _consecutive(sequence: tuple[Placed, ...], is_control: bool) -> Iterator[Pair]:
    counts = _has_tap_of_its_own if is_control else _normalizes
    start: int | None = None
    for i, placed in enumerate(sequence):
        if counts(placed):
            if start is not None:
                yield Pair(sequence[start], sequence[start + 1 : i], placed, is_control)
            start = i
        elif any(counts(inner) for branch in placed.branches for inner in Plan(placed.input, branch).layers):
            start = None


def _normalizes(placed: Placed) -> bool:
    return placed.normalization is not None and not placed.normalization.frozen


def _has_tap_of_its_own(placed: Placed) -> bool:
    return placed.has_tap and not placed.branches


def has_batch_norm(plan: Plan) -> bool:
    """Whether a network has batch normalization that is not frozen."""
    return any(map(_normalizes, plan.layers))


_APPLIES: dict[DiagnosticName, Callable[[Plan], bool]] = {
    "covariate_shift": lambda plan: num_weighted(plan) > 0,
    "landscape": lambda plan: plan.parameters > 0,
    "gradient_filter": has_batch_norm,
    "jacobian": lambda plan: bool(pairs(plan)),
    "rank": lambda plan: bool(plan.taps),
    "depth_gradient": lambda plan: bool(plan.taps),
    "drift": has_batch_norm,
    "effective_learning_rate": lambda plan: any(placed.feeds_batch_norm for placed in plan.layers),
}
