"""What was found in a dataset, and what is wrong with one, as text for a terminal."""

from jobs.datasets.judging.found import Found
from jobs.errors import DatasetRefused, readable
from jobs.sentences import listed

MOST_CLASSES = 20
MOST_NUMBERS = 5


def as_text(found: Found) -> str:
    """The facts, a line each, the classes among them with the numbers of their training and test examples.

    >>> print(as_text(Found((2,), "float32", ("cat", "dog"), (8, 9), (2, 1), (0.5, 1), (1, 2), ("few cats",), "csv")))
    2 features (float32) of a csv file
    2 classes, with 17 examples to train and 3 to test:
      cat: 8 and 2
      dog: 9 and 1
    mean: 0.5, 1
    sd: 1, 2
    warning: few cats
    """
    form = "images of {} x {} x {}" if found.dtype == "uint8" else "{} features"
    counts = list(zip(found.classes, found.train_counts, found.test_counts, strict=True))
    more = len(counts) - MOST_CLASSES
    lines = [
        f"{form.format(*found.shape)} ({found.dtype}) of a {found.source_format} file",
        f"{len(counts):,} classes, with {sum(found.train_counts):,} examples to train and "
        f"{sum(found.test_counts):,} to test:",
        *(f"  {name}: {train:,} and {test:,}" for name, train, test in counts[:MOST_CLASSES]),
        *([f"  and {more:,} classes more"] if more > 0 else []),
        f"mean: {_numbers(found.mean)}",
        f"sd: {_numbers(found.sd)}",
        *(f"warning: {warning}" for warning in found.warnings),
    ]
    return "\n".join(map(readable, lines))


def faults_as_text(refused: DatasetRefused) -> str:
    """A line for each fault."""
    told = (f"{each.member}: {each.message}" if each.member else each.message for each in refused.faults)
    return "\n".join(map(readable, told))


def _numbers(values: tuple[float, ...]) -> str:
    return listed([f"{value:g}" for value in values], MOST_NUMBERS)
