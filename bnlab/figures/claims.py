"""The figure of a claim: what its kind draws and, beside it, the numbers by which it is decided, seed by seed."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from math import inf
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bnlab.figures import grids, laws, marks, results
from bnlab.figures.columns import Column, Point, finite, point_in_words
from bnlab.figures.curves import Curve, Unit, line_of_group
from bnlab.figures.dots import draw_columns, say_nothing
from bnlab.figures.layout import Part, draw_rows, packed
from bnlab.figures.results import Result
from bnlab.figures.style import STYLE

WHOLE = ("pairs", "law")  # kinds that need no numbers of the verdicts beside them
WIDTH = 9.0  # inches
WIDTHS = {1: 4.2, 2: 6.2}  # of fewer panels in a row
IN_A_ROW = 3  # panels
FEW = 6  # columns of dots, which fit into a narrow panel
HEIGHT = 2.7  # of a row
WIDE = 20  # times the least of positive numbers, from which on their axis is logarithmic
PANEL = 2.6  # inches of a title, in which every panel has room
SEEDS = "A dot is a seed; thin lines join the same seed; a tick is the median, a bar the interval."
LINES = "A thin line is a seed, a bold one the median."
FORMULA = "On the dashed lines the formula holds; in the grey band it does nearly enough."
CELLS = "A cell is the seeds' median accuracy on the test set at the end; k/n: so many of them learned."
FAILED = "Hollow: did not learn."
BETWEEN = "A line through a dot: somewhere between its ends."
BEYOND = "An arrow: beyond what was tried."
CHOSEN = {
    "by_rate": "Triangles: settings chosen on the validation part, the larger the more seeds.",
    "heat": "Framed: settings chosen on the validation part, the wider the more seeds.",
}
PERCENTILES = "15th, 50th, 85th: percentiles of a unit's input on the probe."
QUICK = "A quick run of few seeds."


def figure_of(result: Result, kind: str) -> Figure:
    """What `bnlab claims` keeps of a claim, as one of KINDS. Raises KeyError where there is no such kind."""
    first, *rest = KINDS[kind](result)
    decided = _pairs(result) if result["verdicts"] and kind not in WHOLE else []
    lines = packed([first, *decided, *rest], IN_A_ROW)
    with rc_context(STYLE):
        figure = Figure(figsize=(_width(lines, result), HEIGHT), layout="constrained")
        draw_rows(figure, lines, IN_A_ROW, HEIGHT)
        named = kind != "heat" or bool(result["verdicts"])  # a map has its variant's name above it
        labels = dict(enumerate(results.variants_of(result))) if named else {}
        marks.name_curves(figure, labels, _notes(result, kind))
    return figure


def _width(lines: Sequence[Sequence[Part]], result: Result) -> float:
    """In inches: less where there are few panels, whose columns are few."""
    across = max(sum(part.panels for part in line) for line in lines)
    return WIDTH if len(results.values(result)) > FEW else WIDTHS.get(across, WIDTH)


def _curves(result: Result) -> list[Part]:
    points = list(dict.fromkeys(results.compared_at(result, each["point"]) for each in _sources(result))) or [()]
    return [Part(len(points), partial(_draw_curves, result=result, points=points))]


def _units(result: Result) -> list[Part]:
    units = [Unit(**unit) for unit in result["units"]]
    return [*_curves(result), Part(len(units), partial(_draw_units, result=result, units=units))]


def _by_rate(result: Result) -> list[Part]:
    return [Part(len(grids.views(result)), partial(grids.draw_by_rate, result=result))]


def _heat(result: Result) -> list[Part]:
    return [Part(len(result["document"]["variants"]), partial(grids.draw_heat, result=result))]


def _series(result: Result) -> list[Part]:
    return [Part(len(result["shown"]), partial(_draw_series, result=result))]


def _law(result: Result) -> list[Part]:
    return [Part(2, partial(laws.draw_law, result=result, places=_places(result)))]


def _ensemble(result: Result) -> list[Part]:
    return [Part(2, partial(_draw_ensemble, result=result))]


def _pairs(result: Result) -> list[Part]:
    """The numbers of the verdicts, and each variant's differences from the first one, or ratios to it."""
    return [Part(2, partial(_draw_pairs, result=result))]


KINDS: dict[str, Callable[[Result], Sequence[Part]]] = {
    "pairs": _pairs,
    "curves": _curves,
    "units": _units,
    "by_rate": _by_rate,
    "heat": _heat,
    "series": _series,
    "law": _law,
    "ensemble": _ensemble,
}
"""What a claim's figure may be: the parts that stand before the numbers of its verdicts.

pairs: nothing but those; curves: accuracy by step; units: the same, and one unit's percentiles; by_rate: accuracy by
one axis of the grid; heat: by two; series: the series that are shown, as dots; law: nothing but what was measured
against a formula; ensemble: its members, and what they gain together.
"""


def _draw_ensemble(panels: Sequence[Axes], result: Result) -> None:
    """The members' accuracies, and what all of them together gain over their mean and over the one that is chosen."""
    left, right = panels
    left.set_title("accuracy of each member, at the end")
    draw_columns(left, results.final_accuracies(result), _places(result), logarithmic=False)
    right.set_title("gained by all together")
    gains = results.gains(result)
    draw_columns(right, gains, {column.variant: 0 for column in gains}, logarithmic=False, same=0.0)


def _draw_pairs(panels: Sequence[Axes], result: Result) -> None:
    left, right = panels
    columns, apart = results.values(result), results.against_the_first(result)
    first = results.variants_of(result)[0]
    ratio = results.is_ratio(result)
    left.set_title(marks.titled(results.primary_in_words(result), PANEL))
    draw_columns(left, columns, _places(result), logarithmic=_is_wide(columns) or (ratio and _positive(columns)))
    times = "fast" if results.are_steps(result) else "large"
    right.set_title(marks.titled(f"times as {times} as '{first}'" if ratio else f"minus '{first}'", PANEL))
    draw_columns(right, apart, _places(result), logarithmic=ratio, same=float(ratio))
    _band(right, float(result["document"].get("delta") or 0), ratio=ratio)


def _band(axes: Axes, delta: float, *, ratio: bool) -> None:
    """What is no difference, as far as the axis reaches."""
    if delta:
        low, high = (1 / (1 + delta), 1 + delta) if ratio else (-delta, delta)
        ends = axes.get_ylim()
        axes.axhspan(max(low, ends[0]), min(high, ends[1]), color=marks.GREY, alpha=0.12, linewidth=0, zorder=0)


def _draw_curves(panels: Sequence[Axes], result: Result, points: Sequence[Point]) -> None:
    for axes, point in zip(panels, points, strict=True):
        said = f", {point_in_words(point)}" if point else ""
        axes.set(title=marks.titled(f"accuracy on the test set{said}", PANEL), xlabel="step")
        drawn = [_draw_variant(axes, result, point, name) for name in results.variants_of(result)]
        if not any(drawn):
            say_nothing(axes, "no curve: every seed diverged")
            continue
        axes.set_ylim(0, 1)
        axes.set_xlim(left=0)
        axes.locator_params(axis="x", nbins=5)


def _draw_variant(axes: Axes, result: Result, point: Point, variant: str) -> bool:
    """Its seeds' curves or, where those were not kept, their median in a band. Whether there was something to draw."""
    place = _places(result)[variant]
    own = [s for s in _sources(result) if s["variant"] == variant and results.compared_at(result, s["point"]) == point]
    curves = [Curve(each["step"], each["accuracy"]) for each in own if "seed" in each]
    if curves:
        marks.draw_curves(axes, curves, place)
    for group in own:
        if "seed" not in group:
            marks.draw_line(axes, line_of_group(variant, group, "accuracy"), place)
    known = (value for each in own for value in (each["accuracy"] if "seed" in each else each["accuracy"]["median"]))
    return any(value is not None for value in known)


def _draw_units(panels: Sequence[Axes], result: Result, units: Sequence[Unit]) -> None:
    for axes, unit in zip(panels, units, strict=True):
        marks.draw_unit(axes, unit, _places(result)[unit.label])
        axes.set(title=marks.titled(f"{unit.label}: input of {unit.name}", PANEL), xlabel="step")
        axes.set_xlim(left=0)
        axes.locator_params(axis="x", nbins=5)
    if panels:
        marks.same_scale(panels)
    for axes, unit in zip(panels, units, strict=True):
        marks.name_percentiles(axes, unit)


def _draw_series(panels: Sequence[Axes], result: Result) -> None:
    for axes, series in zip(panels, result["shown"], strict=True):
        columns = results.shown(result, series)
        axes.set_title(marks.titled(series.replace(".", " ").replace("_", " "), PANEL))
        draw_columns(axes, columns, _places(result), logarithmic=_is_wide(columns))


def _sources(result: Result) -> Sequence[Mapping[str, Any]]:
    """The seeds' curves or, where none were kept, the groups."""
    kept: Sequence[Mapping[str, Any]] = result.get("curves") or ()
    return kept or [group for group in result["groups"] if group.get("step")]


def _places(result: Result) -> dict[str, int]:
    return {name: place for place, name in enumerate(results.variants_of(result))}


def _positive(columns: Sequence[Column]) -> bool:
    return all(dot.high > 0 for column in columns for dot in column.dots)


def _is_wide(columns: Sequence[Column]) -> bool:
    """Whether positive numbers reach over more than a linear axis shows."""
    known = [y for column in columns for y in finite(column.dots)]
    return bool(known) and min(known) > 0 and max(known) > WIDE * min(known)


def _are_drawn(result: Result, kind: str) -> bool:
    """Whether what is tuned over is an axis of the figure."""
    drawn = grids.axes_of(result)[: 2 if kind == "heat" else 1]
    return any(pointer in tuned["over"] for tuned in result["tuned"] for pointer in drawn)


def _notes(result: Result, kind: str) -> list[str]:
    dots = [dot for column in (*results.values(result), *results.final_accuracies(result)) for dot in column.dots]
    compared = [dot for each in (results.values, results.against_the_first) for c in each(result) for dot in c.dots]
    marked = CHOSEN.get(kind, "")
    said = {
        QUICK: bool(result.get("quick")),
        SEEDS: kind != "heat" or bool(result["verdicts"]),
        CELLS: kind == "heat",
        FORMULA: kind == "law",
        LINES: kind in ("curves", "units"),
        FAILED: any(dot.failed for dot in dots),
        BETWEEN: any(dot.low < dot.high < inf for dot in compared),
        BEYOND: any(dot.high == inf for dot in compared),
        marked: bool(marked) and bool(results.chosen(result)) and _are_drawn(result, kind),
        PERCENTILES: kind == "units" and bool(result["units"]),
    }
    return [note for note, holds in said.items() if holds]
