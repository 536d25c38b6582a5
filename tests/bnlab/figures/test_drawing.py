"""Figures of invented numbers."""

from pathlib import Path

import pytest

from bnlab.figures.curves import Line, Unit
from bnlab.figures.drawing import figure_1, save

LABELS = {"without BN": 0.7, "with BN": 0.9}


def lines() -> list[Line]:
    steps, low, high = [0, 500, 1000], [0.1, 0.7, None], [0.1, 0.9, None]
    return [Line(label, steps, [0.1, top - 0.1, top], low, high) for label, top in LABELS.items()]


def units() -> list[Unit]:
    steps, found = range(0, 1001, 100), []
    for drift, label in zip((1 / 100, 0), LABELS, strict=True):
        percentiles = {f"p{p}": [p / 50 + drift * step for step in steps] for p in (15, 50, 85)}
        found.append(Unit(label, "hidden3, unit 50", steps, percentiles))
    return found


@pytest.mark.parametrize("suffix", ["png", "svg", "pdf"])
def test_the_same_figure_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    paths = [tmp_path / f"{name}.{suffix}" for name in ("one", "two")]
    for path in paths:
        save(figure_1(lines(), units()), path)
    one, two = (path.read_bytes() for path in paths)
    assert one == two
    assert len(one) > 10_000
    assert one.startswith({"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[suffix])
    save(figure_1(lines()[::-1], units()[::-1]), paths[1])
    assert paths[1].read_bytes() != one


def test_the_figure_says_which_curve_is_which_in_text_that_can_be_searched(tmp_path: Path) -> None:
    save(figure_1(lines(), units()), tmp_path / "figure.svg")
    text = (tmp_path / "figure.svg").read_text()
    for label in ("with BN", "without BN", "(b) without BN: input of hidden3, unit 50", "15th", "50th", "85th"):
        assert f">{label}</text>" in text


def test_both_units_are_drawn_on_one_scale() -> None:
    axes = figure_1(lines(), units()).axes
    assert axes[1].get_ylim() == axes[2].get_ylim()
    assert axes[0].get_ylim() == (0, 1)


def test_a_figure_without_units_has_the_accuracy_alone() -> None:
    (axes,) = figure_1(lines(), []).axes
    assert axes.get_title() == "(a) accuracy on the test set"
