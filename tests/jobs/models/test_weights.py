"""Tensors are read as safetensors has written them."""

import json

import numpy as np
from safetensors.numpy import save

from jobs.models.weights import checkpoint_state, tensors_under

TENSORS = {
    "network.a": np.arange(6, dtype=np.float32).reshape(2, 3),
    "network.b": np.array(7),
    "best.a": np.empty((0, 2)),
}
DATA = memoryview(save(TENSORS, metadata={"state": json.dumps({"step": 4})}))


def test_tensors_are_views_of_what_was_read() -> None:
    found = tensors_under(DATA)
    assert found.keys() == TENSORS.keys()
    for name, tensor in found.items():
        np.testing.assert_array_equal(tensor, TENSORS[name], strict=True)
        assert (tensor.flags.owndata, tensor.flags.writeable) == (False, False)


def test_those_of_a_part_go_by_the_rest_of_their_names() -> None:
    assert tensors_under(DATA, "network.").keys() == {"a", "b"}
    assert checkpoint_state(DATA) == {"step": 4}
