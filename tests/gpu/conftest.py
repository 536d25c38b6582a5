"""What holds for every test that needs a GPU. They run with torch, numpy, pydantic and pytest alone: `make gpu`."""

from collections.abc import Iterator

import pytest
import torch

from worker.train.determinism import be_deterministic


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip what is marked `gpu` where there is none."""
    if item.get_closest_marker("gpu") is not None and not torch.cuda.is_available():
        pytest.skip(f"there is no CUDA device for torch {torch.__version__}")


@pytest.fixture(autouse=True, scope="package")
def deterministic() -> Iterator[None]:
    """Torch as a trainer has it; afterwards as it was."""
    if not torch.cuda.is_available():
        yield
        return
    be_deterministic()
    yield
    torch.use_deterministic_algorithms(False)


@pytest.fixture
def device() -> torch.device:
    """The GPU."""
    return torch.device("cuda")
