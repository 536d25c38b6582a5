"""A model for torch: a zip that stands alone, with weights, what describes the network, and a program for both."""

import io
import json
from importlib.resources import files
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from jobs.models.described import described
from jobs.models.folding import folded as without_batch_norm
from jobs.models.model import Model
from jobs.models.safetensors_file import safetensors_file

README = """A network that bnlab has trained (job {job}, after step {step}).

It needs Python with torch and safetensors, and nothing of bnlab:

    import model
    network = model.load(".")
    logits = network(network.preprocess(pixels))

model.safetensors     the weights and buffers
architecture.json     the layers in order, what is done to inputs, and what the classes are called
model.py              makes a torch module of both; under 120 lines, to be read
"""


def bundle(model: Model, *, folded: bool = False) -> bytes:
    """The zip; the same model gives the same bytes. folded: without batch normalization."""
    source = without_batch_norm(model) if folded else model
    contents = {
        "README.txt": README.format(job=model.job_id, step=model.step).encode(),
        "architecture.json": json.dumps(described(source), ensure_ascii=False, indent=1).encode(),
        "model.py": _program(),
        "model.safetensors": safetensors_file(source),
    }
    whole = io.BytesIO()
    with ZipFile(whole, "w", ZIP_STORED) as archive:  # weights hardly shrink
        for name, data in contents.items():
            archive.writestr(ZipInfo(name), data)  # which says 1980, whenever it is made
    return whole.getvalue()


def _program() -> bytes:
    """The client's own, which `Client.load` imports: read here and never run, for the API has no torch."""
    return files("bnlab.sdk").joinpath("model.py").read_bytes()
