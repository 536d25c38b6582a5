from dataclasses import replace

import pytest

from jobs.datasets.judging.found import Found

FOUND = Found(
    shape=(3, 8, 9),
    dtype="uint8",
    classes=("Käfer", "mouse"),
    train_counts=(5, 6),
    test_counts=(0, 2),
    mean=(0.1, 1 / 3, 255.0),
    sd=(0.0, 1e-300, 2.0),
    warnings=("no test example is of class 'Käfer'",),
    source_format="folders",
)
FEATURES = replace(FOUND, shape=(2,), dtype="float32", mean=(1.0, 2.0), sd=(1.0, 2.0), source_format="csv")


@pytest.mark.parametrize("found", [FOUND, FEATURES])
def test_what_was_found_goes_through_json_and_comes_back_the_same(found: Found) -> None:
    assert Found.of_json(found.to_json()) == found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"shape": (3, 8)}, "the shape is that of images or of features"),
        ({"shape": (2, 8, 9), "mean": (1.0, 1.0), "sd": (1.0, 1.0)}, "the shape is that of images"),
        ({"shape": (3, 0, 9)}, "the shape is that of images"),
        ({"dtype": "float32"}, "the shape is that of images"),
        ({"classes": ("a",), "train_counts": (1,), "test_counts": (1,)}, "there are two classes or more"),
        ({"classes": ("a", "a")}, "a name of its own"),
        ({"classes": ("a", "")}, "a name of its own"),
        ({"train_counts": (5,)}, "each class has its numbers"),
        ({"train_counts": (5, 0)}, "each class has a training example"),
        ({"test_counts": (0, 0)}, "there is a test example"),
        ({"train_counts": (9_999_999, 9_999_999)}, "not too much is decoded"),
        ({"mean": (0.1,)}, "its mean and sd"),
    ],
)
def test_facts_that_contradict_each_other_are_refused(change: dict[str, object], told: str) -> None:
    with pytest.raises(ValueError, match=told):
        Found.of_json(replace(FOUND, **change).to_json())  # type: ignore[arg-type]  # that is what is tried


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "{}",
        FOUND.to_json().replace("[5, 6]", "[5, -6]"),
        FOUND.to_json().replace("[5, 6]", "[5, 6.5]"),
        FOUND.to_json().replace("255.0", "NaN"),
        FOUND.to_json().replace("255.0", "1e999"),
        FOUND.to_json().replace('"folders"', '"exe"'),
    ],
)
def test_what_is_nothing_of_the_kind_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"what is found in a dataset|mean and sd are finite"):
        Found.of_json(text)
