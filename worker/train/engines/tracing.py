"""A step traced into a graph of torch's operations, those that a compiler has a better form of in that form."""

import hashlib
from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.export import ExportedProgram
from torch.fx.experimental.proxy_tensor import make_fx

from bn.products import is_large, product
from bn.step_rows import sample_index
from worker.train.engines.flat import FlatStep


def traced(step: FlatStep, tensors: list[Tensor]) -> ExportedProgram:
    """The graph of a step; it is taken once, on copies, for the step writes into what it is given."""
    sample_index.cache_clear()  # or a tensor of an earlier step would stand in the graph, not what makes it
    graph = make_fx(step, decomposition_table=DECOMPOSED)(*(tensor.clone() for tensor in tensors))
    return torch.export.export(graph, tuple(tensors), strict=False)


def digest_of(program: ExportedProgram) -> str:
    """SHA-256 of what a graph computes: each operation, its arguments, and the layout of what it gives."""
    digest = hashlib.sha256()
    for node in program.graph.nodes:
        digest.update(repr((node.op, str(node.target), node.args, node.kwargs, _layout(node.meta.get("val")))).encode())
    for name, constant in sorted(program.constants.items()):
        digest.update(f"{name} {_layout(constant)}".encode() + constant.contiguous().numpy().tobytes())
    return digest.hexdigest()


def _layout(value: Any) -> Any:
    if isinstance(value, Tensor):
        return (tuple(value.shape), value.stride(), str(value.dtype), str(value.device))
    return [_layout(each) for each in value] if isinstance(value, list | tuple) else None


def _norms(tensors: list[Tensor], order: float = 2, dtype: torch.dtype | None = None) -> list[Tensor]:
    """`_foreach_norm`, which is not for compilers: sums of squares are fused with what else passes over the values.

    In two sums, for a compiler takes one value after another.
    """
    assert order == 2
    squares = (tensor.to(dtype or tensor.dtype).square() for tensor in tensors)
    return [
        (square.sum(tuple(range(1, square.dim()))) if square.dim() > 1 else square).sum().sqrt() for square in squares
    ]


def _product(a: Tensor, b: Tensor) -> Tensor:
    if not is_large(a, b.t()):
        return NotImplemented  # type: ignore[no-any-return]  # as make_fx has it: the operation stays
    return product(a, b.t())


def _product_with_bias(bias: Tensor, a: Tensor, b: Tensor, *, beta: float = 1, alpha: float = 1) -> Tensor:
    if beta != 1 or alpha != 1 or not is_large(a, b.t()):
        return NotImplemented  # type: ignore[no-any-return]  # as make_fx has it: the operation stays
    return product(a, b.t(), bias)


DECOMPOSED: dict[Any, Callable[..., Any]] = {
    torch.ops.aten._foreach_norm.Scalar: _norms,
    torch.ops.aten.mm.default: _product,
    torch.ops.aten.addmm.default: _product_with_bias,
}
"""By operation, what stands for it in the graph."""
