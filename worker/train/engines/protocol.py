"""What takes the steps of a run."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from torch import Tensor

from worker.train.data import Batches
from worker.train.state import State


@dataclass(frozen=True)
class RawRows:
    """Rows that bn.step_rows lays out alike: those of batches of one size."""

    steps: tuple[int, ...]
    batch_size: int
    values: Tensor  # [len(steps), width] float32


class Taken(NamedTuple):
    """What was measured in some steps; it lies on the device, which may still be at it."""

    losses: RawRows  # every step
    activations: RawRows | None  # the steps at which the inside of the network is measured
    ended: Sequence[float]  # each step, in seconds by the monotonic clock


class Engine(Protocol):
    """Takes one step after another. Engines differ in the last bits, so that a run keeps the one that it began with."""

    @property
    def identity(self) -> Mapping[str, str]:
        """What a run's bits depend on in it, for the environment: `engine`, and of a compiled one its `package`."""

    def take(self, state: State, batches: Batches) -> Taken:
        """Take the state a step further on each mini-batch.

        The result depends on the state and the batches alone, and not on how many of them come at once.
        """
