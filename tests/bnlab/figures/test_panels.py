"""The figure of `bnlab compare`, of invented numbers."""

from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from bnlab.figures.columns import Column, Dot
from bnlab.figures.curves import Curve, Unit
from bnlab.figures.drawing import save
from bnlab.figures.panels import Panel, panels_of
from bnlab.figures.style import look

STEPS = [0, 50, 100]


def curves(top: float) -> list[Curve]:
    return [Curve(STEPS, [0.1, top / 2, top - seed / 100]) for seed in range(3)]


def unit(label: str, name: str = "hidden3, unit 50") -> Unit:
    return Unit(label, name, STEPS, {"p15": [0.0, 0.1, 0.2], "p50": [0.5, 0.6, 0.7], "p85": [1.0, 1.1, 1.2]})


def figure_of(labels: list[str], **changed: list[Curve]) -> Any:
    of = {label: changed.get(label, curves(0.9)) for label in labels}
    panels = [Panel("test.accuracy", list(of.values())), Panel("test.loss", list(of.values()))]
    return panels_of(labels, panels, [unit(label) if of[label] else None for label in labels])


def titles(figure: Any) -> list[str]:
    return [axes.get_title().replace("\n", " ") for axes in figure.axes]


def legend_of(figure: Any) -> list[str]:
    return [text.get_text().replace("\n", " ") for legend in figure.legends for text in legend.get_texts()]


def test_a_panel_is_called_by_what_was_measured_and_on_which_part_of_the_data() -> None:
    names = ("train.gradient_norm", "validation.loss", "rank.hidden3.rank")
    found = titles(panels_of(["one"], [Panel(name, [curves(0.9)]) for name in names], [None]))
    assert found == ["gradient norm in training", "loss on the validation part", "rank.hidden3.rank"]


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5, 6])
def test_each_thing_has_a_look_a_name_in_the_legend_and_a_panel_for_its_unit(number: int) -> None:
    labels = [f"variant {place}" for place in range(number)]
    figure = figure_of(labels)
    assert titles(figure) == ["accuracy on the test set", "loss on the test set", *labels]
    assert legend_of(figure) == labels
    bold = [line.get_color() for line in figure.axes[0].get_lines() if line.get_linewidth() > 1]
    assert bold == [look(place)["color"] for place in range(number)]
    for place, axes in enumerate(figure.axes[2:]):
        assert {line.get_color() for line in axes.get_lines()} == {look(place)["color"]}
        assert [text.get_text() for text in axes.texts] == ["15th", "50th", "85th"]


def test_long_names_are_drawn_within_the_page_and_over_nothing() -> None:
    labels = [f"{number}: a network whose name tells all of its options, and they are many" for number in range(6)]
    figure = figure_of(labels)
    figure.draw_without_rendering()
    boxes = [axes.get_tightbbox() for axes in figure.axes] + [legend.get_window_extent() for legend in figure.legends]
    page = figure.bbox
    for box in boxes:
        assert page.x0 <= box.x0 < box.x1 <= page.x1 + 1
        assert page.y0 <= box.y0 < box.y1 <= page.y1 + 1
    assert not any(one.overlaps(other) for one, other in combinations(boxes, 2))


def test_what_has_no_curve_is_in_no_legend_but_in_the_note() -> None:
    figure = figure_of(["one", "two", "waits"], waits=[])
    assert legend_of(figure) == ["one", "two"]
    assert "waits" not in titles(figure)
    assert "No curve: waits." in figure.texts[0].get_text()


def test_nothing_recorded_at_all_is_said_in_each_panel() -> None:
    figure = figure_of(["waits"], waits=[])
    assert [axes.texts[0].get_text() for axes in figure.axes] == ["not recorded", "not recorded"]
    assert legend_of(figure) == []


def test_a_single_evaluation_and_a_run_that_diverged_are_drawn(tmp_path: Path) -> None:
    at_once, later = [Curve([0], [0.1])], [Curve(STEPS, [0.1, None, None])]
    figure = figure_of(["at once", "later", "never"], **{"at once": at_once, "later": later, "never": []})
    assert legend_of(figure) == ["at once", "later"]
    assert "A cross: what follows is not finite." in figure.texts[0].get_text()
    for suffix in ("svg", "png", "pdf"):
        save(figure, tmp_path / f"figure.{suffix}")


def test_a_unit_that_was_seen_once_has_no_panel_and_of_two_layers_each_has_its_scale() -> None:
    once = Unit("once", "hidden3, unit 50", [0], {"p15": [0.0], "p50": [0.5], "p85": [1.0]})
    panels = [Panel("test.loss", [curves(0.9)] * 3)]
    figure = panels_of(["once", "a", "b"], panels, [once, unit("a"), unit("b", "hidden1, unit 7")])
    assert titles(figure) == ["loss on the test set", "a", "b"]
    assert [axes.get_ylabel() for axes in figure.axes[1:]] == [
        "input of\nhidden3, unit 50",
        "input of\nhidden1, unit 7",
    ]


def test_a_positive_series_over_decades_is_logarithmic_and_an_accuracy_never() -> None:
    wide = [Curve(STEPS, [2.3, 0.3, 0.002])]
    panels = [Panel("train.loss", [wide]), Panel("train.accuracy", [[Curve(STEPS, [0.01, 0.5, 0.9])]])]
    loss, accuracy = panels_of(["one"], panels, [None]).axes
    assert (loss.get_yscale(), accuracy.get_yscale()) == ("log", "linear")
    assert accuracy.get_ylim() == (0, 1)


def test_joined_steps_and_seeds_are_explained() -> None:
    joined = [Curve(STEPS, [0.5] * 3, [0.4] * 3, [0.6] * 3)] * 2
    text = figure_of(["one"], one=joined).texts[0].get_text().replace("\n", " ")
    assert "Thin: a seed each; bold: their median." in text
    assert "band from the least to the greatest" in text
    assert "They are of the first seed." in text


def test_what_each_seed_of_a_group_ended_at_is_a_dot_below_its_curves() -> None:
    ends = [
        Column(label, (), tuple(Dot(seed, 0.5 + seed / 10, 0.5 + seed / 10) for seed in range(3))) for label in "ab"
    ]
    figure: Any = panels_of(["a", "b"], [Panel("test.accuracy", [curves(0.9)] * 2, ends)], [unit("a"), unit("b")])
    assert titles(figure) == ["accuracy on the test set", "accuracy on the test set, at the end", "a", "b"]
    dotted = [
        line for line in figure.axes[1].get_lines() if line.get_marker() in (look(0)["marker"], look(1)["marker"])
    ]
    assert [list(line.get_ydata()) for line in dotted] == [[0.5, 0.6, 0.7]] * 2
    assert "A dot is a seed's last value" in figure.texts[0].get_text()


def test_one_seed_each_has_no_dots() -> None:
    ends = [Column("a", (), (Dot(0, 0.5, 0.5),))]
    figure = panels_of(["a"], [Panel("test.accuracy", [curves(0.9)[:1]], ends)], [None])
    assert titles(figure) == ["accuracy on the test set"]
