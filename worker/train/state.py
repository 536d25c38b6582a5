"""All that a run is: what is fixed (`Run`) and what each step changes (`State`)."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from functools import cached_property

import torch
from torch import Tensor

from bn.architecture.layers import Dropout
from bn.architecture.plan import Plan
from bn.architecture.tensors import layer_of, layers_like
from bn.network import Network, build
from jobs.datasets.arrays import Arrays
from jobs.datasets.preprocessing import Preprocessing
from jobs.spec.document import JobSpec
from jobs.spec.resolved import Resolved
from worker.train.data import DeviceDataset, prepare
from worker.train.optimizers import Rule, initial_memory, rule_of
from worker.train.selection import UNTRAINED, Standing
from worker.train.step import Learned, leaves


@dataclass(frozen=True)
class Run:
    """What a run never changes."""

    resolved: Resolved
    dataset: DeviceDataset
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

    @property
    def preprocessing(self) -> Preprocessing:
        """What becomes of stored inputs before the network gets them, in the float32 numbers that it is done with."""
        return self.dataset.preprocessing

    @cached_property
    def drops(self) -> bool:
        """Whether a training step draws a number for each value of a batch, as dropout does."""
        return any(isinstance(placed.layer, Dropout) for placed in self.plan.layers)

    @cached_property
    def draws(self) -> bool:
        """Whether a training step draws any random numbers."""
        return self.drops or any(placed.noise is not None for placed in self.plan.layers)

    @cached_property
    def network(self) -> Network:
        """The network's layers, without anything learned: `network_of` has that."""
        return Network(self.plan).eval()

    @cached_property
    def network_beside(self) -> Network:
        """The same layers once more, for a thread beside the one that trains: a network holds one state at a time."""
        return Network(self.plan).eval()

    @cached_property
    def probe(self) -> Tensor:
        """The inputs that units are followed on: the first test examples, [probe_size, C, H, W] float32."""
        return self.dataset.inputs(self.dataset.test.images[: self.spec.recording.probe_size])

    @cached_property
    def rule(self) -> Rule:
        """The rule by which the network is trained."""
        return rule_of(self.spec.training, self.network, self.frozen)

    @cached_property
    def frozen(self) -> frozenset[str]:
        """The names of the parameters that are not trained."""
        initial = self.spec.initial
        layers = layers_like(initial.frozen, self.plan) if initial else frozenset()
        return frozenset(name for name in self.network.parameter_names if layer_of(name) in layers)

    @property
    def steps_before(self) -> int:
        """How many steps of another job this one goes on behind: what is drawn for a step counts them too."""
        return self.spec.initial.steps_before if self.spec.initial else 0

    def is_measured(self, step: int) -> bool:
        """Whether the inside of the network is measured at a step."""
        recording = self.spec.recording
        return step % recording.activations_every == 0 or step % recording.histograms_every == 0


@dataclass
class State:
    """How far a run is; with the Run it decides every later step."""

    step: int  # steps taken
    learned: Learned
    begun: bool = False  # whether the untrained network has been measured
    standing: Standing = UNTRAINED  # what its evaluations have decided
    best: dict[str, Tensor] = field(default_factory=dict)  # the network at its best, on the CPU, where that is kept


def prepare_run(
    resolved: Resolved, device: torch.device, arrays: Arrays, alive: Callable[[], None] = lambda: None
) -> Run:
    """The run of a job on its dataset, which goes to the device."""
    return Run(resolved, prepare(arrays, resolved.spec.data, device), device, alive)


def initial_state(run: Run) -> State:
    """The untrained network, its weights drawn from the seed, and an optimizer that remembers nothing."""
    network = build(run.plan, run.spec.training.seed).to(run.device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # torch's stub lacks this overload
    parameters = {name: parameter.detach() for name, parameter in network.named_parameters()}
    memory = initial_memory(run.rule, tuple(parameters.values()))
    return State(0, Learned(parameters, dict(network.named_buffers()), memory))


def at_best(state: State) -> State:
    """The state with the network at its best, where that is kept; else as it is."""
    if not state.best:
        return state
    device = next(iter(state.learned.tensors.values())).device
    best = {name: tensor.to(device) for name, tensor in state.best.items()}
    learned = state.learned
    parameters, buffers = ({name: best[name] for name in part} for part in (learned.parameters, learned.buffers))
    return replace(state, learned=learned._replace(parameters=parameters, buffers=buffers))


def network_of(run: Run, state: State) -> AbstractContextManager[Network]:
    """The network with what it has learned, in inference mode; what is written into its tensors is the state's too."""
    return run.network.holding(leaves(state.learned.parameters) | state.learned.buffers)
