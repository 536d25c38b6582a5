"""Dots: one for each seed, by variant, with lines that join pairs, the median as a tick, and the interval as a bar."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from math import inf, isfinite, isinf, isnan, log10, nan
from statistics import mean, median
from typing import Any

from matplotlib.axes import Axes

from bnlab.figures.columns import Column, Dot, Point, finite, middle, point_in_words
from bnlab.figures.marks import GREY, log_scale
from bnlab.figures.style import look
from bnlab.sdk.estimates import Estimate
from bnlab.sdk.places import place_in_words

SPREAD = 0.32  # of a column's width of 1, over which its seeds stand
BESIDE = 0.33  # from a column's middle to its bar
GAP = 0.7  # between two grid points
FEWEST = 2.2  # columns' widths that a panel has at least, so that one column does not fill it
ROOM = 0.12  # of an axis, above and below what is drawn
CROWDED = 6  # columns, above which the words below them are turned
MOST_NAMED = 2  # grid points whose values have the names of their places beside them
LETTER, LINE = 3.6, 9.0  # points that a letter of such a word is long, and a line high
AN_INCH, MARGIN = 16, 0.5  # letters of a grid point in an inch, and inches beside the axes
DOT: dict[str, Any] = {"markersize": 3.6, "markeredgewidth": 0.9, "linestyle": "", "zorder": 3, "clip_on": False}
TICK: dict[str, Any] = {"color": "black", "linewidth": 1.8, "zorder": 2.5, "solid_capstyle": "butt"}
BAR: dict[str, Any] = {
    "fmt": "none",
    "ecolor": "black",
    "elinewidth": 1.1,
    "capsize": 2.2,
    "capthick": 1.1,
    "zorder": 3,
}
PAIR: dict[str, Any] = {"color": GREY, "linewidth": 0.5, "alpha": 0.45, "zorder": 1}
ARROW: dict[str, Any] = {"arrowstyle": "<|-", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0, "mutation_scale": 6}
NOTHING = "no seed came to an end"
DIVERGED = "every seed diverged"

Ends = tuple[float, float]
"""Of an axis, or of what stands on it."""


def draw_columns(
    axes: Axes, columns: Sequence[Column], places: Mapping[str, int], *, logarithmic: bool, same: float | None = None
) -> None:
    """The columns of one grid point beside each other, those of the next after a gap, whatever order they come in.

    places: of the variants' looks. same: of differences and ratios the number at which there is none, which is always
    on the axis; of values, whose seeds are joined, None.
    """
    axes.grid(visible=False, axis="x")
    points = list(dict.fromkeys(column.point for column in columns))
    columns = sorted(columns, key=lambda column: points.index(column.point))
    known = _known(columns, same, logarithmic=logarithmic)
    if not known:
        say_nothing(axes, DIVERGED if any(column.dots for column in columns) else NOTHING)
        return
    reach, axis = (min(known), max(known)), _with_room(known, columns, logarithmic=logarithmic)
    axes.set_ylim(*axis)
    if logarithmic:
        log_scale(axes, "y")
    at = positions([column.point for column in columns])
    for x, column in zip(at, columns, strict=True):
        draw_dots(axes, spread_over(x, column.dots), column.dots, places[column.variant], reach)
        _draw_median(axes, x, column.dots)
        if column.estimate is not None:
            draw_bar(axes, x + BESIDE, column.estimate, axis)
    if same is None:
        _join_pairs(axes, at, columns, reach)
    else:
        axes.axhline(same, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=0)
    _name(axes, at, columns)


def say_nothing(axes: Axes, why: str = NOTHING) -> None:
    """What stands in a panel that has nothing to show."""
    axes.set(xticks=[], yticks=[])
    axes.text(0.5, 0.5, why, transform=axes.transAxes, ha="center", va="center", color=GREY)


def positions(points: Sequence[Point]) -> list[float]:
    """A place on the axis for each column.

    >>> positions([(), ()]), positions([(("/depth", 3),), (("/depth", 6),)])
    ([0.0, 1.0], [0.0, 1.7])
    """
    order = list(dict.fromkeys(points))
    return [place + GAP * order.index(point) for place, point in enumerate(points)]


def draw_bar(axes: Axes, x: float, estimate: Estimate, ends: Ends) -> None:
    """The interval at x; where it goes on beyond the axis, with an arrow."""
    if estimate.low is None or estimate.high is None:
        return
    low, high = max(estimate.low, ends[0]), min(estimate.high, ends[1])
    axes.errorbar([x], [low], ([0], [max(high - low, 0.0)]), **BAR)
    for beyond, end, sign in ((estimate.high > ends[1], ends[1], -1), (estimate.low < ends[0], ends[0], 1)):
        if beyond:
            _point(axes, x, end, "black", sign, from_inside=True)


def draw_dots(axes: Axes, at: Sequence[float], dots: Sequence[Dot], place: int, reach: Ends) -> None:
    """Each seed where it stands: hollow where it failed, a line between its bounds, an arrow where one is infinite.

    reach: the least and the greatest known number, at which those stand that are infinite.
    """
    style = look(place)
    color = style["color"]
    placed = [(x, y, dot) for x, dot in zip(at, dots, strict=True) if not isnan(y := height(dot, reach))]
    for failed, filled in ((False, color), (True, "white")):
        own = [(x, y) for x, y, dot in placed if dot.failed is failed]
        if own:
            axes.plot(*zip(*own, strict=True), marker=style["marker"], color=color, markerfacecolor=filled, **DOT)
    bounded = [(x, dot) for x, _, dot in placed if dot.low < dot.high and isfinite(dot.low) and isfinite(dot.high)]
    if bounded:
        lows, highs = [max(dot.low, reach[0]) for _, dot in bounded], [dot.high for _, dot in bounded]
        axes.vlines([x for x, _ in bounded], lows, highs, color=color, linewidth=0.9, alpha=0.6, zorder=2)
    for x, y, dot in placed:
        if dot.high == inf:
            _point(axes, x, y, color, 1)
        elif dot.low == -inf or dot.low == 0 < reach[0]:
            _point(axes, x, y, color, -1)


def height(dot: Dot, reach: Ends) -> float:
    """Where a dot stands: between its bounds or, where one is infinite or not on the axis, at the other one.

    >>> [height(Dot(0, low, high), (1, 9)) for low, high in ((1, 3), (4, inf), (inf, inf), (0, 2), (0, 0))]
    [2.0, 4, 9, 2, 1]
    """
    if dot.low == -inf and dot.high == inf:
        return nan
    if dot.high == inf:
        return min(dot.low, reach[1])
    return max(dot.high, reach[0]) if dot.low < reach[0] else middle(dot)


def spread_over(x: float, dots: Sequence[Dot]) -> list[float]:
    """A place beside each other for the seeds of a column.

    >>> spread_over(0.0, [Dot(0, 1, 1), Dot(1, 1, 1), Dot(2, 1, 1)])
    [-0.16, 0.0, 0.16]
    """
    if len(dots) < 2:
        return [x] * len(dots)
    return [x + SPREAD * (number / (len(dots) - 1) - 0.5) for number in range(len(dots))]


def _draw_median(axes: Axes, x: float, dots: Sequence[Dot]) -> None:
    """The tick of several seeds, where their median is a number."""
    centre = median(map(middle, dots)) if len(dots) > 1 else inf
    if isfinite(centre):
        axes.plot([x - 0.25, x + 0.25], [centre, centre], **TICK)


def _join_pairs(axes: Axes, at: Sequence[float], columns: Sequence[Column], reach: Ends) -> None:
    """A line from a seed to the same seed of the next variant, at one grid point."""
    xs, ys = list[float](), list[float]()
    for (x, one), (next_x, other) in pairwise(zip(at, columns, strict=True)):
        there = {dot.seed: (end, dot) for end, dot in zip(spread_over(next_x, other.dots), other.dots, strict=True)}
        for start, dot in zip(spread_over(x, one.dots), one.dots, strict=True):
            if one.point == other.point and dot.seed in there:
                end, second = there[dot.seed]
                xs += (start, end, nan)
                ys += (height(dot, reach), height(second, reach), nan)
    axes.plot(xs, ys, **PAIR)


def _name(axes: Axes, at: Sequence[float], columns: Sequence[Column]) -> None:
    """Each column's word below it and, where there are several points, those below the words."""
    beside = max(0.6, (FEWEST - (at[-1] - at[0])) / 2)
    axes.set_xlim(at[0] - beside, at[-1] + beside)
    crowded = len(columns) > CROWDED
    words = [column.word.removesuffix("\nlearned") if crowded else column.word for column in columns]
    axes.xaxis.remove_overlapping_locs = False  # else a word is left out where a point stands below it
    axes.set_xticks(at, words, minor=True, fontsize=6.5, rotation=90 if crowded else 0, va="top")
    axes.tick_params(axis="x", which="minor", length=0, pad=2)
    points = list(dict.fromkeys(column.point for column in columns))
    if points == [()]:
        axes.set_xticks([])
        return
    below = max((LETTER * len(word) if crowded else LINE * (1 + word.count("\n")) for word in words if word), default=0)
    middles = [mean(x for x, column in zip(at, columns, strict=True) if column.point == point) for point in points]
    room = _letters(axes)
    said, short = ([point_in_words(point, short=way) for point in points] for way in (False, True))
    if len(points) > MOST_NAMED or _length(said) > room:
        said = short
        axes.set_xlabel(", ".join(dict.fromkeys(place_in_words(pointer) for point in points for pointer, _ in point)))
    if _length(said) > room:
        said = [", ".join(each.split("\n")) for each in said]
        axes.set_xticks(middles, said, fontsize=7, rotation=90)
    else:
        axes.set_xticks(middles, said, fontsize=7)
    axes.tick_params(axis="x", which="major", length=0, pad=4 + below)


def _length(said: Sequence[str]) -> int:
    """Of what stands beside each other, in letters."""
    return max(len(line) for each in said for line in each.split("\n")) * len(said)


def _letters(axes: Axes) -> float:
    """How many letters of a grid point fit below the axes, beside each other."""
    place, figure = axes.get_subplotspec(), axes.get_figure(root=True)
    assert place is not None
    assert figure is not None
    return float(figure.get_size_inches()[0] / place.get_geometry()[1] - MARGIN) * AN_INCH


def _known(columns: Sequence[Column], same: float | None, *, logarithmic: bool) -> list[float]:
    """All numbers that can stand on the axis: those of the seeds, of the intervals, and what is no difference."""
    seeds = finite(dot for column in columns for dot in column.dots)
    estimates = [column.estimate for column in columns if column.estimate is not None]
    ends = [end for each in estimates for end in (each.low, each.high) if end is not None and isfinite(end)]
    every = [*seeds, *ends, *([] if same is None else [same])] if seeds else []
    return [value for value in every if value > 0 or not logarithmic]


def _with_room(known: Sequence[float], columns: Sequence[Column], *, logarithmic: bool) -> Ends:
    """The axis' ends, with room for arrows where something is infinite."""
    infinite = [end for column in columns for dot in column.dots for end in (dot.low, dot.high) if isinf(end)]
    low, high = min(known), max(known)
    above, below = (2 if inf in infinite else 1), (2 if -inf in infinite else 1)
    if logarithmic:
        room = max(ROOM * log10(high / low), 0.05)
        return low / 10 ** (below * room), high * 10 ** (above * room)
    room = ROOM * (high - low) or 0.05 * (abs(high) or 1.0)
    return low - below * room, high + above * room


def _point(axes: Axes, x: float, y: float, color: str, sign: int, *, from_inside: bool = False) -> None:
    """An arrow at a place, up or down, from it, or to it from within the axes."""
    style = ARROW | {"color": color}
    if from_inside:
        style["arrowstyle"] = "-|>"
    axes.annotate("", (x, y), (0, 9 * sign), textcoords="offset points", arrowprops=style, annotation_clip=False)
