"""Names that tell apart what is compared."""

from typing import Any

from bnlab.terminal.apart import told_apart


def spec(rate: float, steps: int) -> dict[str, Any]:
    return {"training": {"optimizer": {"kind": "sgd", "learning_rate": rate}, "steps": steps}}


def test_names_that_differ_stay_as_they_are() -> None:
    assert told_apart(["a", "b"], [spec(1, 1), spec(2, 2)], ["x", "y"]) == ["a", "b"]


def test_those_alike_are_told_apart_by_no_more_than_it_takes() -> None:
    specs = [spec(0.1, 5), spec(0.1, 6), spec(1.0, 5), spec(9, 9)]
    labels = told_apart(["a", "a", "a", "b"], specs, list("wxyz"))
    assert labels == ["a, steps 5, learning rate 0.1", "a, steps 6", "a, steps 5, learning rate 1", "b"] or labels == [
        "a, learning rate 0.1, steps 5",
        "a, learning rate 0.1, steps 6",
        "a, learning rate 1",
        "b",
    ]


def test_documents_that_are_alike_are_told_apart_by_id_and_by_number_at_last() -> None:
    assert told_apart(["a", "a"], [spec(1, 1)] * 2, ["x", "y"]) == ["a, x", "a, y"]
    assert told_apart(["a", "a"], [None, None], ["x", "x"]) == ["a, x, 1", "a, x, 2"]
    assert told_apart(["a", "a"], [spec(1, 1), None], ["x", "y"]) == ["a, x", "a, y"]
