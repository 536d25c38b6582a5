"""A law: what was measured against what its formula says, and each seed's number by the formula's."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite
from typing import Any

from matplotlib.axes import Axes

from bnlab.figures import results
from bnlab.figures.columns import Column, Dot, Point, point_of
from bnlab.figures.dots import draw_columns, say_nothing
from bnlab.figures.marks import GREY, log_scale
from bnlab.figures.results import Result
from bnlab.figures.style import look
from bnlab.sdk.estimates import Estimate, estimate_of

NEAR = "near"  # the kind of a check that compares with a number
ROOM = 1.3  # times the least and the greatest, to the axes' ends


@dataclass(frozen=True)
class Measured:
    """A variant's number at a grid point beside that of the formula; share: of that one, what is near enough."""

    variant: str
    point: Point
    formula: float
    share: float
    estimate: Estimate


def measured(result: Result) -> list[Measured]:
    """What the claim's checks of a law have measured, where it is a positive number."""
    made = []
    for checked in result["checks"]:
        check: Mapping[str, Any] = checked["check"]
        if check["kind"] == NEAR and checked["measured"] is not None:
            found = estimate_of(checked["measured"])
            if found.centre is not None and isfinite(found.centre[0]) and found.centre[0] > 0:
                law = check["target"], check["share"]
                made.append(Measured(check["variant"], point_of(checked["point"]), *law, found))
    return made


def draw_law(panels: Sequence[Axes], result: Result, places: Mapping[str, int]) -> None:
    """Numbers against the formula's on logarithms, whose diagonal is where they agree, and by the formula's."""
    left, right = panels
    found = measured(result)
    left.set(title="measured against the formula", xlabel="by the formula", ylabel="measured")
    right.set(title="measured, by what the formula says")
    if not found:
        say_nothing(left)
        say_nothing(right)
        return
    _draw_against(left, found, places)
    draw_columns(right, list(by_formula(result, found)), places, logarithmic=False, same=1.0)
    low, high = right.get_ylim()
    share = max(each.share for each in found)
    right.axhspan(1 - share, 1 + share, color=GREY, alpha=0.12, linewidth=0, zorder=0)
    right.set_ylim(min(low, 1 - ROOM * share), max(high, 1 + ROOM * share))


def by_formula(result: Result, found: Sequence[Measured]) -> Iterator[Column]:
    """Each seed's number, where the verdicts have it, and the interval, as multiples of the formula's."""
    dots = {(column.variant, column.point): column.dots for column in results.values(result)}
    for each in found:
        own = dots.get((each.variant, each.point), ())
        scaled = tuple(Dot(dot.seed, dot.low / each.formula, dot.high / each.formula, dot.failed) for dot in own)
        low, high = (None if end is None else end / each.formula for end in (each.estimate.low, each.estimate.high))
        yield Column(each.variant, each.point, scaled, replace(each.estimate, low=low, high=high))


def _draw_against(axes: Axes, found: Sequence[Measured], places: Mapping[str, int]) -> None:
    """A dot for each variant and grid point, with its interval as a bar."""
    known = [value for each in found for value in (each.formula, *_ends(each.estimate)) if value > 0]
    ends = (min(known) / ROOM, max(known) * ROOM)
    axes.plot(ends, ends, color=GREY, linewidth=0.8, linestyle=(0, (4, 3)), zorder=1)
    for each in found:
        low, high = _ends(each.estimate)
        style = look(places.get(each.variant, 0)) | {"linestyle": ""}
        assert each.estimate.centre is not None
        centre = each.estimate.centre[0]
        reach = ([centre - max(low, ends[0])], [high - centre])
        axes.errorbar([each.formula], [centre], reach, **style, markersize=4, capsize=2, elinewidth=1.1)
    axes.set(xlim=ends, ylim=ends)
    log_scale(axes, "x")
    log_scale(axes, "y")


def _ends(estimate: Estimate) -> tuple[float, float]:
    """The interval or, where there is none or it has no end, the number itself."""
    assert estimate.centre is not None
    low, high = estimate.low, estimate.high
    centre = estimate.centre[0]
    return (centre if low is None or not isfinite(low) else low, centre if high is None or not isfinite(high) else high)
