"""All that a run is: what is fixed (`Run`) and what each step changes (`State`)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch

from bn.architecture.layers import Dropout
from bn.architecture.plan import Plan
from bn.network import Network, build
from jobs.datasets.loading import load
from jobs.spec.document import JobSpec
from jobs.spec.resolved import Resolved
from worker.train.data import Dataset, prepare
from worker.train.optimizers import optimizer_of


@dataclass(frozen=True)
class Run:
    """What a run never changes."""

    resolved: Resolved
    dataset: Dataset
    device: torch.device
    alive: Callable[[], None] = lambda: None
    """Called by whatever gets on, many times a second at the best: who watches must not think that it stands still."""

    @property
    def spec(self) -> JobSpec:
        """What the job asks for."""
        return self.resolved.spec

    @property
    def plan(self) -> Plan:
        """Its network."""
        return self.resolved.plan

    @cached_property
    def drops(self) -> bool:
        """Whether a training step draws random numbers: for dropout, which nothing else does."""
        return any(isinstance(placed.layer, Dropout) for placed in self.plan.layers)


@dataclass
class State:
    """What a step changes; with the Run it decides every later step."""

    step: int  # steps taken
    network: Network
    optimizer: torch.optim.Optimizer
    begun: bool = False  # whether the untrained network has been measured


def prepare_run(
    resolved: Resolved, device: torch.device, data_folder: Path, alive: Callable[[], None] = lambda: None
) -> Run:
    """Load the dataset. Raises DatasetUnavailable."""
    arrays = load(resolved.dataset.name, data_folder)
    return Run(resolved, prepare(arrays, resolved.spec.data, device), device, alive)


def initial_state(run: Run) -> State:
    """The untrained network, its weights drawn from the seed, and its optimizer."""
    network = build(run.plan, run.spec.training.seed).to(run.device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks this overload
    return State(0, network, optimizer_of(run.spec.training, network))
