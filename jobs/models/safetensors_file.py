"""A model as safetensors: its weights and buffers by name, and in the metadata what else there is to know."""

import json

from safetensors.numpy import save

from jobs.models.described import MATRIX, described
from jobs.models.folding import folded as without_batch_norm
from jobs.models.model import Model


def safetensors_file(model: Model, *, folded: bool = False) -> bytes:
    """The model as safetensors; the same model gives the same bytes.

    The one entry of its metadata, `bnlab`, is a JSON object with `job`, `step`, `classes`, `preprocessing` and
    `architecture`. folded: the tensors are those of the network without batch normalization.
    """
    source = without_batch_norm(model) if folded else model
    matrix = model.preprocessing.matrix
    tensors = {**source.tensors, **({} if matrix is None else {MATRIX: matrix})}
    # One entry, for safetensors writes several in an order that is another one each time.
    return save(tensors, metadata={"bnlab": json.dumps(described(source), ensure_ascii=False)})
