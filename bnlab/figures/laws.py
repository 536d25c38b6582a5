"""A law: what was measured against what its formula says, on logarithms, with the line on which they agree."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isfinite
from typing import Any

from matplotlib.axes import Axes

from bnlab.figures.dots import say_nothing
from bnlab.figures.marks import GREY, log_scale
from bnlab.figures.results import Result
from bnlab.figures.style import look
from bnlab.sdk.estimates import Estimate, estimate_of

NEAR = "near"  # the kind of a check that compares with a number
ROOM = 1.3  # times the least and the greatest, to the axes' ends


@dataclass(frozen=True)
class Measured:
    """A variant's number at a grid point beside that of the formula."""

    variant: str
    formula: float
    estimate: Estimate


def measured(result: Result) -> list[Measured]:
    """What the claim's checks of a law have measured, where it is a positive number."""
    made = []
    for checked in result["checks"]:
        check: Mapping[str, Any] = checked["check"]
        if check["kind"] == NEAR and checked["measured"] is not None:
            found = estimate_of(checked["measured"])
            if found.centre is not None and isfinite(found.centre[0]) and found.centre[0] > 0:
                made.append(Measured(check["variant"], check["target"], found))
    return made


def draw_law(panels: Sequence[Axes], result: Result, places: Mapping[str, int]) -> None:
    """A dot for each variant and grid point, with its interval as a bar."""
    (axes,) = panels
    axes.set(title="measured against the formula", xlabel="by the formula", ylabel="measured")
    found = measured(result)
    if not found:
        say_nothing(axes)
        return
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
