"""At which steps the network is evaluated, beside step 0 and the last one: pure, from the document alone."""

from bisect import bisect_right
from functools import lru_cache
from math import ceil

from jobs.spec.document import Evaluation
from jobs.spec.training import LARGEST

DEFAULT_EVERY = 500


def next_evaluation(evaluation: Evaluation, step: int) -> int:
    """The first step after `step` at which the network is evaluated, in a training that goes on for ever.

    >>> next_evaluation(Evaluation(every=500), 500), next_evaluation(Evaluation(growth=2), 5)
    (1000, 8)
    """
    if evaluation.growth is None:
        every = evaluation.every or DEFAULT_EVERY
        return (step // every + 1) * every
    grid = growing(evaluation.growth)
    return grid[bisect_right(grid, step)]


def num_evaluations(evaluation: Evaluation, last: int) -> int:
    """How many there are in a training whose last step is `last`, with both ends.

    >>> num_evaluations(Evaluation(every=4), 10), num_evaluations(Evaluation(growth=1.5), 10)
    (4, 7)
    """
    if evaluation.growth is None:
        return 1 - (-last // (evaluation.every or DEFAULT_EVERY))
    return len(steps_growing(evaluation.growth, last))


def steps_growing(growth: float, last: int) -> tuple[int, ...]:
    """All of them by `growth`, with both ends.

    >>> steps_growing(1.5, 10)
    (0, 1, 2, 3, 5, 8, 10)
    """
    grid = growing(growth)
    return (0, *grid[: bisect_right(grid, last - 1)], last)


@lru_cache(maxsize=16)
def growing(growth: float) -> tuple[int, ...]:
    """Steps from 1 on, each the least whole number that is `growth` times the one before it or more, and above it."""
    steps = [1]
    while steps[-1] < LARGEST:
        steps.append(max(steps[-1] + 1, ceil(steps[-1] * growth)))
    return tuple(steps)
