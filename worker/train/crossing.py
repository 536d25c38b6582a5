"""What crosses between the CPU and a GPU: through pinned memory, with nobody waiting for it on the way."""

from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor


def sent(array: NDArray[Any], device: torch.device) -> Tensor:
    """An array on the device, for what is queued there from now on; on the CPU the tensor shares its memory."""
    tensor = torch.from_numpy(array)
    return tensor if device.type == "cpu" else tensor.pin_memory().to(device, non_blocking=True)


def fetched(tensor: Tensor) -> Tensor:
    """The same values on the CPU; of a GPU's they are not there, and not to be read, before `wait_for` returns."""
    if tensor.device.type == "cpu":
        return tensor
    return torch.empty_like(tensor, device="cpu", pin_memory=True).copy_(tensor, non_blocking=True)


def wait_for(device: torch.device) -> None:
    """Until the device has done all that was queued."""
    if device.type != "cpu":
        torch.cuda.current_stream(device).synchronize()
