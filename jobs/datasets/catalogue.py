"""The datasets there are, as plain values; it needs neither numpy nor torch, so that jobs are checked without them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from jobs.datasets.files import FILES, File, manifest_sha256
from jobs.errors import NotFound

DIGITS = tuple("0123456789")


@dataclass(frozen=True)
class Dataset:
    """The facts of a dataset that a job needs before any of it is read.

    Those that a row of an earlier release has may lack what has a default here.
    """

    name: str
    shape: tuple[int, ...]
    """Of one example: channels, height, width of an image of bytes, or [F] for so many float32 features."""
    classes: int
    train: int
    """The number of training examples."""
    test: int
    """The number of test examples."""
    sha256: str = ""
    """Of its files, or arrays where it has none, as `jobs.datasets.files.manifest_sha256` has it."""
    counts: tuple[int, ...] = ()
    """How many training examples each class has."""
    kept: str = ""
    """Of an uploaded one, what its files are kept under; the others are known by their names."""
    files: tuple[File, ...] = ()
    """Of an uploaded one, the arrays that it is kept as."""

    @classmethod
    def of(cls, facts: Mapping[str, Any]) -> Self:
        """The dataset of these facts, as JSON has them.

        >>> Dataset.of({"name": "a", "shape": [4], "classes": 3, "train": 120, "test": 30}).shape
        (4,)
        """
        sequences = {name: tuple(facts[name]) for name in ("shape", "counts") if name in facts}
        files = tuple(File(**file) for file in facts.get("files", ()))
        return cls(**{**facts, **sequences, "files": files})

    @property
    def has_images(self) -> bool:
        """Whether an example is an image of bytes; else it is a row of float32 features."""
        return len(self.shape) > 1


@dataclass(frozen=True)
class Entry:
    """A dataset of the catalogue, and what a client needs to know of it."""

    dataset: Dataset
    description: str
    fetched: bool
    """Whether its files must first be put into the data folder; else it is made when it is loaded."""
    labels: tuple[str, ...] = DIGITS
    """What its classes are called."""


def _of_files(name: str, shape: tuple[int, int, int], counts: tuple[int, ...], test: int) -> Dataset:
    return Dataset(name, shape, len(counts), sum(counts), test, manifest_sha256(FILES[name]), counts)


CATALOGUE: dict[str, Entry] = {
    entry.dataset.name: entry
    for entry in (
        Entry(
            _of_files("mnist", (1, 28, 28), (5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949), 10_000),
            "Handwritten digits, of LeCun, Cortes and Burges",
            fetched=True,
        ),
        Entry(
            _of_files("fashion_mnist", (1, 28, 28), (6000,) * 10, 10_000),
            "Zalando's articles of clothing, in MNIST's form",
            fetched=True,
            labels=(
                *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
                *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
            ),
        ),
        Entry(
            _of_files("cifar10", (3, 32, 32), (5000,) * 10, 10_000),
            "Colour photographs, of Krizhevsky, Nair and Hinton",
            fetched=True,
            labels=(
                *("airplane", "automobile", "bird", "cat", "deer"),
                *("dog", "frog", "horse", "ship", "truck"),
            ),
        ),
        Entry(
            Dataset(
                "synthetic",
                (1, 28, 28),
                classes=10,
                train=10_000,
                test=2_000,
                sha256="65faefb85314d67d56c6a5c129749bac0d38058791bfafeb4489554c152ee6cc",
                counts=(973, 944, 1030, 942, 983, 1036, 1101, 981, 1022, 988),
            ),
            "Blurred shapes made from a seed; needs no files",
            fetched=False,
        ),
    )
}


def named(name: str) -> Entry:
    """The catalogue's entry of that name. Raises NotFound, which lists those there are.

    >>> named("mnist").dataset.shape
    (1, 28, 28)
    """
    if name not in CATALOGUE:
        raise NotFound(f"there is no dataset '{name}'; there is: {', '.join(CATALOGUE)}")
    return CATALOGUE[name]
