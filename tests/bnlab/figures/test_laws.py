"""A law's measured numbers, of invented checks."""

from typing import Any

from matplotlib.figure import Figure

from bnlab.figures.laws import draw_law, measured
from tests.support.claim_results import estimate, result


def checked(variant: str, target: float, measured: Any, kind: str = "near") -> dict[str, Any]:
    check = {"kind": kind, "variant": variant, "target": target}
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
    axes: Any = Figure().subplots()
    checks = [checked("SGD", 0.01, estimate([0.009, 0.0101])), checked("AdamW", 0.5, estimate([0.45, 0.52]))]
    draw_law([axes], result(["SGD", "AdamW"], checks=checks), {"SGD": 0, "AdamW": 1})
    assert axes.get_xlim() == axes.get_ylim()
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert axes.get_xlim()[0] < 0.009 < 0.52 < axes.get_xlim()[1]
