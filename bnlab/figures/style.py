"""How curves look: colours that colour-blind readers tell apart, a dash and a marker each."""

from typing import Any

COLOURS = ("#d55e00", "#0072b2", "#752017", "#3e357e", "#929292", "#884f61")
"""Each has a contrast of 3 to 1 on white, and a distance from every other however one sees colours."""

DASHES = ("-", (0, (5, 1.5)), (0, (1.2, 1.2)), (0, (4, 1.5, 1, 1.5)), (0, (2.5, 1)), (0, (4, 1.2, 1, 1.2, 1, 1.2)))
MARKERS = ("o", "s", "^", "D", "v", "P")

STYLE: dict[Any, Any] = {
    "font.size": 8,
    "axes.titlesize": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "legend.frameon": False,
    "legend.handlelength": 3.2,
    "svg.fonttype": "none",
    "svg.hashsalt": "bnlab",  # else every SVG has ids of its own
    "text.parse_math": False,  # a name may have dollars in it
}


def look(place: int) -> dict[str, Any]:
    """Of the curve at a place among those compared: no two of the first 36 are alike."""
    turn, colour = divmod(place, len(COLOURS))
    other = (colour + turn) % len(COLOURS)
    return {"color": COLOURS[colour], "linestyle": DASHES[other], "marker": MARKERS[other]}
