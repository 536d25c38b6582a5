"""A network as it was after a step, with all that it takes to ask it: what every format of a model is made of."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from numpy.typing import NDArray

from bn.architecture.plan import Plan
from jobs.datasets.preprocessing import Preprocessing


@dataclass(frozen=True, eq=False)
class Model:
    """A trained network."""

    job_id: str
    step: int
    """The step after which it was so."""
    plan: Plan
    tensors: Mapping[str, NDArray[Any]]
    """Weights and buffers by their names in the network's state dict."""
    preprocessing: Preprocessing
    classes: tuple[str, ...]
    """What they are called, in the order of the logits."""
