"""What figures are made of."""

from typing import Any

import pytest
from matplotlib.figure import Figure

from bnlab.figures.curves import Curve
from bnlab.figures.marks import draw_curves, log_scale, name_curves, same_scale, spread, titled


def axes_of(values: list[float]) -> Any:
    axes: Any = Figure().subplots()
    axes.plot(values)
    return axes


@pytest.mark.parametrize(("low", "high"), [(0.05, 2.5), (0.01, 2000), (2.0, 50), (17.0, 19.0), (0.3, 1e12)])
def test_a_logarithmic_axis_has_some_ticks_and_they_are_plain_numbers(low: float, high: float) -> None:
    axes = axes_of([low, high])
    log_scale(axes, "y")
    ticks = [tick for tick in axes.get_yticks() if low <= tick <= high]
    assert 2 <= len(ticks) <= 8
    texts = axes.yaxis.get_major_formatter().format_ticks(ticks)
    assert [float(text.replace(",", "")) for text in texts] == pytest.approx(ticks)
    assert all("$" not in text and "+" not in text for text in texts)


def test_seeds_are_thin_lines_and_their_median_a_bold_one() -> None:
    axes: Any = Figure().subplots()
    draw_curves(axes, [Curve([0, 1], [0.0, top]) for top in (1.0, 2.0, 9.0)], 0)
    *thin, bold = axes.get_lines()
    assert [list(line.get_xydata())[-1][1] for line in thin] == [1.0, 2.0, 9.0]
    assert list(bold.get_xydata())[-1][1] == 2.0
    assert bold.get_linewidth() > 2 * max(line.get_linewidth() for line in thin)


def test_one_job_is_one_line_in_a_band_where_its_steps_are_joined() -> None:
    axes: Any = Figure().subplots()
    draw_curves(axes, [Curve([0, 1], [0.5, 0.6], [0.4, 0.5], [0.9, 0.8])], 0)
    assert len(axes.get_lines()) == len(axes.collections) == 1


def test_a_curve_that_ends_in_what_is_not_finite_ends_in_a_cross() -> None:
    axes: Any = Figure().subplots()
    draw_curves(axes, [Curve([0, 1, 2], [0.5, 7.0, None])], 0)
    assert [(*line.get_xdata(), *line.get_ydata()) for line in axes.get_lines() if line.get_marker() == "x"] == [
        (1, 7.0)
    ]


def test_panels_share_a_scale_but_for_one_that_would_flatten_the_others() -> None:
    panels = [axes_of(values) for values in ([0.0, 1.0], [-2.0, 3.0], [0.0, 1e9])]
    same_scale(panels)
    assert panels[0].get_ylim() == panels[1].get_ylim()
    assert panels[2].get_ylim()[1] > 1e8 > panels[0].get_ylim()[1]


def test_names_beside_each_other_do_not_overlap() -> None:
    apart = spread([0.5, 0.51, 0.49], 0.1)
    assert apart[2] < apart[0] < apart[1]
    assert apart[0] == 0.5
    assert min(apart[1] - apart[0], apart[0] - apart[2]) >= 0.1 - 1e-12


@pytest.mark.parametrize("text", ["a " * 200, "a" * 500, "with BN", ""])
def test_a_title_stays_within_its_width(text: str) -> None:
    lines = titled(text, 2.0).split("\n")
    assert len(lines) <= 3
    assert max(map(len, lines)) <= 30


def test_a_legend_lies_below_all_axes_and_shows_names_as_they_are() -> None:
    figure = Figure(figsize=(7, 3), layout="constrained")
    axes: Any = figure.subplots()
    names = {0: "_with $x_{1}$", 1: "no $ sign", 2: "a very long name of a variant " * 4}
    name_curves(figure, names, ["A note."])
    figure.draw_without_rendering()
    (legend,) = figure.legends
    assert [text.get_text().replace("\n", " ") for text in legend.get_texts()][:2] == list(names.values())[:2]
    assert legend.get_window_extent().y1 < axes.get_tightbbox().y0
    assert figure.texts[0].get_window_extent().y1 <= legend.get_window_extent().y0
    assert legend.get_window_extent().width < figure.bbox.width
