"""Accuracy over a grid: curves by one axis, or a heat map of two for each variant, with the chosen settings marked."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import log10
from statistics import median
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from matplotlib.transforms import blended_transform_factory

from bnlab.figures.columns import Column, Dot, Point, point_in_words, point_of, value_in_words
from bnlab.figures.dots import draw_dots, say_nothing
from bnlab.figures.marks import log_scale, titled
from bnlab.figures.results import Result, chosen, final_accuracies, variants_of
from bnlab.figures.style import look
from bnlab.sdk.places import place_in_words

MAP = "cividis"  # which colour-blind readers see as others do
LIGHT = 0.55  # of the map's range, above which what is written on it is black
CHOSEN = "#d55e00"
SMALL = 60  # cells of a map, up to which each has its number written in
DECADE = 10  # times the least value, from which on an axis of positive numbers is logarithmic
PANEL = 2.6  # inches of a title
MOST_TICKS = 8  # values of an axis that are all written below it
HALF = 0.5  # an accuracy
TOGETHER = 4  # variants' curves in one panel
ACCURACY = "accuracy on the test set at the end"


def axes_of(result: Result) -> list[str]:
    """The grid's axes that are drawn: those of the question first, since its answers are read along them."""
    document = result["document"]
    grid, tune, primary = document["grid"], document.get("tune") or {}, document.get("primary") or {}
    over = tune.get("over", ())
    asked = [primary["over"]] if isinstance(primary, Mapping) and "over" in primary else []
    return list(dict.fromkeys([*asked, *([over] if isinstance(over, str) else over), *grid]))


@dataclass(frozen=True)
class View:
    """What one panel of curves is of: variants at one point of the other axes."""

    rest: Point
    variants: tuple[str, ...]


def views(result: Result) -> list[View]:
    """A panel for each point of the axes that are not drawn and, where many curves would lie on each other, variant."""
    pointer = axes_of(result)[0]
    rests = list(dict.fromkeys(_without(column.point, (pointer,)) for column in _along(result, pointer))) or [()]
    variants = variants_of(result)
    apart = [(name,) for name in variants] if len(variants) > TOGETHER else [tuple(variants)]
    return [View(rest, names) for rest in rests for names in apart]


def draw_by_rate(panels: Sequence[Axes], result: Result) -> None:
    """The accuracy by one axis of the grid."""
    for axes, view in zip(panels, views(result), strict=True):
        _draw_curves(axes, result, view)


def draw_heat(panels: Sequence[Axes], result: Result) -> None:
    """A map for each variant, of the seeds' median accuracy by two axes of the grid."""
    across, up = axes_of(result)[:2]
    columns = final_accuracies(result)
    wide, high = (list(dict.fromkeys(dict(column.point)[pointer] for column in columns)) for pointer in (across, up))
    for axes, variant in zip(panels, variants_of(result), strict=True):
        axes.set_title(titled(variant, PANEL))
        own = {(dict(c.point)[across], dict(c.point)[up]): c.dots for c in columns if c.variant == variant}
        if not any(own.values()):
            say_nothing(axes)
            continue
        _draw_cells(axes, own, wide, high)
        marked = _settings(result, variant)
        for (x, y), share in _shares(marked, across, up).items():
            _frame(axes, wide.index(x), high.index(y), share)
        axes.set_xticks(range(len(wide)), map(value_in_words, wide), fontsize=7)
        axes.set_yticks(range(len(high)), map(value_in_words, high), fontsize=7)
        axes.set(xlabel=place_in_words(across), ylabel=place_in_words(up))


def _draw_curves(axes: Axes, result: Result, view: View) -> None:
    pointer = axes_of(result)[0]
    columns = [c for c in _along(result, pointer) if c.dots and _without(c.point, (pointer,)) == view.rest]
    said = [ACCURACY] if len(view.variants) > 1 or len(variants_of(result)) == 1 else [*view.variants]
    axes.set(title=titled(", ".join([*said, *([point_in_words(view.rest)] if view.rest else [])]), PANEL))
    axes.set_xlabel(place_in_words(pointer))
    if not columns:
        say_nothing(axes)
        return
    at, logarithmic = _places(list(dict.fromkeys(dict(column.point)[pointer] for column in columns)))
    axes.set_ylim(*_reach([dot.low for column in columns for dot in column.dots]))
    for number, variant in enumerate(view.variants):
        aside = 0.16 * (number / max(1, len(view.variants) - 1) - 0.5) if len(view.variants) > 1 else 0.0
        xs = {value: _moved(at, value, aside, logarithmic=logarithmic) for value in at}
        _draw_curve(axes, [c for c in columns if c.variant == variant], pointer, xs, variants_of(result).index(variant))
        _mark(axes, result, variant, view.rest, xs)
    if logarithmic:
        log_scale(axes, "x")
    if len(at) <= MOST_TICKS or not logarithmic:
        axes.set_xticks(list(at.values()), [value_in_words(value) for value in at])


def _along(result: Result, pointer: str) -> list[Column]:
    """The accuracies at the end along an axis: where others are tuned over, each seed's at its chosen setting."""
    tuned = result.get("tuned", ())
    if not tuned or pointer in tuned[0]["over"]:
        return final_accuracies(result)
    of_job = {
        job: dot for column in final_accuracies(result) for job, dot in zip(column.jobs, column.dots, strict=True)
    }
    return [
        Column(
            each["variant"],
            point_of(each["point"]),
            tuple(of_job[one["job"]] for one in each["chosen"] if one["job"] in of_job),
        )
        for each in tuned
    ]


def _reach(accuracies: Sequence[float]) -> tuple[float, float]:
    """The axis' ends: whole where some seed has not learned, else near the accuracies, with room for triangles."""
    low, high = min(accuracies), max(accuracies)
    if low < HALF:
        return -0.07, 1.02
    room = max(high - low, 0.01)
    return low - 0.3 * room, high + 0.1 * room


def _draw_curve(axes: Axes, own: Sequence[Column], pointer: str, xs: Mapping[Any, float], place: int) -> None:
    """The medians joined, and a dot for each seed."""
    at = [xs[dict(column.point)[pointer]] for column in own]
    for x, column in zip(at, own, strict=True):
        draw_dots(axes, [x] * len(column.dots), column.dots, place, (0.0, 1.0))
    style = look(place) | {"marker": ""}
    axes.plot(at, [median(dot.low for dot in column.dots) for column in own], **style, linewidth=1.4)


def _mark(axes: Axes, result: Result, variant: str, rest: Point, xs: Mapping[Any, float]) -> None:
    """A triangle below each chosen setting, the larger the more seeds have it."""
    pointer, color = axes_of(result)[0], look(variants_of(result).index(variant))["color"]
    settings = Counter[Any]()
    for point, counts in _settings(result, variant).items():
        if _fits(point, rest):
            settings.update({dict(at)[pointer]: n for at, n in counts.items() if pointer in dict(at)})
    below = blended_transform_factory(axes.transData, axes.transAxes)
    for value, count in settings.items():
        size = 3 + 4 * count / settings.total()
        axes.plot([xs[value]], [0.025], marker="^", markersize=size, color=color, transform=below, clip_on=False)


def _draw_cells(
    axes: Axes, own: Mapping[tuple[Any, Any], Sequence[Dot]], wide: Sequence[Any], high: Sequence[Any]
) -> None:
    axes.grid(visible=False)
    axes.set(xlim=(-0.5, len(wide) - 0.5), ylim=(-0.5, len(high) - 0.5))
    for (x, y), dots in own.items():
        if dots:
            place = wide.index(x), high.index(y)
            _draw_cell(axes, place, dots, is_written=len(wide) * len(high) <= SMALL)


def _draw_cell(axes: Axes, place: tuple[int, int], dots: Sequence[Dot], *, is_written: bool) -> None:
    """A square in the colour of the median, which is written in it, with how many learned where not all or none did."""
    x, y = place
    value, learned = median(dot.low for dot in dots), sum(not dot.failed for dot in dots)
    # Squares, and no mesh: matplotlib gives that another id each time.
    axes.add_patch(
        Rectangle((x - 0.5, y - 0.5), 1, 1, facecolor=colormaps[MAP](value), edgecolor="white", linewidth=0.6)
    )
    if is_written:
        said = f"{value:.2f}" + (f"\n{learned}/{len(dots)}" if 0 < learned < len(dots) else "")
        color = "black" if value > LIGHT else "white"
        axes.text(x, y, said, ha="center", va="center", fontsize=6, color=color)


def _frame(axes: Axes, x: int, y: int, share: float) -> None:
    """Around a chosen setting, the wider the more seeds have it."""
    axes.add_patch(
        Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, fill=False, edgecolor=CHOSEN, linewidth=0.8 + 2 * share, zorder=3)
    )


def _shares(marked: Mapping[Point, Counter[Point]], across: str, up: str) -> dict[tuple[Any, Any], float]:
    """By cell the share of the seeds that have chosen it, at the points where they choose."""
    found: dict[tuple[Any, Any], float] = {}
    for point, counts in marked.items():
        for at, n in counts.items():
            whole = dict((*point, *at))
            if across in whole and up in whole:
                found[whole[across], whole[up]] = n / counts.total()
    return found


def _settings(result: Result, variant: str) -> dict[Point, Counter[Point]]:
    return {point: counts for (name, point), counts in chosen(result).items() if name == variant}


def _places(values: Sequence[Any]) -> tuple[dict[Any, float], bool]:
    """Where the values of an axis stand, and whether that is logarithmic: names stand at equal distances."""
    numbers = all(isinstance(value, int | float) for value in values)
    if numbers and min(values) > 0 and max(values) >= DECADE * min(values):
        return {value: float(value) for value in values}, True
    if numbers and len(values) > 1:
        span = max(values) - min(values)
        return {value: (value - min(values)) / span * (len(values) - 1) for value in values}, False
    return {value: float(place) for place, value in enumerate(values)}, False


def _moved(at: Mapping[Any, float], value: Any, aside: float, *, logarithmic: bool) -> float:
    """A little aside, so that the variants' dots do not lie on each other."""
    if not logarithmic:
        return at[value] + aside
    return float(10 ** (log10(at[value]) + aside * log10(max(at) / min(at)) / max(1, len(at) - 1)))


def _without(point: Point, pointers: Iterable[str]) -> Point:
    return tuple((pointer, value) for pointer, value in point if pointer not in pointers)


def _fits(point: Point, rest: Point) -> bool:
    """Whether a point has nothing that the rest has otherwise."""
    return all(dict(rest).get(pointer, value) == value for pointer, value in point)
