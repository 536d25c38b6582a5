"""What a network says of inputs, as a terminal shows it."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Column, Table

from bnlab.terminal.printing import cell, visible

MOST_CLASSES = 10  # of one input
RUNNERS_UP = 2  # of each of several
Found = Mapping[str, Any]


def asked_of(found: Found) -> str:
    """Which network was asked, in a line.

    >>> asked_of({"job": "1m88g7nq4p9df", "step": 2000, "checkpoint": "final", "normalization": "batch", "among": 63})
    "1m88g7nq4p9df, final, step 2,000; BN by the inputs' own moments, among 63 of the test part"
    """
    by = {"running": "its running statistics", "batch": "the inputs' own moments"}[found["normalization"]]
    by += f", among {found['among']} of the test part" if found["among"] else ""
    return visible(f"{found['job']}, {found['checkpoint']}, step {found['step']:,}; BN by {by}")


def table_of(found: Found) -> Table:
    """Of one input the classes, the most probable first; of several a row each, with those that come next."""
    rows = [_ranked(found["classes"], row) for row in found["probabilities"]]
    if len(rows) == 1:
        table = Table(Column("class", overflow="fold"), Column("probability", justify="right"))
        for name, probability in rows[0][:MOST_CLASSES]:
            table.add_row(cell(name), _told(probability))
    else:
        table = Table(Column("input", justify="right"), Column("class", overflow="fold"), "probability", "then")
        for place, ((name, probability), *others) in enumerate(rows):
            then = ", ".join(f"{other} {_told(less)}" for other, less in others[:RUNNERS_UP])
            table.add_row(str(place), cell(name), _told(probability), cell(then))
    table.box, table.pad_edge = None, False
    return table


def _ranked(classes: Sequence[str], row: Sequence[float | None]) -> list[tuple[str, float | None]]:
    """The classes with their probabilities, the greatest first; those that are null stay in their places."""
    return sorted(zip(classes, row, strict=True), key=lambda each: -(each[1] or 0))


def _told(probability: float | None) -> str:
    return "not finite" if probability is None else f"{probability:.4f}"
