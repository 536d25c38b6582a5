"""Figures of jobs, drawn by matplotlib without its global state."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.axes import Axes
from matplotlib.figure import Figure

COLOURS = ("#d55e00", "#0072b2", "#009e73", "#cc79a7", "#e69f00", "#56b4e9")  # colour-blind readers tell them apart
WITHOUT, WITH, *_ = COLOURS
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


def side_by_side(jobs: Sequence[Any]) -> Figure:
    """Jobs of `bnlab compare`: test accuracy, training loss and one recorded unit of the last layer."""
    with rc_context(STYLE):
        figure = Figure(figsize=(9.6, 3.4), layout="constrained")
        accuracy, loss, unit = figure.subplots(1, 3)
        for colour, job in zip(cycle(COLOURS), jobs, strict=False):
            test, train = job.metrics["test"], job.metrics["train"]
            accuracy.plot(test["step"], test["accuracy"], color=colour, label=job.label, linewidth=1.4)
            loss.plot(train["step"], train["loss"], color=colour, linewidth=0.8)
            layers = [layer for layer in job.units if layer != "step"]
            if layers:
                percentiles = next(iter(job.units[layers[-1]].values()))
                steps = job.units["step"]
                unit.plot(steps, percentiles["p50"], color=colour, linewidth=1.2)
                unit.fill_between(steps, percentiles["p15"], percentiles["p85"], color=colour, alpha=0.15, linewidth=0)
        accuracy.set(title="accuracy on the test set", xlabel="step", ylim=(0, 1))
        accuracy.legend(fontsize=6, loc="lower right")
        loss.set(title="training loss", xlabel="step", yscale="log")
        unit.set(title="one unit of the last layer: p15, p50, p85", xlabel="step")
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


def claim(result: Mapping[str, Any]) -> Figure:
    """A claim of the paper: accuracy by step with its bands or, over a grid, the final accuracy by the grid's value.

    result: what `bnlab claims` keeps. Series that it shows stand beside that, with their intervals.
    """
    with rc_context(STYLE):
        shown = result["shown"]
        figure = Figure(figsize=(9.6 if shown else 5.6, 3.4), layout="constrained")
        axes = figure.subplots(1, 2 if shown else 1, squeeze=False)[0]
        if result["document"]["grid"]:
            _draw_grid(axes[0], result)
        else:
            _draw_curves(axes[0], result)
        if shown:
            _draw_shown(axes[1], result)
    return figure


def _draw_curves(axes: Axes, result: Mapping[str, Any]) -> None:
    for colour, group in zip(COLOURS, result["groups"], strict=False):
        steps, band = group["step"], group["accuracy"]
        axes.plot(steps, band["mean"], color=colour, label=group["variant"], linewidth=1.4)
        if all(low is not None for low in band["low"]):
            axes.fill_between(steps, band["low"], band["high"], color=colour, alpha=0.15, linewidth=0)
    axes.set(xlabel="step", title="accuracy on the test set", ylim=(0, 1))
    axes.legend(loc="lower right", fontsize=7)


def _draw_grid(axes: Axes, result: Mapping[str, Any]) -> None:
    (pointer,) = result["document"]["grid"]
    for colour, variant in zip(COLOURS, result["document"]["variants"], strict=False):
        groups = [g for g in result["groups"] if g["variant"] == variant and g["final_accuracy"] is not None]
        at = [group["point"][pointer] for group in groups]
        means = [group["final_accuracy"]["mean"] for group in groups]
        halves = [
            (g["final_accuracy"]["high"] or g["final_accuracy"]["mean"]) - g["final_accuracy"]["mean"] for g in groups
        ]
        axes.errorbar(
            at, means, halves, color=colour, label=variant, marker="o", markersize=3, capsize=2, linewidth=1.4
        )
    axes.set(xscale="log", xlabel=pointer.strip("/"), title="final accuracy on the test set", ylim=(0, 1))
    axes.legend(loc="lower left", fontsize=7)


def _draw_shown(axes: Axes, result: Mapping[str, Any]) -> None:
    variants = list(result["document"]["variants"])
    width = 0.8 / len(variants)
    for i, (colour, variant) in enumerate(zip(COLOURS, variants, strict=False)):
        for place, values in enumerate(result["shown"].values()):
            found = next((each["value"] for each in values if each["variant"] == variant), None)
            if found is not None:
                half = (found["high"] or found["mean"]) - found["mean"]
                label = variant if place == 0 else None
                axes.bar(place + i * width, found["mean"], width, yerr=half, color=colour, label=label, capsize=2)
    names = [series.split(".", 1)[1] for series in result["shown"]]
    axes.set_xticks([place + 0.4 - width / 2 for place in range(len(names))], names, rotation=20, fontsize=7)
    axes.set(title=next(iter(result["shown"])).split(".")[0] + ", at the end")
    axes.legend(fontsize=7, frameon=True, framealpha=0.9)
