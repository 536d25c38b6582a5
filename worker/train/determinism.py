"""What torch is told before it computes: the same run gives the same bits, wherever it was interrupted."""

import os
from typing import Literal

import torch


def be_deterministic() -> None:
    """Have torch take only kernels whose results repeat, and are of float32, from before CUDA starts."""
    os.environ["CUBLAS_WORKSPACE_CONFIG"] = ":4096:8"  # cuBLAS repeats its results with a fixed workspace alone
    # torch.use_deterministic_algorithms does this, and imports all of its compiler: 70 MB, and a second.
    torch._C._set_deterministic_algorithms(True)
    # On a GPU too float32 is float32: TensorFloat-32, which convolutions would take, has 10 bits of a number's 23.
    torch.backends.cudnn.allow_tf32 = False
    torch.utils.deterministic.fill_uninitialized_memory = False  # type: ignore[attr-defined]  # a property; nothing here reads what nobody wrote


def device_for(requested: str, threads: int) -> torch.device:
    """The device that was requested, `auto` being the best one that is there; the CPU computes on so many threads."""
    torch.set_num_threads(threads)
    return torch.device(_best() if requested == "auto" else requested)


def _best() -> Literal["cpu", "cuda"]:
    return "cuda" if torch.cuda.is_available() else "cpu"
