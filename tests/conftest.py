"""What holds for every test."""

import pytest
import torch


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Torch on one thread, as jobs run by default: the bits depend on it, and two cores are soon taken."""
    torch.set_num_threads(1)
