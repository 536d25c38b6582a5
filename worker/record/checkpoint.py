"""Checkpoints: everything that decides the rest of a run, as one safetensors object, restored bit for bit.

Nothing random needs keeping: the order of the examples, their augmentation and what dropout draws are functions of the
seed and the step.
"""

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace

import torch
from safetensors.torch import load, save
from torch import Tensor

from bn.architecture.tensors import layer_of, layers_like
from jobs.errors import DamagedObject
from jobs.lifecycle import artifacts, checkpoints
from jobs.lifecycle.held import Held
from jobs.logs import about
from jobs.models.weights import BEST, NETWORK, checkpoint_state, header_of
from worker.record.histograms import Range, Ranges
from worker.train.optimizers import restored, stored
from worker.train.selection import UNTRAINED, Standing
from worker.train.state import Run, State, initial_state
from worker.train.step import Learned

OPTIMIZER = "optimizer."  # how the names of what the optimizer remembers begin, as NETWORK and BEST

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Snapshot:
    """A run after a step, copied to the CPU: training goes on while it is stored."""

    step: int
    tensors: dict[str, Tensor]
    standing: Standing = UNTRAINED


def capture(run: Run, state: State) -> Snapshot:
    """Copy what the state is now: weights, buffers, and what the optimizer remembers."""
    learned = state.learned
    tensors = {f"{NETWORK}{name}": tensor for name, tensor in learned.tensors.items()}
    kept = stored(run.rule, learned.memory, run.steps_before + state.step)
    tensors |= {f"{OPTIMIZER}{name}": tensor for name, tensor in kept.items()}
    copies = {name: tensor.detach().to("cpu", copy=True) for name, tensor in tensors.items()}
    best = {f"{BEST}{name}": tensor for name, tensor in state.best.items()}  # which nobody writes to
    return Snapshot(state.step, copies | best, state.standing)


def encode(snapshot: Snapshot, ranges: Ranges) -> bytes:
    """A snapshot and the histograms' ranges after it, as safetensors; what is no tensor is JSON in its metadata.

    safetensors keeps no strides, and kernels may round by them: they are kept beside.
    """
    rest = {
        "step": snapshot.step,
        "standing": asdict(snapshot.standing),
        "ranges": {name: asdict(span) for name, span in ranges.items()},
        "strides": {name: tensor.stride() for name, tensor in snapshot.tensors.items()},
    }
    tensors = {name: tensor.contiguous() for name, tensor in snapshot.tensors.items()}
    return save(tensors, metadata={"state": json.dumps(rest)})


def restore(run: Run, data: memoryview) -> tuple[State, Ranges]:
    """The state and the ranges of which `data` was made, on the run's device."""
    tensors, rest = load(bytes(data)), checkpoint_state(data)
    best = {name: tensors.pop(f"{BEST}{name}") for name in _under(BEST, tensors)}
    strided = {
        name: torch.empty_strided(tensor.shape, rest["strides"][name], dtype=tensor.dtype, device=run.device).copy_(
            tensor
        )
        for name, tensor in tensors.items()
    }
    fresh, values = initial_state(run).learned, _under(NETWORK, strided)
    learned = Learned(
        parameters={name: values[name] for name in fresh.parameters},
        buffers={name: values[name] for name in fresh.buffers},
        memory=restored(run.rule, fresh.memory, _under(OPTIMIZER, strided)),
    )
    ranges = {name: Range(**span) for name, span in rest["ranges"].items()}
    return State(rest["step"], learned, True, Standing.of(rest.get("standing", {})), best), ranges


def resume(run: Run, held: Held) -> tuple[State, Ranges]:
    """The run as its newest checkpoint has it, where that is damaged as the one before; else the untrained network.

    What was recorded after that point is hidden. Raises AttemptLost.
    """
    damaged: list[int] = []
    for checkpoint in checkpoints.of(held.database, held.hold.job_id):
        try:
            data = held.objects.read(checkpoint.stored)
        except DamagedObject as error:
            about_it = about("checkpoint_damaged", **held.hold.fields, step=checkpoint.step)
            log.warning("job %s goes one checkpoint back: %s", held.hold.job_id, error, extra=about_it)
            damaged.append(checkpoint.step)
            continue
        checkpoints.go_back(held.database, held.hold, checkpoint.step, damaged)
        return restore(run, data)
    checkpoints.go_back(held.database, held.hold, None, damaged)
    return begun(run, held), {}


def begun(run: Run, held: Held) -> State:
    """The run before its first step, which starts from another job's network where its document says so.

    Raises DamagedObject.
    """
    fresh = initial_state(run)
    if run.spec.initial is None:
        return fresh
    stored_network = artifacts.of_kind(held.database, "initial", [held.hold.job_id])[held.hold.job_id]
    return started_from(run, fresh, held.objects.read(stored_network))


def started_from(run: Run, fresh: State, data: memoryview) -> State:
    """The state with what its document takes over of another job's weights, or checkpoint."""
    initial = run.spec.initial
    assert initial is not None
    tensors, learned = load(bytes(data)), fresh.learned
    is_checkpoint = "__metadata__" in header_of(data)[0]
    prefix = (BEST if initial.checkpoint == "best" else NETWORK) if is_checkpoint else ""
    layers = layers_like(initial.layers, run.plan)

    def is_taken(name: str) -> bool:
        return layer_of(name) in layers and (initial.batch_norm == "copy" or ".batch_norm." not in name)

    def taken(own: Mapping[str, Tensor]) -> dict[str, Tensor]:
        return {name: _as(tensor, tensors[prefix + name]) if is_taken(name) else tensor for name, tensor in own.items()}

    memory = learned.memory
    if initial.optimizer == "copy":
        copied = restored(run.rule, memory, _under(OPTIMIZER, tensors))
        memory = {name: tuple(map(_as, memory[name], copied[name])) for name in memory}
    return replace(fresh, learned=Learned(taken(learned.parameters), taken(learned.buffers), memory))


def _as(own: Tensor, tensor: Tensor) -> Tensor:
    """The values of a tensor in one of the run's own strides, on its device: kernels may round by strides."""
    return torch.empty_like(own).copy_(tensor)


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): tensor for name, tensor in tensors.items() if name.startswith(prefix)}
