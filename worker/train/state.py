"""All that a run is: what is fixed (`Run`) and what each step changes (`State`)."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch

from bn.architecture.layers import Dropout
from bn.architecture.measures import DiagnosticName
from bn.architecture.plan import Plan
from bn.network import Network, build
from jobs.datasets.loading import load
from jobs.spec.check import diagnostics_of, plan_of
from jobs.spec.document import JobSpec
from worker.train.data import Dataset, prepare
from worker.train.optimizers import optimizer_of


@dataclass(frozen=True)
class Run:
    """What a run never changes: the resolved specification and what follows from it."""

    spec: JobSpec
    plan: Plan
    dataset: Dataset
    block_steps: int
    device: torch.device
    alive: Callable[[], None] = lambda: None
    """Called by whatever gets on, many times a second at the best: who watches must not think that it stands still."""

    @cached_property
    def diagnostics(self) -> dict[DiagnosticName, int]:
        """Steps from one measurement to the next of each diagnostic that measures something here."""
        every = {asked.name: asked.every for asked in self.spec.recording.diagnostics}
        return {name: every[name] for name in diagnostics_of(self.spec)}

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
    spec: JobSpec,
    block_steps: int,
    device: torch.device,
    data_folder: Path,
    alive: Callable[[], None] = lambda: None,
) -> Run:
    """Load the dataset and lay out the network. Raises DatasetUnavailable."""
    dataset = prepare(load(spec.data.dataset, data_folder), spec.data, device)
    return Run(spec, plan_of(spec), dataset, block_steps, device, alive)


def initial_state(run: Run) -> State:
    """The untrained network, its weights drawn from the seed, and its optimizer."""
    network = build(run.plan, run.spec.training.seed).to(run.device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks this overload
    return State(0, network, optimizer_of(run.spec.training, network))
