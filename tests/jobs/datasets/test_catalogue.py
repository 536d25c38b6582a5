import subprocess
import sys

import pytest

from jobs.datasets.catalogue import CATALOGUE, named
from jobs.datasets.fetching.sources import SOURCES
from jobs.datasets.files import FILES
from jobs.errors import NotFound


def test_the_catalogue_is_read_without_numpy_or_torch() -> None:
    code = "import jobs.datasets.catalogue, sys; print({'numpy', 'torch'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_an_unknown_name_is_answered_with_the_known_ones() -> None:
    with pytest.raises(NotFound, match="no dataset 'minst'; there is: mnist, fashion_mnist, cifar10, synthetic"):
        named("minst")


def test_every_dataset_that_is_fetched_has_its_files_and_its_sources() -> None:
    fetched = {name for name, dataset in CATALOGUE.items() if dataset.fetched}
    assert fetched == set(FILES) == set(SOURCES)
