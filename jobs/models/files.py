"""The forms in which a model leaves the server, by their names."""

from typing import Literal

from jobs.models.bundle import bundle
from jobs.models.model import Model
from jobs.models.onnx_file import onnx_file
from jobs.models.safetensors_file import safetensors_file

Format = Literal["safetensors", "torch", "onnx"]

SUFFIX: dict[Format, str] = {"safetensors": "safetensors", "torch": "zip", "onnx": "onnx"}


def file_of(model: Model, form: Format, *, folded: bool, preprocess: bool) -> bytes:
    """The model as a file; the same model gives the same bytes.

    preprocess: of ONNX, whether it takes inputs as the dataset has them; the other forms have beside the weights what
    is to be done with inputs.
    """
    match form:
        case "safetensors":
            return safetensors_file(model, folded=folded)
        case "torch":
            return bundle(model, folded=folded)
        case "onnx":
            return onnx_file(model, preprocess=preprocess, batch_norm="folded" if folded else "running")
