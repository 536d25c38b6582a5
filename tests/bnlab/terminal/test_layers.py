from typing import Any

import pytest
from rich.console import Console

from bnlab.terminal.layers import tables_of


def _said(first: float | None, last: float | None, least: float, greatest: float, nonfinite: int = 0) -> dict[str, Any]:
    ends = {"first": (1, first), "last": (90, last), "min": (30, least), "max": (60, greatest)}
    points = {end: {"step": step, "value": value} for end, (step, value) in ends.items()}
    return {"count": 90, "nonfinite": nonfinite, **points}


WIDE = 10_000

SUMMARY = {
    "block.0.std": _said(1, 2, 0.01, 3),
    "block.0.saturated": _said(0, 0.25, 0, 0.5),
    "block.0.gradient_norm": _said(0.1, 0.2, 0.1, 0.2),
    "block.0.update_ratio": _said(1e-3, 2e-3, 1e-3, 0.5),
    "block.0.p15": _said(-1, -1, -9, 2),
    "output.gradient_norm": _said(0.1, None, 0.1, 0.2, nonfinite=3),
    "output.update_ratio": _said(0, 0, 0, 0.02),
}


def _printed(summary: dict[str, Any], width: int) -> list[list[list[str]]]:
    """The words of each line of each table."""
    console = Console(width=10_000)
    found = []
    for table in tables_of(summary, width):
        with console.capture() as capture:
            console.print(table)
        found.append([line.split() for line in capture.get().splitlines()])
    return found


def test_a_row_a_layer_has_each_measure_at_first_at_last_and_at_its_worst_with_the_step() -> None:
    (table,) = _printed(SUMMARY, WIDE)
    assert table[0] == ["sd", "saturated", "gradient", "update", "p15"]
    assert table[1] == ["layer", *["first", "last", "worst", "at"] * 5]
    block = ["block.0", "1", "2", "0.01", "30", "0", "%", "25", "%", "50", "%", "60", "0.1", "0.2", "0.1", "30"]
    assert table[2] == [*block, "0.001", "0.002", "0.5", "60", "-1", "-1", "-9", "30"]


def test_what_a_layer_does_not_have_is_a_dash_and_what_is_not_finite_is_its_worst() -> None:
    (table,) = _printed(SUMMARY, WIDE)
    output = ["output", *["-"] * 8, "0.1", "NaN/inf", "NaN/inf", "0", "0", "0", "30", *["-"] * 4]
    assert table[3] == output


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_as_many_tables_as_it_takes_are_no_wider_than_the_terminal(width: int) -> None:
    console = Console(width=10_000)
    tables = list(tables_of(SUMMARY, width))
    assert all(console.measure(table).maximum <= width for table in tables)
    heads = [words[0] for words in _printed(SUMMARY, width)]
    assert [name for head in heads for name in head] == ["sd", "saturated", "gradient", "update", "p15"]


def test_of_a_job_that_has_recorded_nothing_there_is_no_table() -> None:
    assert list(tables_of({}, 80)) == []


def test_names_of_layers_reach_no_terminal_as_they_are() -> None:
    (table,) = _printed({"\x1b[31m[b]x.std": _said(1, 1, 1, 1)}, WIDE)
    assert table[2][0] == "\\x1b[31m[b]x"
