"""What takes the steps of a run."""

from typing import Protocol

from torch import Tensor

from worker.train.state import State
from worker.train.step import Measured


class Engine(Protocol):
    """Takes one step after another. Engines differ in the last bits, so that a run keeps the one that it began with."""

    def take(self, state: State, images: Tensor, labels: Tensor) -> Measured:
        """Take the state one step on, on a mini-batch: images [N, C, H, W] float32, labels [N] int64.

        Returns what was measured in the step. The result depends on state, images and labels alone.
        """
