"""The datasets there are, as plain values; it needs neither numpy nor torch, so that jobs are checked without them."""

from dataclasses import dataclass

from jobs.errors import NotFound


@dataclass(frozen=True)
class Dataset:
    """What a job and a client need to know of a dataset before any of it is read."""

    name: str
    shape: tuple[int, int, int]
    """Of one image: channels, height, width."""
    classes: int
    train: int
    """The number of training examples."""
    test: int
    """The number of test examples."""
    description: str
    fetched: bool
    """Whether its files must first be put into the data folder; else it is made when it is loaded."""


CATALOGUE: dict[str, Dataset] = {
    dataset.name: dataset
    for dataset in (
        Dataset("mnist", (1, 28, 28), 10, 60_000, 10_000, "Handwritten digits, of LeCun, Cortes and Burges", True),
        Dataset(
            "fashion_mnist", (1, 28, 28), 10, 60_000, 10_000, "Zalando's articles of clothing, in MNIST's form", True
        ),
        Dataset("cifar10", (3, 32, 32), 10, 50_000, 10_000, "Colour photographs, of Krizhevsky, Nair and Hinton", True),
        Dataset("synthetic", (1, 28, 28), 10, 10_000, 2_000, "Blurred shapes made from a seed; needs no files", False),
    )
}


def named(name: str) -> Dataset:
    """The dataset of that name. Raises NotFound, which lists those there are.

    >>> named("mnist").shape
    (1, 28, 28)
    """
    if name not in CATALOGUE:
        raise NotFound(f"there is no dataset '{name}'; there is: {', '.join(CATALOGUE)}")
    return CATALOGUE[name]
