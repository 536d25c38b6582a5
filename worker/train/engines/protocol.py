"""What takes the steps of a run."""

from collections.abc import Mapping
from typing import Protocol

from torch import Tensor

from worker.train.state import State
from worker.train.step import Measured


class Engine(Protocol):
    """Takes one step after another. Engines differ in the last bits, so that a run keeps the one that it began with."""

    @property
    def identity(self) -> Mapping[str, str]:
        """What a run's bits depend on in it, for the environment: `engine`, and of a compiled one its `package`."""

    def take(self, state: State, pixels: Tensor, labels: Tensor) -> Measured:
        """Take the state one step on, on a mini-batch: pixels [N, C, H, W] uint8, labels [N] int64.

        Returns what was measured in the step. The result depends on state, pixels and labels alone.
        """
