"""What holds for every test."""

import hypothesis
import pytest
import torch

# Time belongs in benchmarks: on a busy machine any example may take long.
hypothesis.settings.register_profile("bnlab", deadline=None)
hypothesis.settings.load_profile("bnlab")


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Torch on one thread, as jobs run by default: the bits depend on it, and two cores are soon taken."""
    torch.set_num_threads(1)
