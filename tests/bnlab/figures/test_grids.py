"""Accuracies over a grid, of invented results."""

from typing import Any

import pytest
from matplotlib.figure import Figure

from bnlab.figures.grids import axes_of, draw_by_rate, draw_heat, views
from tests.support.claim_results import RATE, STD, group, job_of, result

DROPOUT = "/architecture/layers/2/rate"
NAMES = ("without BN", "with BN")


def chosen(variant: str, point: dict[str, Any], at: dict[str, Any], seeds: int = 4) -> dict[str, Any]:
    """The seeds of a variant that all have one setting."""
    each = [{"seed": seed, "job": job_of(variant, point | at, seed), "at": at} for seed in range(seeds)]
    return {"variant": variant, "point": point, "over": list(at), "by": "validation.accuracy", "chosen": each}


def panels(number: int) -> list[Any]:
    return list(Figure().subplots(1, number, squeeze=False).flat)


def marks(axes: Any, marker: str) -> list[Any]:
    return [line for line in axes.get_lines() if line.get_marker() == marker]


def test_the_axis_of_the_question_is_drawn_first_then_those_that_are_tuned_over() -> None:
    document = {"grid": {RATE: [1], STD: [1], DROPOUT: [0]}, "tune": {"over": RATE}}
    assert axes_of(result(NAMES, document=document)) == [RATE, STD, DROPOUT]
    document["primary"] = {"kind": "range", "over": STD}
    assert axes_of(result(NAMES, document=document)) == [STD, RATE, DROPOUT]


def test_a_seed_that_did_not_learn_is_hollow_and_the_medians_are_joined() -> None:
    rates = (0.1, 1.0, 10.0)
    groups = [group(name, {RATE: rate}, [0.9, 0.92, None]) for name in NAMES for rate in rates]
    (axes,) = panels(1)
    draw_by_rate([axes], result(NAMES, groups=groups, document={"grid": {RATE: list(rates)}}))
    hollow = [line for line in axes.get_lines() if line.get_markerfacecolor() == "white"]
    assert [list(line.get_ydata()) for line in hollow] == [[0.1]] * 6
    joined = [line for line in axes.get_lines() if len(line.get_xdata()) == 3]
    assert [list(line.get_ydata()) for line in joined] == [[0.9] * 3] * 2
    assert axes.get_xscale() == "log"
    assert [label.get_text() for label in axes.get_xticklabels()] == ["0.1", "1", "10"]


def test_a_triangle_marks_each_chosen_setting_and_is_larger_where_more_seeds_have_it() -> None:
    groups = [group(name, {RATE: rate}, [0.9] * 4) for name in NAMES for rate in (0.1, 1.0)]
    first, second = chosen(NAMES[0], {}, {RATE: 0.1}, 3), chosen(NAMES[0], {}, {RATE: 1.0}, 1)
    tuned = [first | {"chosen": first["chosen"] + second["chosen"]}]
    (axes,) = panels(1)
    draw_by_rate([axes], result(NAMES, groups=groups, tuned=tuned, document={"grid": {RATE: [0.1, 1.0]}}))
    small, large = sorted(marks(axes, "^"), key=lambda line: float(line.get_markersize()))
    assert float(small.get_xdata()[0]) == pytest.approx(1.0, rel=0.3)
    assert float(large.get_xdata()[0]) == pytest.approx(0.1, rel=0.3)
    assert large.get_markersize() > small.get_markersize()


def test_along_an_axis_that_is_not_tuned_each_seed_is_drawn_at_its_chosen_setting() -> None:
    points = [{DROPOUT: rate, RATE: eta} for rate in (0.0, 0.5) for eta in (0.1, 1.0)]
    groups = [group("BN", point, [0.5 + point[RATE] / 10] * 4) for point in points]
    tuned = [chosen("BN", {DROPOUT: rate}, {RATE: 1.0}) for rate in (0.0, 0.5)]
    document = {"grid": {DROPOUT: [0.0, 0.5], RATE: [0.1, 1.0]}, "primary": {"kind": "gain", "over": DROPOUT}}
    found = result(["BN"], groups=groups, tuned=tuned, document=document)
    (view,) = views(found)
    assert view.rest == ()
    (axes,) = panels(1)
    draw_by_rate([axes], found)
    assert {float(y) for line in axes.get_lines() for y in line.get_ydata()} == {0.6}


def test_many_variants_have_a_panel_each() -> None:
    names = [f"variant {number}" for number in range(8)]
    groups = [group(name, {RATE: rate}, [0.9]) for name in names for rate in (0.1, 1.0)]
    assert [view.variants for view in views(result(names, groups=groups, document={"grid": {RATE: [0.1, 1.0]}}))] == [
        (name,) for name in names
    ]


def test_a_map_has_each_cells_median_how_many_learned_and_a_frame_around_the_chosen_one() -> None:
    groups = [
        group(name, {STD: std, RATE: rate}, [0.9, 0.91, None if std < 0.1 else 0.92])
        for name in NAMES
        for std in (0.01, 1.0)
        for rate in (0.1, 1.0)
    ]
    tuned = [chosen(name, {STD: std}, {RATE: 1.0}) for name in NAMES for std in (0.01, 1.0)]
    document = {"grid": {STD: [0.01, 1.0], RATE: [0.1, 1.0]}, "primary": {"kind": "range", "over": STD}}
    both = panels(2)
    draw_heat(both, result(NAMES, groups=groups, tuned=tuned, document=document))
    for axes, name in zip(both, NAMES, strict=True):
        assert axes.get_title() == name
        assert sorted(text.get_text() for text in axes.texts) == ["0.90\n2/3", "0.90\n2/3", "0.91", "0.91"]
        frames = [patch.get_xy() for patch in axes.patches if not patch.get_fill()]
        assert frames == [(-0.46, 0.54), (0.54, 0.54)]
        assert (axes.get_xlabel(), axes.get_ylabel()) == ("initialization sd", "learning rate")


@pytest.mark.parametrize("values", [["sgd", "adam"], [0.0, 0.25, 0.5]])
def test_an_axis_of_names_or_with_zero_is_not_logarithmic(values: list[Any]) -> None:
    groups = [group("BN", {DROPOUT: value}, [0.9]) for value in values]
    (axes,) = panels(1)
    draw_by_rate([axes], result(["BN"], groups=groups, document={"grid": {DROPOUT: values}}))
    assert axes.get_xscale() == "linear"
    assert [label.get_text() for label in axes.get_xticklabels()] == [
        f"{value:g}" if value != "sgd" and value != "adam" else value for value in values
    ]
