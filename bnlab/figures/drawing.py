"""The paper's figure 1, and how figures are written, by matplotlib without its global state."""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bnlab.figures import marks
from bnlab.figures.curves import Line, Unit
from bnlab.figures.files import TIMELESS, suffix_of, write
from bnlab.figures.style import STYLE


def figure_1(accuracy: Sequence[Line], units: Sequence[Unit]) -> Figure:
    """Figure 1 of Ioffe and Szegedy 2015: a: test accuracy with its bands; b, c, ...: one unit's input in each variant.

    The lines and the units are of the same variants, in the same order.
    """
    with rc_context(STYLE):
        figure = Figure(figsize=(3.2 * (1 + len(units)), 3.1), layout="constrained")
        curves, *panels = figure.subplots(1, 1 + len(units), squeeze=False)[0]
        _draw_accuracy(curves, accuracy, "(a) accuracy on the test set")
        for place, (axes, unit, letter) in enumerate(zip(panels, units, "bcdefgh", strict=False)):
            marks.draw_unit(axes, unit, place)
            title = marks.titled(f"({letter}) {unit.label}: input of {unit.name}", 3)
            axes.set(title=title, xlabel="step", xlim=curves.get_xlim())
        for axes in (curves, *panels):
            axes.locator_params(axis="x", nbins=5)
        if panels:
            marks.same_scale(panels)
        for axes, unit in zip(panels, units, strict=False):
            marks.name_percentiles(axes, unit)
        marks.name_curves(figure, {place: line.label for place, line in enumerate(accuracy)})
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure in the format of the path's suffix; the same figure gives the same bytes. Raises CannotRun."""
    suffix, drawn = suffix_of(path), BytesIO()
    with rc_context(STYLE):
        figure.savefig(drawn, format=suffix[1:], dpi=200, metadata=TIMELESS[suffix])
    write(drawn.getvalue(), path)


def _draw_accuracy(axes: Axes, lines: Sequence[Line], title: str) -> None:
    for place, line in enumerate(lines):
        marks.draw_line(axes, line, place)
    axes.set(title=title, xlabel="step", ylim=(0, 1))
    axes.set_xlim(left=0)
