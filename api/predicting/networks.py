"""Asks stored networks by onnxruntime, without torch: a few of them stay open, each on one thread."""

from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.errors import Refusal
from api.predicting.amounts import most_at_once, refuse_batch
from api.predicting.inputs import Inputs
from api.recent import Recent
from jobs.datasets.preprocessing import Preprocessing
from jobs.lifecycle.job import Job
from jobs.models.chosen import Checkpoint, artifact_of, model_of
from jobs.models.onnx_file import Moments, onnx_file
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects, Stored

MOST_OPEN = 4
MOST_BYTES = 128 * 2**20  # of the files of all open networks, but for the newest


@dataclass(frozen=True)
class Asked:
    """Which network, and by what it is to normalize."""

    job: Job
    checkpoint: Checkpoint
    normalization: Moments


@dataclass(frozen=True, eq=False)
class Network:
    """A network that can be asked."""

    session: Any
    """onnxruntime's: preprocessed inputs -> logits."""
    preprocessing: Preprocessing
    step: int
    classes: tuple[str, ...]
    num_bytes: int
    """Of its file."""

    def __call__(self, inputs: Inputs) -> NDArray[np.float32]:
        """The logits [N, classes] of inputs as the dataset has them, all in one pass."""
        (logits,) = self.session.run(["logits"], {"input": self.preprocessing(inputs)})
        return np.asarray(logits, np.float32)


class Networks:
    """The networks that were asked last. Not for several threads: whoever asks holds `Opened.predicting`."""

    def __init__(self, database: Database, objects: Objects) -> None:
        self._database, self._objects = database, objects
        self._open: Recent[tuple[Stored, bool, Moments], Network] = Recent(
            MOST_OPEN, lambda network: network.num_bytes, MOST_BYTES
        )

    def of(self, asked: Asked) -> Network:
        """The network, opened where it is not. Raises as `model_of` does, and 501 where there is no onnxruntime."""
        stored = artifact_of(self._database, asked.job, asked.checkpoint).stored
        key = (stored, asked.checkpoint == "best", asked.normalization)  # a checkpoint has two networks
        return self._open.of(key, partial(self._opened, asked))

    def _opened(self, asked: Asked) -> Network:
        runtime = _onnxruntime()
        model = model_of(self._database, self._objects, asked.job, asked.checkpoint, self._database.data)
        file = onnx_file(model, batch_norm=asked.normalization)
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1  # trainings have the other cores
        options.enable_cpu_mem_arena = options.enable_mem_pattern = False  # which keep what a large request took
        options.log_severity_level = 3  # errors alone
        session = runtime.InferenceSession(file, options, providers=["CPUExecutionProvider"])
        return Network(session, model.preprocessing, model.step, model.classes, len(file))


def logits_of(networks: Networks, asked: Asked, inputs: Inputs) -> tuple[Network, NDArray[np.float32]]:
    """The network that is asked, and its logits [N, classes]. Raises as `Networks.of` and `refuse_batch` do."""
    plan = asked.job.resolved.plan
    if asked.normalization == "batch":
        refuse_batch(plan, len(inputs))
        network = networks.of(asked)
        return network, network(inputs)
    network, size = networks.of(asked), most_at_once(plan)
    return network, np.concatenate([network(inputs[start : start + size]) for start in range(0, len(inputs), size)])


def probabilities_of(logits: NDArray[np.float32]) -> NDArray[np.float32]:
    """The softmax of each row; NaN where a network that diverged has no finite logits.

    >>> probabilities_of(np.array([[0, 1000], [2, 2]], np.float32)).tolist()
    [[0.0, 1.0], [0.5, 0.5]]
    """
    with np.errstate(invalid="ignore"):
        powers = np.exp(logits - logits.max(1, keepdims=True))
    return np.asarray(powers / powers.sum(1, keepdims=True))


def _onnxruntime() -> Any:
    """Imported when a network is first asked: it takes memory. Raises 501 where it is not installed."""
    try:
        return import_module("onnxruntime")
    except ModuleNotFoundError:
        told = "this server asks no networks, for want of onnxruntime: install its extra, bnlab[predict]"
        raise Refusal(HTTPStatus.NOT_IMPLEMENTED, "predict_unavailable", told) from None
