"""A training in a process of its own: `python -m tests.support.gpu_training FOLDER DEVICE`.

It says `stored` once it has a checkpoint in the folder, and keeps there what it ends with. Started in a folder that has
a checkpoint, it goes on from that.
"""

import sys
from pathlib import Path

import torch

from tests.gpu.runs import gpu_run
from worker.record.checkpoint import capture, encode, restore
from worker.train.determinism import be_deterministic, device_for
from worker.train.engines.eager import Eager
from worker.train.engines.graphed import Graphed
from worker.train.loop import blocks
from worker.train.state import initial_state

DOCUMENT = {
    "training": {"steps": 200, "optimizer": "adam"},
    "evaluation": {"every": 50},
    "data": {"dataset": "synthetic", "batch_size": 64, "train_samples": 1000},  # the sixteenth batch has 40
}
AFTER = 60  # steps before there is a checkpoint: in the middle of an epoch


def main() -> None:
    """Begin or go on, to the end."""
    folder, device = Path(sys.argv[1]), device_for(sys.argv[2], threads=1)
    be_deterministic()
    run, checkpoint = gpu_run("convnet", device, **DOCUMENT), folder / "checkpoint"
    state = restore(run, memoryview(checkpoint.read_bytes()))[0] if checkpoint.exists() else initial_state(run)
    for block in blocks(run, state, Graphed(run) if device.type == "cuda" else Eager(run)):
        if block.last >= AFTER and not checkpoint.exists():
            aside = folder / "half"
            aside.write_bytes(encode(capture(run, state), {}))
            aside.rename(checkpoint)
            print("stored", flush=True)
    torch.save(capture(run, state).tensors, folder / "ended")


if __name__ == "__main__":
    main()
