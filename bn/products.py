"""Large products of matrices by oneDNN, which is faster where the processor is not of the maker of torch's BLAS.

torch takes its BLAS for them whatever the processor: on AMD's that is three fifths as fast.
"""

import torch
from torch import Tensor

LARGE = 2**21  # multiply-adds of a product from which on the call to oneDNN costs less than it saves


def is_large(x: Tensor, weight: Tensor) -> bool:
    """Whether x [N, in] @ weight.T, weight: [out, in], is a product for oneDNN; both float32, on the CPU."""
    on_cpu = x.device.type == "cpu" and x.dim() == 2 and x.dtype == weight.dtype == torch.float32
    return on_cpu and torch._C._has_mkldnn and len(x) * weight.numel() >= LARGE


def product(x: Tensor, weight: Tensor, bias: Tensor | None = None) -> Tensor:
    """x @ weight.T + bias, by oneDNN: [N, out]. It has no derivative, and no rule for torch.func's transforms."""
    return torch.ops.mkldnn._linear_pointwise(x, weight, bias, "none", [], "")  # type: ignore[no-any-return]
