"""What is said of datasets in a terminal."""

from typing import Any

from rich.console import Console

from bnlab.terminal.datasets import MOST_CLASSES, classes_of, facts_of, table_of

OWN: dict[str, Any] = {
    "name": "own",
    "description": "Uploaded: a table of numbers",
    "created": "2026-11-27T12:00:00Z",
    "shape": [12],
    "dtype": "float32",
    "classes": [{"name": f"class\x1b {i}", "train": 1000, "test": None} for i in range(MOST_CLASSES + 2)],
    "train": 22_000,
    "test": 100,
    "mean": [0.123456] * 12,
    "sd": None,
    "warnings": ["feature 3 is constant"],
    "sha256": "0a1b",
    "bytes": 123_000,
    "available": False,
}


def printed(table: Any) -> str:
    console = Console(width=100)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def test_everything_that_is_known_is_said_and_nothing_that_is_not() -> None:
    said = printed(facts_of(OWN))
    for words in (
        *("12 features, float32", "22,000 to train, 100 to test, in 22 classes", "123.0 kB", "0a1b"),
        *("0.1235, 0.1235, 0.1235, 0.1235, 0.1235 and 7 more", "bnlab data fetch own", "feature 3 is constant"),
    ):
        assert words in said
    assert "sd" not in said


def test_of_very_many_classes_the_first_are_shown_as_text() -> None:
    lines = printed(classes_of(OWN)).splitlines()
    assert len(lines) == 1 + MOST_CLASSES + 1
    assert lines[1].split() == ["class\\x1b", "0", "1,000", "-"]
    assert lines[-1].split() == ["and", "2", "more"]


def test_a_list_has_a_line_for_each() -> None:
    row = OWN | {"classes": 22}
    assert [line.split()[0] for line in printed(table_of([row, row | {"name": "other"}])).splitlines()] == [
        "name", "own", "other"
    ]  # fmt: skip
