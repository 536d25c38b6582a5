"""Weights as a job has stored them, read from safetensors without torch and without a copy."""

import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

NETWORK, BEST = "network.", "best."
"""How the names of a checkpoint's tensors begin: of the network then, and of it at its best evaluation until then."""

_DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "F64": np.dtype("<f8"),
    "I64": np.dtype("<i8"),
}
_LENGTH = 8  # bytes of the number in front of the header, which says how long that is


def tensors_under(data: memoryview, prefix: str = "") -> dict[str, NDArray[Any]]:
    """The tensors whose names begin so, by the rest of their names: views of `data`, which nobody can write to."""
    header, start = header_of(data)
    return {
        name.removeprefix(prefix): np.frombuffer(
            data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]], _DTYPES[entry["dtype"]]
        ).reshape(entry["shape"])
        for name, entry in header.items()
        if name.startswith(prefix) and name != "__metadata__"
    }


def checkpoint_state(data: memoryview) -> dict[str, Any]:
    """What a checkpoint has beside its tensors, as `worker.record.checkpoint` writes it."""
    state: dict[str, Any] = json.loads(header_of(data)[0]["__metadata__"]["state"])
    return state


def header_of(data: memoryview) -> tuple[dict[str, Any], int]:
    """The JSON in front of the tensors, and where it ends."""
    end = _LENGTH + int.from_bytes(data[:_LENGTH], "little")
    return json.loads(bytes(data[_LENGTH:end])), end
