"""Figures of jobs and experiments, drawn by matplotlib without its global state."""

from collections.abc import Mapping, Sequence
from itertools import cycle
from math import nan
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bnlab.figures.curves import Line, Unit, Values, line_of_group

COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")  # colour-blind readers tell them apart
STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "svg.fonttype": "none",
    "svg.hashsalt": "bnlab",  # else every SVG has ids of its own
}


def figure_1(accuracy: Sequence[Line], units: Sequence[Unit]) -> Figure:
    """Figure 1 of Ioffe and Szegedy 2015: a: test accuracy with its bands; b, c, ...: one unit's input in each variant.

    The lines and the units are of the same variants, in the same order.
    """
    with rc_context(STYLE):
        figure = Figure(figsize=(3.2 * (1 + len(units)), 3.2), layout="constrained")
        curves, *panels = figure.subplots(1, 1 + len(units), squeeze=False)[0]
        _draw_lines(curves, accuracy, "(a) accuracy on the test set", ylim=(0, 1))
        for axes, unit, colour, letter in zip(panels, units, cycle(COLOURS), "bcdefgh", strict=False):
            _draw_unit(axes, unit, colour)
            axes.set(title=f"({letter}) {unit.label}: input of {unit.name}", xlabel="step", xlim=curves.get_xlim())
        for axes in (curves, *panels):
            axes.locator_params(axis="x", nbins=5)
        _same_scale(panels)  # else they could not be compared
    return figure


def side_by_side(accuracy: Sequence[Line], loss: Sequence[Line], units: Sequence[Unit | None]) -> Figure:
    """`bnlab compare`: test accuracy, loss and one recorded unit of the last layer, those of one job in one colour."""
    with rc_context(STYLE):
        figure = Figure(figsize=(10.5, 3.6), layout="constrained")
        left, middle, right = figure.subplots(1, 3)
        _draw_lines(left, accuracy, "accuracy on the test set", ylim=(0, 1), legend=False)
        _draw_lines(middle, loss, "loss on the test set", yscale="log", legend=False)
        for unit, colour in zip(units, cycle(COLOURS), strict=False):
            if unit is not None:
                _draw_unit(right, unit, colour, named=False)
        names = dict.fromkeys(unit.name for unit in units if unit is not None)
        right.set(title="input of " + (" or ".join(names) or "a unit: none is recorded"), xlabel="step")
        figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=2, fontsize=7)
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
        figure = Figure(figsize=(9.6 if shown else 5.6, 3.4), layout="constrained")
        left, *right = figure.subplots(1, 2 if shown else 1, squeeze=False)[0]
        if result["document"]["grid"]:
            _draw_grid(left, result)
        else:
            _draw_lines(left, accuracy, "accuracy on the test set", ylim=(0, 1))
        for axes in right:
            _draw_shown(axes, result)
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure in the format of the path's suffix; the same figure gives the same bytes."""
    metadata: dict[str, Any] = {"Date": None} if path.suffix == ".svg" else {}
    with rc_context(STYLE):
        figure.savefig(path, dpi=200, metadata=metadata)


def _draw_lines(axes: Axes, lines: Sequence[Line], title: str, *, legend: bool = True, **options: Any) -> None:
    for line, colour in zip(lines, cycle(COLOURS), strict=False):
        axes.plot(line.step, _gaps(line.mean), color=colour, label=line.label, linewidth=1.4)
        if line.low:
            _draw_band(axes, line.step, line.low, line.high, colour)
    axes.set(title=title, xlabel="step", **options)
    axes.set_xlim(left=0)
    if legend:
        axes.legend(loc="best", fontsize=7)


def _draw_unit(axes: Axes, unit: Unit, colour: str, *, named: bool = True) -> None:
    p15, p50, p85 = (unit.percentiles[name] for name in ("p15", "p50", "p85"))
    _draw_band(axes, unit.step, p15, p85, colour)
    for name, values, width in (("85th", p85, 0.8), ("50th", p50, 1.4), ("15th", p15, 0.8)):
        axes.plot(unit.step, _gaps(values), color=colour, linewidth=width)
        if named:
            end = (unit.step[-1], _gaps(values)[-1])
            axes.annotate(name, end, (3, 0), textcoords="offset points", va="center", size=7)


def _draw_band(axes: Axes, step: Sequence[int], low: Values, high: Values, colour: str) -> None:
    axes.fill_between(step, _gaps(low), _gaps(high), color=colour, alpha=0.15, linewidth=0)


def _same_scale(panels: Sequence[Axes]) -> None:
    limits = [axes.get_ylim() for axes in panels]
    for axes in panels:
        axes.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))


def _draw_grid(axes: Axes, result: Mapping[str, Any]) -> None:
    (pointer,) = result["document"]["grid"]
    for variant, colour in zip(result["document"]["variants"], cycle(COLOURS), strict=False):
        groups = [g for g in result["groups"] if g["variant"] == variant and g["final_accuracy"] is not None]
        at = [group["point"][pointer] for group in groups]
        means = [group["final_accuracy"]["mean"] for group in groups]
        halves = [_half(group["final_accuracy"]) for group in groups]
        style: dict[str, Any] = {"marker": "o", "markersize": 3, "capsize": 2, "linewidth": 1.4}
        axes.errorbar(at, means, halves, color=colour, label=variant, **style)
    axes.set(xscale="log", xlabel=pointer.strip("/"), title="final accuracy on the test set", ylim=(0, 1))
    axes.legend(loc="best", fontsize=7)


def _draw_shown(axes: Axes, result: Mapping[str, Any]) -> None:
    """The last values of the series that are shown, as bars: a place a series, a colour a variant."""
    variants = list(result["document"]["variants"])
    width = 0.8 / len(variants)
    for i, (variant, colour) in enumerate(zip(variants, cycle(COLOURS), strict=False)):
        for place, values in enumerate(result["shown"].values()):
            found = next((each["value"] for each in values if each["variant"] == variant), None)
            if found is not None and found["mean"] is not None:
                label = variant if place == 0 else None
                at, half = place + i * width, _half(found)
                axes.bar(at, found["mean"], width, yerr=half, color=colour, label=label, capsize=2)
    names = [series.split(".", 1)[1] for series in result["shown"]]
    axes.set_xticks([place + 0.4 - width / 2 for place in range(len(names))], names, rotation=20, fontsize=7)
    axes.set(title=next(iter(result["shown"])).split(".")[0] + ", at the end")
    axes.legend(fontsize=7, frameon=True, framealpha=0.9)


def _half(estimate: Mapping[str, Any]) -> float:
    """Half an interval's width; 0 where there is none."""
    return 0.0 if estimate["high"] is None else estimate["high"] - estimate["mean"]


def _gaps(values: Values) -> list[float]:
    """What is not there is a gap in the line."""
    return [nan if value is None else value for value in values]
