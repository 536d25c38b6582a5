"""Folds batch normalization away: a network without it that gives what the network gives in inference."""

import copy

import torch
from torch import Tensor, fx, nn
from torch.nn.modules.batchnorm import _BatchNorm

Weighted = nn.Linear | nn.Conv1d | nn.Conv2d | nn.Conv3d


class ChannelAffine(nn.Module):
    """y = scale * x + shift for each channel: what is left of a layer that follows nothing it could be folded into.

    scale, shift: [C]; x: [N, C, ...].
    """

    scale: Tensor
    shift: Tensor

    def __init__(self, scale: Tensor, shift: Tensor) -> None:
        super().__init__()
        self.register_buffer("scale", scale)
        self.register_buffer("shift", shift)

    def forward(self, x: Tensor) -> Tensor:
        """[N, C, ...] -> [N, C, ...]."""
        along = (1, -1, *(1,) * (x.dim() - 2))
        return torch.addcmul(self.shift.view(along), x, self.scale.view(along))


def fold(network: nn.Module) -> fx.GraphModule:
    """A copy of the network, in inference mode, whose every batch-normalization layer is folded away.

    A layer goes into the linear layer or convolution right in front of it, whose bias it gives one where it had none:
    W' = W * scale, b' = b * scale + shift with scale = weight / sqrt(running_var + eps) and
    shift = bias - running_mean * scale. One that stands elsewhere, or behind a layer whose output or weights
    others use too, becomes a ChannelAffine. Works on torch's own layers too, with and without affine map and bias.

    Raises ValueError for a layer without running statistics (it depends on its batch, and no fixed map is equal to
    it), and fx's TraceError for a network whose path depends on the values in it.
    """
    network = copy.deepcopy(network).eval()
    graph = _Tracer().trace(network)
    folded = fx.GraphModule(network, graph)
    for node in tuple(graph.nodes):
        layer = _module(folded, node)
        if not isinstance(layer, _BatchNorm):
            continue
        scale, shift = _affine(layer, str(node.target))
        before = node.all_input_nodes[0]
        weighted = _module(folded, before)
        if isinstance(weighted, Weighted) and len(before.users) == 1 and _calls(graph, before) == 1:
            _scale_output(weighted, scale, shift)
            node.replace_all_uses_with(before)
            graph.erase_node(node)
        else:
            folded.add_submodule(f"{node.target}_affine", ChannelAffine(scale, shift))
            node.target = f"{node.target}_affine"
    folded.delete_all_unused_submodules()
    folded.recompile()
    return folded


class _Tracer(fx.Tracer):
    """Sees a batch-normalization layer as one step, whoever's it is."""

    def is_leaf_module(self, module: nn.Module, name: str) -> bool:
        """Whether the module is a step of the graph."""
        return isinstance(module, _BatchNorm) or super().is_leaf_module(module, name)


def _module(network: fx.GraphModule, node: fx.Node) -> nn.Module | None:
    return network.get_submodule(str(node.target)) if node.op == "call_module" else None


def _calls(graph: fx.Graph, node: fx.Node) -> int:
    return sum(1 for other in graph.nodes if other.op == "call_module" and other.target == node.target)


def _affine(layer: _BatchNorm, name: str) -> tuple[Tensor, Tensor]:
    """The fixed map that the layer is in inference, in float64: scale [C] and shift [C]."""
    if layer.running_mean is None or layer.running_var is None:
        raise ValueError(f"'{name}' keeps no running statistics: it depends on its batch and cannot be folded")
    with torch.no_grad():
        scale = (layer.running_var.double() + layer.eps).rsqrt()
        scale = scale if layer.weight is None else scale * layer.weight
        shift = -layer.running_mean * scale
        return scale, shift if layer.bias is None else shift + layer.bias


def _scale_output(weighted: Weighted, scale: Tensor, shift: Tensor) -> None:
    with torch.no_grad():
        weight, bias = weighted.weight, weighted.bias
        shape = (-1, *(1,) * (weight.dim() - 1))
        folded_bias = shift if bias is None else bias * scale + shift
        weighted.weight = nn.Parameter((weight * scale.view(shape)).to(weight.dtype))
        weighted.bias = nn.Parameter(folded_bias.to(weight.dtype))
