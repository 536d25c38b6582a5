"""Asks a downloaded network without bnlab, and compares what it says with what the server said of the same inputs.

    python3 model_elsewhere.py INPUTS.npy ANSWER.json FILE...

INPUTS.npy: [N, C, H, W] of 0 to 255. ANSWER.json: what `bnlab predict ID INPUTS.npy --json` printed. Each FILE is the
job's network as `bnlab model` wrote it: .safetensors is read by numpy alone, .zip needs torch and safetensors, .onnx
onnxruntime. It ends with 1 where a probability differs by more than 1e-5, or a logit by more than 1e-5 of the greatest.
"""

import json
import runpy
import shutil
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

Array = NDArray[Any]
Layer = Mapping[str, Any]
Tensors = Mapping[str, Array]

TOLERANCE = 1e-5


def by_numpy(file: Path, pixels: Array) -> Array:
    """The logits [N, classes] by what is written here: layers of `TRANSFORM`, and BN before the nonlinearity."""
    told, tensors = read_safetensors(file.read_bytes())
    x = preprocessed(pixels, told["preprocessing"], tensors)
    for layer in told["architecture"]["layers"]:
        start = f"{layer['name']}."
        own = {name.removeprefix(start): tensor for name, tensor in tensors.items() if name.startswith(start)}
        x = TRANSFORM[layer["kind"]](layer, own, x)
        if "batch_norm" in layer:
            x = normalized(layer["batch_norm"]["epsilon"], own, x)
        x = ACTIVATION[layer.get("activation", "none")](x)
    return x


def by_torch(file: Path, pixels: Array) -> Array:
    """The logits by the program in the zip, which is run: take it from servers that you trust."""
    import torch

    with TemporaryDirectory() as folder:
        shutil.unpack_archive(file, folder)
        network = runpy.run_path(f"{folder}/model.py")["load"](folder)
        with torch.no_grad():
            logits: Array = network(network.preprocess(torch.from_numpy(pixels))).numpy()
    return logits


def by_onnx(file: Path, pixels: Array) -> Array:
    """The logits by onnxruntime; the file says whether the graph has the preprocessing in it, a matrix never else."""
    import onnxruntime

    network = onnxruntime.InferenceSession(file)
    told = network.get_modelmeta().custom_metadata_map
    is_inside = told["input"] == "as the dataset has it"
    x = pixels if is_inside else preprocessed(pixels, json.loads(told["preprocessing"]))
    logits: Array = network.run(["logits"], {"input": x})[0]
    return logits


BY = {".safetensors": by_numpy, ".zip": by_torch, ".onnx": by_onnx}


def read_safetensors(data: bytes) -> tuple[dict[str, Any], dict[str, Array]]:
    """What the file tells of the network, and its tensors: the length of a JSON header, the header, and the numbers."""
    end = 8 + int.from_bytes(data[:8], "little")
    header = json.loads(data[8:end])
    told = json.loads(header.pop("__metadata__")["bnlab"])
    dtypes = {"F32": "<f4", "I64": "<i8"}
    tensors = {}
    for name, entry in header.items():
        first, last = entry["data_offsets"]
        tensors[name] = np.frombuffer(data[end + first : end + last], dtypes[entry["dtype"]]).reshape(entry["shape"])
    return told, tensors


def preprocessed(pixels: Array, said: Mapping[str, Any], tensors: Tensors = MappingProxyType({})) -> Array:
    """What the network is given, float32: a threshold where it binarizes, (value - shift) * scale, perhaps a matrix.

    There are as many of both as there are channels, or as an input has values.
    """
    values = (pixels > 127.5 if said["binarize"] else pixels).astype(np.float32)
    by_value = len(said["shift"]) > values.shape[1]
    shift, scale = (
        np.asarray(said[each], np.float32).reshape(values.shape[1:]) if by_value else along(said[each], values)
        for each in ("shift", "scale")
    )
    x = (values - shift) * scale
    return (x.reshape(len(x), -1) @ tensors[said["matrix"]]).reshape(x.shape) if "matrix" in said else x


def normalized(epsilon: float, own: Tensors, x: Array) -> Array:
    """Batch normalization by its running statistics."""
    mean, variance, weight, bias = (
        along(own[f"batch_norm.{name}"], x) for name in ("running_mean", "running_var", "weight", "bias")
    )
    return (x - mean) / np.sqrt(variance + np.float32(epsilon)) * weight + bias


def convolution(layer: Layer, own: Tensors, x: Array) -> Array:
    """[N, C, H, W] -> [N, channels, H', W']."""
    p, stride, weight = layer["padding"], layer["stride"], own["transform.weight"]
    padded = np.pad(x, ((0, 0), (0, 0), (p, p), (p, p)))
    windows = sliding_window_view(padded, weight.shape[2:], axis=(2, 3))[:, :, ::stride, ::stride]
    convolved: Array = np.einsum("nchwij,ocij->nohw", windows, weight, optimize=True)
    return convolved + along(own.get("transform.bias", [0]), x)


def max_pool(layer: Layer, _own: Tensors, x: Array) -> Array:
    """The greatest of each window, for a pool without padding."""
    kernel, stride = layer["kernel"], layer["stride"] or layer["kernel"]
    windows = sliding_window_view(x, (kernel, kernel), axis=(2, 3))[:, :, ::stride, ::stride]
    greatest: Array = windows.max((4, 5))
    return greatest


def along(values: Any, x: Array) -> Array:
    """Values [C], so that they meet the channels of x [N, C, ...]."""
    return np.asarray(values, np.float32).reshape(1, -1, *(1,) * (x.ndim - 2))


TRANSFORM: dict[str, Callable[[Layer, Tensors, Array], Array]] = {
    "conv2d": convolution,
    "max_pool": max_pool,
    "flatten": lambda _layer, _own, x: x.reshape(len(x), -1),
    "linear": lambda _layer, own, x: x @ own["transform.weight"].T + own.get("transform.bias", 0),
}
ACTIVATION: dict[str, Callable[[Array], Array]] = {
    "none": lambda x: x,
    "relu": lambda x: np.maximum(x, 0),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
}


def probabilities_of(logits: Array) -> Array:
    """Softmax along the classes."""
    powers = np.exp(logits - logits.max(1, keepdims=True))
    probabilities: Array = powers / powers.sum(1, keepdims=True)
    return probabilities


def main() -> int:
    """A line for each file, with the greatest differences; 1 where one is too large."""
    inputs, answer, *files = map(Path, sys.argv[1:])
    pixels, wanted = np.load(inputs), json.loads(answer.read_text())
    wanted_logits, wanted_probabilities = np.array(wanted["logits"]), np.array(wanted["probabilities"])
    is_equal = True
    for file in files:
        logits = BY[file.suffix](file, pixels)
        probability = np.abs(probabilities_of(logits) - wanted_probabilities).max()
        logit = np.abs(logits - wanted_logits).max() / np.abs(wanted_logits).max()
        print(f"{file.name}: probabilities differ by {probability:.1e}, logits by {logit:.1e} of the greatest")
        is_equal &= bool(probability <= TOLERANCE and logit <= TOLERANCE)
    return 0 if is_equal else 1


if __name__ == "__main__":
    sys.exit(main())
