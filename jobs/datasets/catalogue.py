"""The datasets there are, as plain values; it needs neither numpy nor torch, so that jobs are checked without them."""

from dataclasses import dataclass

from jobs.errors import NotFound


@dataclass(frozen=True)
class Dataset:
    """The facts of a dataset that a job needs before any of it is read."""

    name: str
    shape: tuple[int, int, int]
    """Of one image: channels, height, width."""
    classes: int
    train: int
    """The number of training examples."""
    test: int
    """The number of test examples."""


@dataclass(frozen=True)
class Entry:
    """A dataset of the catalogue, and what a client needs to know of it."""

    dataset: Dataset
    description: str
    fetched: bool
    """Whether its files must first be put into the data folder; else it is made when it is loaded."""


CATALOGUE: dict[str, Entry] = {
    entry.dataset.name: entry
    for entry in (
        Entry(
            Dataset("mnist", (1, 28, 28), 10, 60_000, 10_000),
            "Handwritten digits, of LeCun, Cortes and Burges",
            fetched=True,
        ),
        Entry(
            Dataset("fashion_mnist", (1, 28, 28), 10, 60_000, 10_000),
            "Zalando's articles of clothing, in MNIST's form",
            fetched=True,
        ),
        Entry(
            Dataset("cifar10", (3, 32, 32), 10, 50_000, 10_000),
            "Colour photographs, of Krizhevsky, Nair and Hinton",
            fetched=True,
        ),
        Entry(
            Dataset("synthetic", (1, 28, 28), 10, 10_000, 2_000),
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
