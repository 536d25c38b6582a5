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


def wrong_of(found: Found) -> str:
    """How much of the test part a network gets wrong, in a line.

    >>> wrong_of({"job": "1m88g7nq4p9df", "step": 2000, "tested": 960, "of": 2000, "wrong": 32, "not_finite": 0})
    '1m88g7nq4p9df, step 2,000: 32 of 960 test inputs wrong; there are 2,000'
    """
    rest = "" if found["tested"] == found["of"] else f"; there are {found['of']:,}"
    mute = f"; of {found['not_finite']:,} its logits are not finite" if found["not_finite"] else ""
    said = f"{found['wrong']:,} of {found['tested']:,} test inputs wrong"
    return visible(f"{found['job']}, step {found['step']:,}: {said}{rest}{mute}")


def table_of_mistakes(found: Found) -> Table:
    """A row each: its place in the test part, what it is, what the network says, and how sure it is of both."""
    columns = (Column("test input", justify="right"), "label", "predicted", "probability", "of the label")
    table = Table(*columns, box=None, pad_edge=False)
    for each in found["mistakes"]:
        sure = (f"{each['probability']:.4f}", f"{each['label_probability']:.4f}")
        table.add_row(str(each["index"]), cell(each["label"]), cell(each["predicted"]), *sure)
    return table


def _ranked(classes: Sequence[str], row: Sequence[float | None]) -> list[tuple[str, float | None]]:
    """The classes with their probabilities, the greatest first; those that are null stay in their places."""
    return sorted(zip(classes, row, strict=True), key=lambda each: -(each[1] or 0))


def _told(probability: float | None) -> str:
    return "not finite" if probability is None else f"{probability:.4f}"
