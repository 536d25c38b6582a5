"""What crosses between the CPU and a GPU arrives as it was."""

import numpy as np
import pytest
import torch

from worker.train.crossing import fetched, sent, wait_for

pytestmark = pytest.mark.gpu


@pytest.mark.parametrize("array", [np.arange(10_000), np.arange(7) < 3, np.zeros((0, 2), np.uint8), np.ones((3, 4))])
def test_there_and_back_every_value_is_the_same(array: np.ndarray, device: torch.device) -> None:
    there = sent(array, device)
    back = fetched(there)
    wait_for(device)
    assert (there.device.type, back.device.type) == ("cuda", "cpu")
    assert back.equal(torch.from_numpy(array))


def test_what_comes_back_is_laid_out_as_it_was(device: torch.device) -> None:
    there = torch.randn(4, 3, 5, 5, device=device).contiguous(memory_format=torch.channels_last)
    back = fetched(there)
    wait_for(device)
    assert back.stride() == there.stride()
    assert back.equal(there.cpu())
