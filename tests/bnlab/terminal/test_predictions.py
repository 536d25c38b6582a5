"""What a network says of inputs, as a terminal shows it."""

from typing import Any

from rich.console import Console

from bnlab.terminal.predictions import table_of

CLASSES = ["cat", "dog\x1b[2J", "[b]cow"]


def shown(*rows: list[float | None]) -> list[list[str]]:
    found: dict[str, Any] = {"classes": CLASSES, "probabilities": rows}
    console = Console(width=100)
    with console.capture() as captured:
        console.print(table_of(found))
    return [line.split() for line in captured.get().splitlines()]


def test_of_one_input_every_class_has_a_row() -> None:
    assert shown([0.25, 0.0625, 0.6875]) == [
        ["class", "probability"],
        ["[b]cow", "0.6875"],
        ["cat", "0.2500"],
        ["dog\\x1b[2J", "0.0625"],
    ]


def test_of_several_inputs_each_has_a_row_with_what_comes_next() -> None:
    assert shown([0.25, 0.0, 0.75], [1.0, 0.0, 0.0]) == [
        ["input", "class", "probability", "then"],
        ["0", "[b]cow", "0.7500", "cat", "0.2500,", "dog\\x1b[2J", "0.0000"],
        ["1", "cat", "1.0000", "dog\\x1b[2J", "0.0000,", "[b]cow", "0.0000"],
    ]


def test_what_a_network_says_that_diverged_is_not_finite() -> None:
    assert shown([None, None, None])[1] == ["cat", "not", "finite"]
