"""Small runs for a GPU, and what is compared of them."""

from typing import Any

import torch
from torch import Tensor

from benchmarks.runs import NETWORKS, plain_run
from worker.train.engines.flat import learned_tensors
from worker.train.engines.protocol import Engine
from worker.train.loop import Block, blocks
from worker.train.state import Run, State

STEPS = 14  # two epochs and a half: batches of 64, and one of 20 at each epoch's end


def gpu_run(name: str, device: torch.device, **changes: Any) -> Run:
    """A run of one of the networks; `changes` take the place of fields of its document."""
    document = {
        "architecture": NETWORKS[name],
        "batch_norm": True,
        "data": {"dataset": "synthetic", "batch_size": 64, "train_samples": 4 * 64 + 20},
        "training": {"steps": STEPS, "optimizer": {"kind": "momentum", "learning_rate": 0.05}},
        "recording": {"histograms_every": 5, "units": 0},
        "evaluation": {"every": STEPS},
    }
    return plain_run(document | changes, device)


def trained(run: Run, state: State, engine: Engine) -> list[Block]:
    """Take a state on to the end of its run."""
    return list(blocks(run, state, engine))


def same_bits(mine: State, its: State) -> bool:
    """Whether all that was learned is equal."""
    pairs = zip(learned_tensors(mine.learned), learned_tensors(its.learned), strict=True)
    return mine.step == its.step and all(a.equal(b) for a, b in pairs)


def joined(tensors: list[Tensor]) -> Tensor:
    """All values as one vector, on the CPU."""
    return torch.cat([tensor.detach().cpu().double().flatten() for tensor in tensors])
