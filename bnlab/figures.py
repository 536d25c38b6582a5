"""Figures of jobs, drawn by matplotlib without its global state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

WITHOUT, WITH = "#d55e00", "#0072b2"  # two colours that colour-blind readers tell apart
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


@dataclass(frozen=True)
class Trained:
    """What figure 1 needs of a job: test accuracy by step, and one unit's percentiles by step."""

    step: Sequence[int]
    accuracy: Sequence[float]
    unit: str
    """What the unit is called, such as `hidden3, unit 50`."""
    unit_step: Sequence[int]
    percentiles: Mapping[str, Sequence[float]]
    """p15, p50 and p85 of the input of the unit's nonlinearity."""


def figure_1(without: Trained, with_bn: Trained) -> Figure:
    """Figure 1 of Ioffe and Szegedy 2015: a: test accuracy; b, c: one unit's input, without BN and with it."""
    with rc_context(STYLE):
        figure = Figure(figsize=(9.6, 3.2), layout="constrained")
        a, b, c = figure.subplots(1, 3)
        for trained, colour, label in ((with_bn, WITH, "with BN"), (without, WITHOUT, "without BN")):
            a.plot(trained.step, trained.accuracy, color=colour, label=label, linewidth=1.4)
        a.legend(loc="lower right")
        a.set(title="(a) accuracy on the test set", ylim=(0, 1))
        _draw_unit(b, without, WITHOUT, "(b) without BN")
        _draw_unit(c, with_bn, WITH, "(c) with BN")
        for axes in (a, b, c):
            axes.set(xlabel="step", xlim=(0, max(without.step[-1], with_bn.step[-1])))
            axes.locator_params(axis="x", nbins=5)
        low, high = (edge(axes.get_ylim()[i] for axes in (b, c)) for i, edge in ((0, min), (1, max)))
        for axes in (b, c):
            axes.set_ylim(low, high)  # the same scale, or they could not be compared
    return figure


def save(figure: Figure, path: Path) -> None:
    """Write a figure in the format of the path's suffix; the same figure gives the same bytes."""
    metadata: dict[str, Any] = {"Date": None} if path.suffix == ".svg" else {}
    with rc_context(STYLE):
        figure.savefig(path, dpi=200, metadata=metadata)


def _draw_unit(axes: Axes, trained: Trained, colour: str, title: str) -> None:
    p15, p50, p85 = (trained.percentiles[name] for name in ("p15", "p50", "p85"))
    axes.fill_between(trained.unit_step, p15, p85, color=colour, alpha=0.15, linewidth=0)
    for values, width in ((p15, 0.8), (p50, 1.4), (p85, 0.8)):
        axes.plot(trained.unit_step, values, color=colour, linewidth=width)
    for name, values in (("85th", p85), ("50th", p50), ("15th", p15)):
        axes.annotate(
            name, (trained.unit_step[-1], values[-1]), (3, 0), textcoords="offset points", va="center", size=7
        )
    axes.set(title=f"{title}: input of {trained.unit}")
