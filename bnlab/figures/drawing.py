"""Figures of experiments and claims, drawn by matplotlib without its global state."""

from collections.abc import Mapping, Sequence
from io import BytesIO
from math import isnan, nan
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bnlab.figures import marks
from bnlab.figures.curves import Line, Unit, line_of_group
from bnlab.figures.files import TIMELESS, suffix_of, write
from bnlab.figures.style import STYLE, look
from bnlab.sdk.estimates import Estimate, estimate_of, is_infinite
from bnlab.sdk.places import place_in_words


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


def claim(result: Mapping[str, Any]) -> Figure:
    """A claim of the paper: accuracy by step with its bands or, over a grid, the final accuracy by the grid's value.

    result: what `bnlab claims` keeps. Units and series that it shows stand beside that.
    """
    accuracy = [line_of_group(group["variant"], group, "accuracy") for group in result["groups"] if "step" in group]
    if result["units"]:
        return figure_1(accuracy, [Unit(**unit) for unit in result["units"]])
    with rc_context(STYLE):
        shown = result["shown"]
        figure = Figure(figsize=(9.6 if shown else 5.6, 3.3), layout="constrained")
        left, *right = figure.subplots(1, 2 if shown else 1, squeeze=False)[0]
        if result["document"]["grid"]:
            _draw_grid(left, result)
        else:
            _draw_accuracy(left, accuracy, "accuracy on the test set")
        for axes in right:
            _draw_shown(axes, result)
        marks.name_curves(figure, dict(enumerate(result["document"]["variants"])))
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


def _draw_grid(axes: Axes, result: Mapping[str, Any]) -> None:
    (pointer,) = result["document"]["grid"]
    for place, variant in enumerate(result["document"]["variants"]):
        groups = [g for g in result["groups"] if g["variant"] == variant and g["final_accuracy"] is not None]
        at = [group["point"][pointer] for group in groups]
        drawn = [_drawn(estimate_of(group["final_accuracy"])) for group in groups]
        centres, below, above = zip(*drawn, strict=True) if drawn else ((), (), ())
        axes.errorbar(at, centres, (below, above), **look(place), markersize=3, capsize=2, linewidth=1.4)
    axes.set(xlabel=place_in_words(pointer), title="final accuracy on the test set", ylim=(0, 1))
    marks.log_scale(axes, "x")


def _draw_shown(axes: Axes, result: Mapping[str, Any]) -> None:
    """The last values of the series that are shown, as bars: a place a series, a colour a variant."""
    variants = list(result["document"]["variants"])
    width = 0.8 / len(variants)
    for i, variant in enumerate(variants):
        for place, values in enumerate(result["shown"].values()):
            found = next((each["value"] for each in values if each["variant"] == variant), None)
            if found is not None and (estimate := estimate_of(found)).centre is not None:
                centre, below, above = _drawn(estimate)
                color = look(i)["color"]
                axes.bar(place + i * width, centre, width, yerr=((below,), (above,)), color=color, capsize=2)
    names = [series.split(".", 1)[1] for series in result["shown"]]
    axes.set_xticks([place + 0.4 - width / 2 for place in range(len(names))], names, rotation=20, fontsize=7)
    axes.set(title=next(iter(result["shown"])).split(".")[0] + ", at the end")


def _drawn(estimate: Estimate) -> tuple[float, float, float]:
    """Where it is drawn, and how far its interval reaches down and up: not at all where that is nowhere."""
    centre = nan if estimate.centre is None or is_infinite(estimate) else estimate.centre[0]
    if estimate.low is None or estimate.high is None or isnan(centre):
        return centre, 0.0, 0.0
    return centre, centre - estimate.low, estimate.high - centre
