"""What a figure is made of: curves, bands, a unit's percentiles, and axes with plain numbers."""

from collections.abc import Mapping, Sequence
from math import log10, nan
from statistics import median
from textwrap import shorten, wrap
from typing import Any, Literal

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullLocator

from bnlab.figures.curves import Curve, Line, Unit, Values, middle_of
from bnlab.figures.style import look

BAND: dict[str, Any] = {"alpha": 0.15, "linewidth": 0}
SEED: dict[str, Any] = {"alpha": 0.45, "linewidth": 0.6}
BOLD = 1.6
END: dict[str, Any] = {"markersize": 4, "markevery": [-1]}
LETTERS = 15  # in an inch of a title
SMALL_LETTERS = 17  # of a note
HANDLE = 0.7  # inches of a legend's handle, with the space around it
LINE = 0.165  # inches from one line of a legend to the next
MARGIN = 0.15  # inches around it
GREY = "#555555"
TITLE_LINES = 3
THOUSANDS = (1e4, 1e6)  # numbers of which each digit is written
DECADES = 2.5  # of an axis that has no room for ticks between powers of ten
TICKS = 8
NARROW = 6  # times the low end of a logarithmic axis
NEAR = 0.08  # of the axis: two labels that are nearer lie on each other
UNLIKE = 50  # times the scale of most panels, which would flatten the others


def draw_line(axes: Axes, line: Line, place: int) -> None:
    """The middle of several, in a band from the least to the greatest, in the look of its place."""
    style = look(place)
    axes.plot(line.step, gaps(line.middle), **style, label=line.label, linewidth=1.4, **END)
    if line.low:
        draw_band(axes, line.step, line.low, line.high, style["color"])


def draw_curves(axes: Axes, curves: Sequence[Curve], place: int) -> None:
    """A thin line a curve and, where there are several, their median bold, which a marker ends.

    A curve that ends in what is not finite has a cross at its last value.
    """
    style = look(place)
    if len(curves) > 1:
        for curve in curves:
            axes.plot(curve.step, gaps(curve.values), **style | SEED | {"linestyle": "-", "marker": ""})
    middle = middle_of(curves)
    if middle.low:
        draw_band(axes, middle.step, middle.low, middle.high, style["color"])
    axes.plot(middle.step, gaps(middle.values), **style, linewidth=BOLD, **END)
    for curve in curves:
        if (end := _last_before_a_gap(curve)) is not None:
            axes.plot(*end, color=style["color"], marker="x", markersize=5, linestyle="")


def draw_unit(axes: Axes, unit: Unit, place: int) -> None:
    """The 15th, 50th and 85th percentile; `name_percentiles` says which is which."""
    color = look(place)["color"]
    draw_band(axes, unit.step, unit.percentiles["p15"], unit.percentiles["p85"], color)
    for name in ("p85", "p50", "p15"):
        axes.plot(unit.step, gaps(unit.percentiles[name]), color=color, linewidth=BOLD if name == "p50" else 0.8)


def name_percentiles(axes: Axes, unit: Unit) -> None:
    """Write each percentile's name beside its end, once the axes have their limits; none lies on another."""
    ends = {f"{name[1:]}th": _last(unit, unit.percentiles[name]) for name in ("p15", "p50", "p85")}
    known = {name: end for name, end in ends.items() if end is not None}
    low, high = axes.get_ylim()
    apart = spread([y for _, y in known.values()], NEAR * (high - low))
    for (name, (x, _)), y in zip(known.items(), apart, strict=True):
        axes.annotate(name, (x, y), (4, 0), textcoords="offset points", va="center", size=7, annotation_clip=False)


def draw_band(axes: Axes, step: Sequence[int], low: Values, high: Values, color: str) -> None:
    """What lies between two curves."""
    axes.fill_between(step, gaps(low), gaps(high), color=color, **BAND)


def name_curves(figure: Figure, labels: Mapping[int, str], notes: Sequence[str] = ()) -> None:
    """A legend below the figure, where it covers nothing, with the notes under it; the figure grows by as much.

    labels: by place, what each look stands for.
    """
    width, height = figure.get_size_inches()
    said = [titled(label, width - HANDLE) for label in labels.values()]
    widest = max((len(line) for each in said for line in each.split("\n")), default=1)
    rows = -(-len(said) // max(1, int(width / (widest / LETTERS + HANDLE))))
    columns = -(-len(said) // max(1, rows))
    note = "\n".join(wrap(" ".join(notes), int(width * SMALL_LETTERS)))
    below = LINE * len(note.split("\n")) * bool(note)
    foot = below + LINE * sum(max(text.count("\n") + 1 for text in said[row::rows]) for row in range(rows)) + MARGIN
    figure.set_size_inches(width, height + foot)
    share = foot / (height + foot)
    figure.set_layout_engine("constrained", rect=(0, share, 1, 1 - share))
    figure.text(0.5, MARGIN / 2 / (height + foot), note, ha="center", va="bottom", fontsize=7, color=GREY)
    if labels:
        handles = [Line2D([], [], **look(place), linewidth=BOLD, markersize=4) for place in labels]
        at = (0.5, (below + MARGIN / 2) / (height + foot))
        place: dict[str, Any] = {"loc": "lower center", "bbox_to_anchor": at, "borderpad": 0, "borderaxespad": 0}
        legend = figure.legend(handles, [str(place) for place in labels], ncols=columns, labelspacing=0.3, **place)
        legend.set_in_layout(False)
        for text, label in zip(legend.get_texts(), said, strict=True):
            text.set_text(label)  # given at once, one that begins with an underscore would be left out


def titled(text: str, inches: float) -> str:
    """The text in as many lines as it takes in this width; what is too long ends in dots."""
    width = max(8, int(inches * LETTERS))
    return "\n".join(wrap(shorten(text, TITLE_LINES * width - width // 2, placeholder=" ..."), width)) or text[:width]


def log_scale(axes: Axes, name: Literal["x", "y"]) -> None:
    """A logarithmic axis whose ticks are plain numbers, once everything is drawn."""
    axes.set(**{f"{name}scale": "log"})
    axis: Axis = getattr(axes, f"{name}axis")
    low, high = axis.get_view_interval()
    between = (1.0,) if log10(high / low) > DECADES else (1.0, 2.0, 5.0)
    few = high < NARROW * low  # so that it may hold no power of ten and no half of one
    axis.set_major_locator(MaxNLocator(4) if few else LogLocator(subs=between, numticks=TICKS))
    axis.set_minor_locator(NullLocator())
    axis.set_major_formatter(FuncFormatter(lambda value, _: plain(value)))


def plain(value: float) -> str:
    """A tick's number.

    >>> plain(0.1), plain(10), plain(20000), plain(1e10)
    ('0.1', '10', '20,000', '1e10')
    """
    if THOUSANDS[0] <= value < THOUSANDS[1]:
        return f"{value:,.0f}"
    mantissa, e, power = f"{value:.4g}".partition("e")
    return f"{mantissa}e{int(power)}" if e else mantissa


def same_scale(panels: Sequence[Axes]) -> None:
    """One y axis for all, else they could not be compared; but for those whose values are beyond all others."""
    heights = [high - low for low, high in (axes.get_ylim() for axes in panels)]
    alike = [axes for axes, height in zip(panels, heights, strict=True) if height <= UNLIKE * median(heights)]
    limits = [axes.get_ylim() for axes in alike]
    for axes in alike:
        axes.set_ylim(min(low for low, _ in limits), max(high for _, high in limits))


def spread(values: Sequence[float], gap: float) -> list[float]:
    """The values with those that are nearer than a gap moved away from the one in the middle, which stays.

    >>> spread([0.0, 0.5, 3.0], 1.0)
    [-0.5, 0.5, 3.0]
    """
    order = sorted(range(len(values)), key=lambda place: values[place])
    middle = len(order) // 2
    placed = list(values)
    for below, place in zip(order[middle:], order[middle + 1 :], strict=False):
        placed[place] = max(values[place], placed[below] + gap)
    for above, place in zip(order[middle::-1], order[:middle][::-1], strict=False):
        placed[place] = min(values[place], placed[above] - gap)
    return placed


def gaps(values: Values) -> list[float]:
    """What is not there is a gap in the line."""
    return [nan if value is None else value for value in values]


def _last(unit: Unit, values: Values) -> tuple[int, float] | None:
    known = [(step, value) for step, value in zip(unit.step, values, strict=True) if value is not None]
    return (unit.step[-1], known[-1][1]) if known else None


def _last_before_a_gap(curve: Curve) -> tuple[int, float] | None:
    known = [(step, value) for step, value in zip(curve.step, curve.values, strict=True) if value is not None]
    return known[-1] if known and known[-1][0] != curve.step[-1] else None
