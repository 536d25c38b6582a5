"""A network that bnlab has trained, as a torch module: it needs torch and safetensors, and no bnlab.

    import model
    network = model.load(".")  # the folder with architecture.json and model.safetensors
    logits = network(network.preprocess(pixels))  # pixels [N, C, H, W] of 0 to 255, or features [N, F]
    names = [network.classes[each] for each in logits.argmax(1)]

It can be trained on: `network.train()` normalizes by each batch, and `network.parameters()` has what is learned.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

LEARNED = ("weight", "bias", "scale", "shift")


def load(folder: str | Path) -> "Network":
    """The network of a folder, in inference mode."""
    described = json.loads(Path(folder, "architecture.json").read_text(encoding="utf-8"))
    return Network(described, load_file(Path(folder, "model.safetensors"))).eval()


class Network(nn.Module):
    """The layers of architecture.json with their tensors, each under its own name in `state_dict()`."""

    def __init__(self, described: Mapping[str, Any], tensors: Mapping[str, Tensor]) -> None:
        super().__init__()
        self.layers, self.classes = described["architecture"]["layers"], described["classes"]
        self.preprocessing = described["preprocessing"]
        for path, tensor in tensors.items():
            *folders, name = path.split(".")
            place: nn.Module = self
            for folder in folders:
                place.add_module(folder, place._modules.get(folder) or nn.Module())
                place = place.get_submodule(folder)
            if name in LEARNED:
                place.register_parameter(name, nn.Parameter(tensor))
            else:
                place.register_buffer(name, tensor)

    def preprocess(self, stored: Tensor) -> Tensor:
        """What the network gets of inputs as the dataset has them: [N, C, H, W] of 0 to 255, or features [N, F]."""
        values = (stored > 127.5).float() if self.preprocessing["binarize"] else stored.float()
        shift, scale = (values.new_tensor(self.preprocessing[each]) for each in ("shift", "scale"))
        x = (values - along(shift, values)) * along(scale, values)
        return (x.flatten(1) @ self.get_buffer("whitening")).view_as(x) if "matrix" in self.preprocessing else x

    def forward(self, x: Tensor) -> Tensor:
        """[N, *input] -> logits [N, classes]."""
        return self._through(self.layers, dict(self.named_parameters()) | dict(self.named_buffers()), x)

    def _through(self, layers: list[dict[str, Any]], tensors: dict[str, Tensor], x: Tensor) -> Tensor:
        for layer in layers:
            if "branches" in layer:
                x = JOIN[layer["kind"]]([self._through(branch, tensors, x) for branch in layer["branches"]])
            else:
                own = {key: tensors.get(f"{layer['name']}.transform.{key}") for key in LEARNED}
                x = TRANSFORM[layer["kind"]](layer | {"training": self.training}, own, x)
            is_last = layer.get("batch_norm", {}).get("after_activation")
            x = ACTIVATION[layer.get("activation", "none")](x if is_last else self._normalized(layer, tensors, x))
            x = self._normalized(layer, tensors, x) if is_last else x
        return x

    def _normalized(self, layer: dict[str, Any], tensors: dict[str, Tensor], x: Tensor) -> Tensor:
        prefix = f"{layer['name']}.batch_norm."
        own = {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
        if "scale" in own:  # it was folded away, and had nothing to be folded into
            return x * along(own["scale"], x) + along(own["shift"], x)
        if not own:
            return x
        options, affine = layer["batch_norm"], (own.get("weight"), own.get("bias"))
        if not self.training or options["frozen"]:
            moments = (own["running_mean"], own["running_var"])
            return F.batch_norm(x, *moments, *affine, training=False, eps=options["epsilon"])
        with torch.no_grad():
            dims, count = [0, *range(2, x.dim())], x.numel() // x.shape[1]
            unbiased = count / max(count - 1, 1) if options["running_variance"] == "unbiased" else 1.0
            own["running_mean"].lerp_(x.mean(dims), 1 - options["running_decay"])
            own["running_var"].lerp_(x.var(dims, unbiased=False) * unbiased, 1 - options["running_decay"])
            own["num_batches_tracked"].add_(1)
        return F.batch_norm(x, None, None, *affine, training=True, eps=options["epsilon"])


def along(values: Tensor, x: Tensor) -> Tensor:
    """Values so that they meet x [N, C, ...]: [C] its channels, and as many as an example has each of those."""
    return values.view(1, *(x.shape[1:] if len(values) > x.shape[1] else (-1, *(1,) * (x.dim() - 2))))


TRANSFORM: dict[str, Callable[[dict[str, Any], dict[str, Any], Tensor], Tensor]] = {
    "linear": lambda _, own, x: F.linear(x, own["weight"], own["bias"]),
    "conv2d": lambda layer, own, x: F.conv2d(x, own["weight"], own["bias"], layer["stride"], layer["padding"]),
    "max_pool": lambda layer, _, x: F.max_pool2d(x, layer["kernel"], layer["stride"], layer["padding"]),
    "average_pool": lambda layer, _, x: F.avg_pool2d(
        x, layer["kernel"], layer["stride"], layer["padding"], count_include_pad=False
    ),
    "global_average_pool": lambda _layer, _own, x: x.mean((2, 3)),
    "flatten": lambda _layer, _own, x: x.flatten(1),
    "batch_norm": lambda _layer, _own, x: x,
    "dropout": lambda layer, _, x: F.dropout(x, layer["rate"], layer["training"]),
    "local_response_norm": lambda layer, _, x: F.local_response_norm(
        x, layer["size"], layer["alpha"], layer["beta"], layer["k"]
    ),
}
JOIN: dict[str, Callable[[list[Tensor]], Tensor]] = {"residual": sum, "concatenate": lambda each: torch.cat(each, 1)}  # type: ignore[dict-item]
ACTIVATION: dict[str, Callable[[Tensor], Tensor]] = {
    "none": lambda x: x,
    "relu": F.relu,
    "leaky_relu": F.leaky_relu,
    "gelu": F.gelu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}
