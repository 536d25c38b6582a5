"""Where the panels of a figure stand: how many in a row, and the axes for them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.figure import Figure, FigureBase

SQUARE = {4: 2}
"""How many stand in a row of so many panels where that is not as many as fit."""


@dataclass(frozen=True)
class Part:
    """Some panels that belong together, and what draws them."""

    panels: int
    draw: Callable[[Sequence[Axes]], None]


def axes_in(part: FigureBase, panels: int, columns: int) -> list[Axes]:
    """So many panels of a part of a figure, row by row."""
    every = list(part.subplots(rows(panels, columns), columns, squeeze=False).flat)
    for axes in every[panels:]:
        axes.remove()
    return every[:panels]


def rows(panels: int, columns: int) -> int:
    """Of so many panels."""
    return -(-panels // columns)


def packed(parts: Sequence[Part], columns: int) -> list[list[Part]]:
    """Parts side by side where they fit into one row of so many panels, else below each other.

    >>> nothing = lambda axes: None
    >>> [[part.panels for part in row] for row in packed([Part(n, nothing) for n in (1, 2, 5, 2)], 3)]
    [[1, 2], [5], [2]]
    """
    made: list[list[Part]] = []
    for part in parts:
        if made and sum(each.panels for each in made[-1]) + part.panels <= columns:
            made[-1].append(part)
        else:
            made.append([part])
    return made


def draw_rows(figure: Figure, lines: Sequence[Sequence[Part]], columns: int, height: float) -> None:
    """Each line of parts in as many rows of panels as they take; height: of a row, in inches."""
    counts = [sum(part.panels for part in line) for line in lines]
    across = [SQUARE.get(count, min(count, columns)) for count in counts]
    heights = [height * rows(count, wide) for count, wide in zip(counts, across, strict=True)]
    figure.set_size_inches(figure.get_size_inches()[0], sum(heights))
    strips = figure.subfigures(len(lines), 1, height_ratios=heights, squeeze=False)[:, 0]
    for strip, line, count, wide in zip(strips, lines, counts, across, strict=True):
        axes = axes_in(strip, count, wide)
        for part in line:
            own, axes = axes[: part.panels], axes[part.panels :]
            part.draw(own)
