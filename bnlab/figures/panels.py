"""The figure of `bnlab compare`: a panel a series, and of units a panel each, with one legend for all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bnlab.figures import marks
from bnlab.figures.columns import Column
from bnlab.figures.curves import Curve, Unit
from bnlab.figures.dots import draw_columns
from bnlab.figures.layout import axes_in, rows
from bnlab.figures.style import STYLE

WIDTH = 7.2  # inches, of a page's two columns
ALONE = 4.8  # of a single panel
HEIGHT, UNIT_HEIGHT = 2.3, 1.9  # of a row
TITLE_LINE = 0.15  # more, for each further line of a title
WHERE = {"train": "in training", "validation": "on the validation part", "test": "on the test set"}
SHARES = {"accuracy", "saturated"}  # what is between 0 and 1
WIDE = 20  # times the least value, at which a positive series is drawn on a logarithmic axis
SEEDS = "Thin: a seed each; bold: their median."
DOTS = "A dot is a seed's last value; hollow: diverged. A tick is the median, a bar the interval."
JOINED = "Lines are means of neighbouring steps, in a band from the least to the greatest value."
PERCENTILES = "15th, 50th, 85th: percentiles of a unit's input on the probe."
FIRST = "They are of the first seed."
BROKEN = "A cross: what follows is not finite."


@dataclass(frozen=True)
class Panel:
    """One series of all that is compared."""

    series: str
    """Such as `test.accuracy`."""
    curves: Sequence[Sequence[Curve]]
    """Of each thing a curve for each seed; none where it has not recorded the series."""
    ends: Sequence[Column] = ()
    """Of each group of an experiment what each of its seeds ended at; the variant is the group's label."""


def panels_of(labels: Sequence[str], panels: Sequence[Panel], units: Sequence[Unit | None]) -> Figure:
    """Each thing's curves in one look, named in a legend below; of those that record a unit, its percentiles.

    Where there are several seeds, each one's last value stands below the curves as a dot. labels: of each thing, in the
    order of every panel's curves and of the units.
    """
    dotted = [panel for panel in panels if any(len(column.dots) > 1 for column in panel.ends)]
    shown = {place: unit for place, unit in enumerate(units) if unit is not None and _has_length(unit)}
    columns, dot_columns, unit_columns = (_columns(number) for number in map(len, (panels, dotted, shown)))
    width = WIDTH if max(columns, unit_columns) > 1 else ALONE
    titles = {place: marks.titled(labels[place], width / unit_columns - 0.5) for place in shown}
    taller = TITLE_LINE * max((title.count("\n") for title in titles.values()), default=0)
    tall = (HEIGHT, HEIGHT, UNIT_HEIGHT + taller)
    counts = ((len(panels), columns), (len(dotted), dot_columns), (len(shown), unit_columns))
    heights = [high * rows(number, wide) for high, (number, wide) in zip(tall, counts, strict=True) if number]
    with rc_context(STYLE):
        figure = Figure(figsize=(width, sum(heights)), layout="constrained")
        parts = iter(figure.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)[:, 0])
        for axes, panel in zip(axes_in(next(parts), *counts[0]), panels, strict=True):
            _draw_panel(axes, panel)
        if dotted:
            for axes, panel in zip(axes_in(next(parts), *counts[1]), dotted, strict=True):
                _draw_ends(axes, panel, labels)
        if shown:
            _draw_units(axes_in(next(parts), *counts[2]), shown, titles)
        drawn = {place: label for place, label in enumerate(labels) if _has_curve(panels, place)}
        marks.name_curves(figure, drawn, notes(labels, panels, units=bool(shown)))
    return figure


def notes(labels: Sequence[str], panels: Sequence[Panel], *, units: bool = False) -> list[str]:
    """What a reader must know of the curves: how seeds and joined steps are drawn, and who has none."""
    curves = [curve for panel in panels for each in panel.curves for curve in each]
    several = any(len(each) > 1 for panel in panels for each in panel.curves)
    joined, broken = any(curve.low for curve in curves), any(map(_breaks, curves))
    dots = any(len(column.dots) > 1 for panel in panels for column in panel.ends)
    said = {SEEDS: several, DOTS: dots, JOINED: joined, BROKEN: broken, PERCENTILES: units, FIRST: units and several}
    without = [label for place, label in enumerate(labels) if not _has_curve(panels, place)]
    return [*(note for note, holds in said.items() if holds), *([f"No curve: {'; '.join(without)}."] * bool(without))]


def _draw_panel(axes: Axes, panel: Panel) -> None:
    for place, curves in enumerate(panel.curves):
        marks.draw_curves(axes, curves, place)
    axes.set(title=_title(panel.series), xlabel="step")
    known = [value for curves in panel.curves for curve in curves for value in curve.values if value is not None]
    if not known:
        axes.set(xticks=[], yticks=[])
        axes.text(0.5, 0.5, "not recorded", transform=axes.transAxes, ha="center")
        return
    axes.set_xlim(left=0)
    if panel.series.rpartition(".")[2] in SHARES:
        axes.set_ylim(0, 1)
    elif min(known) > 0 and max(known) > WIDE * min(known):
        marks.log_scale(axes, "y")
    axes.locator_params(axis="x", nbins=5)


def _draw_ends(axes: Axes, panel: Panel, labels: Sequence[str]) -> None:
    axes.set_title(f"{_title(panel.series)}, at the end")
    known = [dot.low for column in panel.ends for dot in column.dots]
    logarithmic = min(known) > 0 and max(known) > WIDE * min(known)
    draw_columns(axes, panel.ends, {label: place for place, label in enumerate(labels)}, logarithmic=logarithmic)


def _draw_units(panels: Sequence[Axes], units: Mapping[int, Unit], titles: Mapping[int, str]) -> None:
    alike = len({unit.name for unit in units.values()}) == 1
    for number, (axes, (place, unit)) in enumerate(zip(panels, units.items(), strict=True)):
        marks.draw_unit(axes, unit, place)
        label = f"input of\n{unit.name}" if not alike or number % _columns(len(units)) == 0 else ""
        axes.set(title=titles[place], xlabel="step", ylabel=label)
        axes.set_xlim(left=0)
        axes.locator_params(axis="x", nbins=5)
    if alike:
        marks.same_scale(panels)
    for axes, unit in zip(panels, units.values(), strict=True):
        marks.name_percentiles(axes, unit)


def _title(series: str) -> str:
    """A series as a title names it: `accuracy on the test set`, or else by its name, `rank.hidden3.rank`."""
    table, _, name = series.partition(".")
    return f"{name.replace('_', ' ')} {WHERE[table]}" if table in WHERE else series


def _has_curve(panels: Sequence[Panel], place: int) -> bool:
    curves = (curve for panel in panels for curve in panel.curves[place])
    return any(value is not None for curve in curves for value in curve.values)


def _has_length(unit: Unit) -> bool:
    """Whether there are two steps between which something can be drawn."""
    return sum(value is not None for value in unit.percentiles["p50"]) > 1


def _breaks(curve: Curve) -> bool:
    """Whether it ends in what is not finite."""
    return bool(curve.values) and curve.values[-1] is None and any(value is not None for value in curve.values)


def _columns(panels: int) -> int:
    """Panels in a row.

    >>> [_columns(panels) for panels in range(1, 8)]
    [1, 2, 3, 2, 3, 3, 4]
    """
    return {0: 1, 4: 2}.get(panels, min(panels, 3) if panels <= 6 else 4)
