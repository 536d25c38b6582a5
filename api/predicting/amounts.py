"""How many inputs may go through a network at once: as memory allows, and as batch statistics need."""

from http import HTTPStatus
from math import prod

import numpy as np
from numpy.typing import NDArray

from api.errors import Refusal
from bn.architecture.plan import Placed, Plan
from jobs.errors import InvalidInputs

PIECE = 100  # inputs that go through a network at once, where it is free to take any number
LARGEST = 32 * 2**20  # bytes of one layer's output, of all inputs that go through at once; a few such exist together
ITEM = 4  # bytes of a float32
BUDGET = 50_000_000_000  # multiply-adds of one answer: one thread takes a second or two for them
ANSWERED = 2**18  # probabilities of one answer
VALUE = 40  # multiply-adds that take as long as it takes to bring forth one value


def most_at_once(plan: Plan) -> int:
    """How many inputs a network may take in one pass where they do not depend on one another."""
    return max(1, min(PIECE, _most(plan)))


def affordable(plan: Plan) -> int:
    """Of how many inputs an answer may be that nobody is to wait for long."""
    values = prod(plan.input) + sum(prod(each.output) for each in plan.layers)
    return max(1, BUDGET // (plan.multiply_adds + VALUE * values))


def refuse_number(plan: Plan, number: int) -> None:
    """Refuse more inputs at once than are answered soon, in an answer of a bearable size. Raises 413."""
    most = min(affordable(plan), max(1, ANSWERED // plan.output[0]))
    if number > most:
        told = f"this network is asked about at most {most:,} inputs at once: these are {number:,}"
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_many_inputs", f"{told}; send them in several requests")


def refuse_batch(plan: Plan, number: int) -> None:
    """Refuse so many inputs where all go through in one pass, to be normalized by their own moments.

    Raises InvalidInputs where BN would have a single value a channel, and 413 where they are too many.
    """
    alone = next((each for each in plan.layers if _takes_moments(each) and number * prod(each.output[1:]) == 1), None)
    if alone is not None:
        told = f"BN at '{alone.name}' has one value a channel, whose variance is 0: give at least two inputs"
        raise InvalidInputs("/inputs", f"{told}, or ask with normalization=running")
    if number > max(1, _most(plan)):
        told = f"normalization=batch takes all inputs through the network at once, of this one at most {_most(plan):,}"
        raise Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_many_inputs", f"{told}: these are {number:,}")


def spread(number: int, of: int) -> NDArray[np.int64]:
    """So many places, at most all, spread evenly over a list that may be in the order of the classes.

    >>> spread(4, of=10).tolist(), spread(4, of=3).tolist()
    ([0, 2, 5, 7], [0, 1, 2])
    """
    number = min(number, of)
    return np.arange(number) * of // number


def _most(plan: Plan) -> int:
    return LARGEST // (ITEM * max(prod(shape) for shape in (plan.input, *(each.output for each in plan.layers))))


def _takes_moments(placed: Placed) -> bool:
    return placed.normalization is not None and not placed.normalization.frozen
