"""A law's measured numbers, of invented checks."""

from typing import Any

from matplotlib.figure import Figure

from bnlab.figures.laws import by_formula, draw_law, measured
from tests.support.claim_results import estimate, result, verdict


def checked(variant: str, target: float, measured: Any, kind: str = "near") -> dict[str, Any]:
    check = {"kind": kind, "variant": variant, "target": target, "share": 0.05}
    return {"check": check, "point": {}, "measured": measured, "outcome": "upheld"}


def test_only_the_checks_of_a_law_that_measured_something_are_drawn() -> None:
    checks = [
        checked("SGD", 0.02, estimate([0.019, 0.021])),
        checked("SGD", 0.02, None),
        checked("SGD", 0.5, estimate([0.4, 0.6]), kind="above"),
        checked("AdamW", 0.01, estimate([float("inf")])),
    ]
    found = measured(result(["SGD", "AdamW"], checks=checks))
    assert [(each.variant, each.formula) for each in found] == [("SGD", 0.02)]


def test_both_axes_are_the_same_and_logarithmic_so_that_the_formula_is_their_diagonal() -> None:
    axes: Any
    axes, right = Figure().subplots(1, 2)
    checks = [checked("SGD", 0.01, estimate([0.009, 0.0101])), checked("AdamW", 0.5, estimate([0.45, 0.52]))]
    draw_law([axes, right], result(["SGD", "AdamW"], checks=checks), {"SGD": 0, "AdamW": 1})
    assert axes.get_xlim() == axes.get_ylim()
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert axes.get_xlim()[0] < 0.009 < 0.52 < axes.get_xlim()[1]


def test_each_seed_has_its_number_by_the_formulas_in_a_band_of_what_is_near_enough() -> None:
    left, right = Figure().subplots(1, 2)
    numbers = {"SGD": [(0.03, 0.03)] * 2, "AdamW": [(0.02, 0.02), (0.021, 0.021)]}
    said = [verdict("AdamW", "SGD", {}, numbers)]
    found = result(["SGD", "AdamW"], checks=[checked("AdamW", 0.02, estimate([0.02, 0.021]))], verdicts=said)
    (column,) = by_formula(found, measured(found))
    assert [(dot.low, dot.high) for dot in column.dots] == [(1.0, 1.0), (1.05, 1.05)]
    assert column.estimate is not None
    assert (column.estimate.low, column.estimate.high) == (1.0, 1.05)
    draw_law([left, right], found, {"SGD": 0, "AdamW": 1})
    (band,) = right.patches
    assert band.get_extents().ymin < band.get_extents().ymax
    assert right.get_ylim()[0] < 0.95 < 1.05 < right.get_ylim()[1]


def test_where_nothing_was_measured_both_panels_say_so() -> None:
    panels = Figure().subplots(1, 2)
    draw_law(panels, result(["SGD"], checks=[checked("SGD", 0.02, None)]), {"SGD": 0})
    assert [text.get_text() for axes in panels for text in axes.texts] == ["no seed came to an end"] * 2
