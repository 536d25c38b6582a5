"""Fashion-MNIST out of Debian's package, downloaded and never installed."""

from pathlib import Path

import pytest

from jobs.datasets.fetching import packages
from jobs.datasets.fetching.fetch import fetch
from jobs.datasets.fetching.sources import FASHION_MNIST, SOURCES
from jobs.datasets.files import FILES, FileError
from jobs.datasets.loading import load
from tests.support.requirements import require_any


def test_debians_package_gives_what_its_authors_published(tmp_path: Path) -> None:
    require_any("apt-get")
    fetch("fashion_mnist", tmp_path, {"fashion_mnist": (packages.debian(FASHION_MNIST),)})
    arrays = load("fashion_mnist", tmp_path)
    assert arrays.train_images.shape == (60_000, 1, 28, 28)
    assert arrays.test_images.shape == (10_000, 1, 28, 28)
    assert arrays.train_labels[:10].tolist() == [9, 0, 0, 3, 0, 2, 7, 2, 5, 5]
    # The mean and sd of a pixel that everybody standardizes Fashion-MNIST with.
    assert round(arrays.train_images.mean() / 255, 3) == 0.286
    assert round(arrays.train_images.std() / 255, 3) == 0.353


def test_a_machine_without_apt_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packages, "APT_DOWNLOAD", ("no-such-apt-get", "download"))
    with pytest.raises(FileError, match="No such file or directory: 'no-such-apt-get'"):
        packages.debian(FASHION_MNIST).get(FILES["fashion_mnist"])


def test_a_package_that_there_is_none_of_is_told_in_apts_own_words() -> None:
    require_any("apt-get")
    with pytest.raises(FileError, match="Unable to locate package dataset-of-nothing"):
        packages.debian("dataset-of-nothing").get(FILES["fashion_mnist"])


def test_the_package_that_would_help_is_named() -> None:
    assert "apt install dataset-fashion-mnist" in SOURCES["fashion_mnist"][0].place
