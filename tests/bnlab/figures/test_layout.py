"""Panels that belong together stand together, in rows of a figure that is as high as they are many."""

from collections.abc import Sequence

import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bnlab.figures.layout import Part, axes_in, draw_rows, packed, rows


@pytest.mark.parametrize(("panels", "columns", "expected"), [(1, 3, 1), (3, 3, 1), (4, 3, 2), (7, 3, 3)])
def test_rows_are_begun_when_one_is_full(panels: int, columns: int, expected: int) -> None:
    assert rows(panels, columns) == expected
    assert len(axes_in(Figure(), panels, columns)) == panels


def test_what_does_not_fit_beside_the_last_part_stands_below_it() -> None:
    parts = [Part(panels, lambda _: None) for panels in (2, 1, 1, 4)]
    assert [[part.panels for part in line] for line in packed(parts, 3)] == [[2, 1], [1], [4]]


def test_each_part_draws_its_own_panels_and_the_figure_grows_with_the_rows() -> None:
    drawn: list[list[Axes]] = []

    def draw(axes: Sequence[Axes]) -> None:
        drawn.append([*axes])

    figure = Figure(figsize=(6, 1))
    draw_rows(figure, [[Part(1, draw), Part(2, draw)], [Part(4, draw)]], columns=3, height=2.0)
    assert [len(axes) for axes in drawn] == [1, 2, 4]
    assert {id(axes) for each in drawn for axes in each} == {id(axes) for axes in figure.axes}
    assert figure.get_size_inches().tolist() == [6, 6]  # one row of three, and four as two rows of two
