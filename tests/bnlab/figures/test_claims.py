"""The figures of claims, of invented results."""

from itertools import combinations
from math import inf
from pathlib import Path
from typing import Any

import pytest
from matplotlib.colors import to_hex

from bnlab.figures import claims
from bnlab.figures.claims import KINDS
from bnlab.figures.drawing import save
from bnlab.figures.style import look
from tests.support.claim_results import NEVER, RATE, STD, checked, curve, estimate, group, job_of, result, unit, verdict

WITHOUT, WITH = "without BN", "with BN"
RATES = (0.1, 1.0, 10.0)
SEEDS = range(8)


def accuracies(top: float, failing: int = 0) -> list[float | None]:
    """Of eight seeds, so many of which diverge."""
    return [None if seed < failing else top - seed / 500 for seed in SEEDS]


def whole(number: int = 2, *, failing: int = 0) -> dict[str, Any]:
    """A result that every kind of figure can be drawn of: a grid of two axes, tuned over the rate."""
    names = [WITHOUT, WITH, *(f"a variant whose name is long enough, {place}" for place in range(2, number))]
    numbers = {name: [(0.8 + 0.01 * place + seed / 500,) * 2 for seed in SEEDS] for place, name in enumerate(names)}
    points = [{STD: std, RATE: rate} for std in (0.01, 1.0) for rate in RATES]
    chosen = [{"seed": seed, "job": job_of("x", {}, seed), "at": {RATE: RATES[seed % 2]}} for seed in SEEDS]
    values = [{"seed": seed, "job": "x", "value": 0.5 + seed / 100} for seed in SEEDS]
    return result(
        names,
        groups=[group(name, point, accuracies(0.9, failing)) for name in names for point in points],
        verdicts=[verdict(name, WITHOUT, {}, numbers) for name in names[1:]],
        tuned=[
            {"variant": name, "point": {STD: std}, "over": [RATE], "by": "validation.accuracy", "chosen": chosen}
            for name in names
            for std in (0.01, 1.0)
        ],
        curves=[curve(name, {}, seed, 0.9) for name in names for seed in SEEDS],
        units=[unit(name, 1.0) for name in names[:2]],
        shown={
            "jacobian.hidden2.share_near_one": [
                {"variant": name, "point": {}, "seeds": values, "value": estimate([0.5, 0.57])} for name in names
            ]
        },
        checks=[
            checked(WITH, estimate([0.019, 0.021]), kind="near", target=0.02),
            checked("", estimate([0.001, 0.002]), kind="together", than="the best by validation"),
        ],
        document={"grid": {STD: [0.01, 1.0], RATE: list(RATES)}, "tune": {"over": [RATE]}, "learned": 0.5},
    )


def figure_of(found: dict[str, Any], kind: str) -> Any:
    return claims.figure_of(found, kind)


def texts_of(figure: Any) -> list[Any]:
    """Everything that is written in the figure."""
    figure.draw_without_rendering()
    found = [*figure.texts, *(text for legend in figure.legends for text in legend.get_texts())]
    for axes in figure.axes:
        found += [axes.title, axes.xaxis.label, axes.yaxis.label, *axes.texts]
        for axis in (axes.xaxis, axes.yaxis):
            low, high = sorted(axis.get_view_interval())
            ticks = [*axis.get_major_ticks(), *axis.get_minor_ticks()]
            found += [tick.label1 for tick in ticks if low <= tick.get_loc() <= high]
    return [text for text in found if text.get_text().strip()]


def said_in(figure: Any) -> str:
    return " ".join(text.get_text().replace("\n", " ") for text in texts_of(figure))


def dots(axes: Any, *, failed: bool | None = None) -> list[float]:
    """The heights of all dots, or of those that are hollow or not."""
    lines = [line for line in axes.get_lines() if line.get_marker() in {look(0)["marker"], look(1)["marker"]}]
    return [
        float(y)
        for line in lines
        if failed is None or failed is (to_hex(line.get_markerfacecolor()) == "#ffffff")
        for y in line.get_ydata()
    ]


@pytest.mark.parametrize(
    ("kind", "number"),
    [*((kind, 2) for kind in KINDS), *((kind, 8) for kind in KINDS if kind != "by_rate"), ("by_rate", 5)],
)
def test_nothing_that_is_written_lies_on_something_else_or_beyond_the_page(kind: str, number: int) -> None:
    figure = figure_of(whole(number, failing=2), kind)
    boxes = [(text.get_text(), text.get_window_extent().padded(-1)) for text in texts_of(figure)]
    page = figure.bbox
    beyond = [text for text, box in boxes if box.x0 < -1 or box.y0 < -1 or box.x1 > page.x1 + 1 or box.y1 > page.y1 + 1]
    assert beyond == []
    lying = [(one, other) for (one, a), (other, b) in combinations(boxes, 2) if a.overlaps(b)]
    assert lying == []


@pytest.mark.parametrize("kind", ["units", "heat"])
def test_the_same_result_gives_the_same_bytes(kind: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        save(figure_of(whole(), kind), tmp_path / f"{name}.svg")
    assert (tmp_path / "one.svg").read_bytes() == (tmp_path / "two.svg").read_bytes()


@pytest.mark.parametrize("kind", KINDS)
def test_a_result_of_nothing_is_drawn_and_says_so(kind: str) -> None:
    nothing = result([WITHOUT, WITH], shown={"test.loss": []}, document={"grid": {STD: [0.1], RATE: [1.0]}})
    said = said_in(figure_of(nothing, kind))
    assert "no seed came to an end" in said or "every seed diverged" in said


@pytest.mark.parametrize("kind", ["pairs", "curves", "by_rate", "heat"])
def test_an_experiment_of_which_every_seed_diverged_is_drawn_at_chance(kind: str) -> None:
    lost = [(0.1, 0.1)] * len(SEEDS)
    said = said_in(
        figure_of(
            result(
                [WITHOUT, WITH],
                groups=[group(name, {STD: 0.1, RATE: 1.0}, accuracies(0.1, len(SEEDS))) for name in (WITHOUT, WITH)],
                verdicts=[verdict(WITH, WITHOUT, {STD: 0.1, RATE: 1.0}, {WITH: lost, WITHOUT: lost}, outcome="open")],
                document={"grid": {STD: [0.1], RATE: [1.0]}},
            ),
            kind,
        )
    )
    assert "0 of 8 learned" in said
    assert "Hollow: did not learn." in said


def test_a_quick_result_is_marked_in_its_figure() -> None:
    assert "quick" in said_in(figure_of(whole() | {"quick": True}, "pairs"))
    assert "quick" not in said_in(figure_of(whole(), "pairs"))


def test_each_seed_is_a_dot_joined_to_its_pair_with_the_median_the_interval_and_the_outcome_beside() -> None:
    left, right = figure_of(whole(), "pairs").axes
    for axes, variants in ((left, 2), (right, 1)):
        assert len(dots(axes)) == variants * len(SEEDS)
    (joined,) = [line for line in left.get_lines() if line.get_marker() == "None" and line.get_linewidth() < 0.6]
    assert len(joined.get_xdata()) == 3 * len(SEEDS)  # with a gap behind each
    assert len(right.collections) == 1  # the interval's bar
    assert [label.get_text() for label in right.get_xminorticklabels()] == ["better"]
    assert right.get_title() == f"minus '{WITHOUT}'"


def test_steps_that_were_never_reached_are_arrows_at_the_budget_on_a_logarithmic_axis() -> None:
    numbers: dict[str, list[tuple[float, float]]] = {WITHOUT: [(10_000, inf)] * 7 + [NEVER], WITH: [(400, 440)] * 8}
    groups = [group(WITHOUT, {}, [0.8] * 7 + [None]), group(WITH, {}, [0.9] * 8)]
    fast = result(
        [WITHOUT, WITH],
        groups=groups,
        verdicts=[verdict(WITH, WITHOUT, {}, numbers, measure="ratio")],
        document={"primary": {"kind": "steps_to", "target": 0.9}},
    )
    left, right = figure_of(fast, "pairs").axes
    assert (left.get_title(), right.get_title()) == ("steps to 0.9", f"times as fast as '{WITHOUT}'")
    assert left.get_yscale() == right.get_yscale() == "log"
    assert dots(left).count(10_000) == 8
    assert len([text for text in left.texts if text.arrow_patch is not None]) == 8
    assert dots(left, failed=True) == [10_000]
    assert "7 of 8\nlearned" in [label.get_text() for label in left.get_xminorticklabels()]


@pytest.mark.filterwarnings("error")
def test_a_variant_that_diverges_is_at_the_low_end_of_the_ratios_and_not_beyond_the_page() -> None:
    numbers: dict[str, list[tuple[float, float]]] = {WITHOUT: [(400, 440)] * 8, WITH: [NEVER] * 4 + [(800, 880)] * 4}
    slow = result([WITHOUT, WITH], verdicts=[verdict(WITH, WITHOUT, {}, numbers, "worse", "ratio")])
    slow["document"]["primary"] = {"kind": "steps_to", "target": 0.9}
    figure = figure_of(slow, "pairs")
    figure.draw_without_rendering()
    low, high = figure.axes[1].get_ylim()
    assert all(low < y < high for y in dots(figure.axes[1]))
    assert len(dots(figure.axes[1])) == 8


def test_what_is_no_difference_is_a_band_on_the_axis() -> None:
    narrow = whole()
    narrow["document"]["delta"] = 0.001
    right = figure_of(narrow, "pairs").axes[1]
    (band,) = right.patches
    assert (band.get_bbox().y0, band.get_bbox().y1) == pytest.approx((-0.001, 0.001))


def test_curves_are_a_thin_line_a_seed_and_the_median_bold() -> None:
    axes = figure_of(whole(), "curves").axes[0]
    widths = [line.get_linewidth() for line in axes.get_lines() if len(line.get_xdata()) > 1]
    assert sum(width < 1 for width in widths) == 2 * len(SEEDS)
    assert sum(width > 1 for width in widths) == 2


def test_without_kept_curves_the_groups_are_drawn_as_bands() -> None:
    band = {"median": [0.1, 0.9], "least": [0.1, 0.8], "greatest": [0.1, 0.95]}
    groups = [group(name, {}, [0.9]) | {"step": [0, 100], "accuracy": band} for name in (WITHOUT, WITH)]
    axes = figure_of(result([WITHOUT, WITH], groups=groups), "curves").axes[0]
    assert len(axes.collections) == 2


LESS: tuple[dict[str, Any], ...] = ({"verdicts": []}, {})


def test_a_claim_without_verdicts_has_its_own_panels_alone() -> None:
    alone, with_verdicts = ([axes.get_title() for axes in figure_of(whole() | fields, "heat").axes] for fields in LESS)
    assert alone == with_verdicts[: len(alone)] == [WITHOUT, WITH]
    assert len(with_verdicts) == len(alone) + 2


def test_a_law_has_its_own_panels_alone() -> None:
    titles = [axes.get_title() for axes in figure_of(whole(), "law").axes]
    assert titles == ["measured against the formula", "measured, by what the formula says"]


def test_curves_at_chosen_settings_are_in_one_panel_whatever_the_settings_are() -> None:
    tuned = whole()
    tuned["tuned"] = [{"variant": WITH, "point": {}, "over": [RATE], "by": "validation.accuracy", "chosen": []}]
    tuned["curves"] = [curve(WITH, {RATE: rate}, seed, 0.9) for seed, rate in enumerate(RATES)]
    figure = figure_of(tuned, "curves")
    assert [axes.get_title() for axes in figure.axes].count("accuracy on the test set") == 1


def test_an_ensemble_has_its_members_and_what_they_gain() -> None:
    members = result(
        ["member"],
        groups=[group("member", {}, [0.9, 0.91, 0.92])],
        checks=[checked("", estimate([0.01, 0.02]), kind="together", than="the members' mean")],
    )
    left, right = figure_of(members, "ensemble").axes
    assert dots(left) == [0.9, 0.91, 0.92]
    assert dots(right) == [0.015]
    assert [label.get_text() for label in right.get_xminorticklabels()] == ["over the members' mean"]


def test_four_panels_of_series_stand_in_a_square() -> None:
    four = whole()
    (values,) = four["shown"].values()
    four["shown"] = {f"rank.hidden{layer}.rank": values for layer in range(1, 5)}
    figure = figure_of(four, "series")
    assert [axes.get_subplotspec().get_geometry()[:2] for axes in figure.axes[:4]] == [(2, 2)] * 4
