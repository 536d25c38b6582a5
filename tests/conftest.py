"""What holds for every test."""

from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
import torch

from tests.postgres import server

# Time belongs in benchmarks: on a busy machine any example may take long.
hypothesis.settings.register_profile("bnlab", deadline=None)
hypothesis.settings.load_profile("bnlab")


@pytest.fixture(scope="session")
def postgres() -> Iterator[Path]:
    """The folder of a PostgreSQL server's socket."""
    with server() as folder:
        yield folder


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Torch on one thread, as jobs run by default: the bits depend on it, and two cores are soon taken."""
    torch.set_num_threads(1)
