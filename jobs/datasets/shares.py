"""How many examples of each class are held out; it needs no numpy, so that documents are checked without it."""

from collections.abc import Sequence


def num_held_out(counts: Sequence[int], share: float) -> tuple[int, ...]:
    """Of each class round(share * n) examples, halves to the even number, where it has n of them.

    >>> num_held_out([10, 5, 1], 0.25)
    (2, 1, 0)
    """
    return tuple(round(share * count) for count in counts)
