"""Which engine takes a run's steps."""

from worker.train.engines.eager import Eager
from worker.train.engines.protocol import Engine
from worker.train.state import Run


def engine_of(run: Run) -> Engine:
    """The engine of a run."""
    return Eager(run)
