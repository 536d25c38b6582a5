"""Trains what documents can name by both engines, and says how far they are apart: `make engines`.

From equal state one step is taken by each: every tensor, and the row of what was measured, must be within 1e-5 of its
norm. After 200 steps of each on its own, the losses must be within 1e-3 of each other. A job is cut at several steps
and goes on in a new engine: it must end with the same bits. Where a nonlinearity has a kink, a value that lies on it to
the last bit may fall on either side, and a small gradient differs by more than rounding: such networks are held to
three times the most by which eager trainings differ whose weights differ in their last bit.
"""

import sys
import tempfile
from copy import deepcopy
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import torch
from rich.console import Console
from rich.table import Table
from torch import Tensor

from tests.support.packages import MOST, package_of
from tests.support.small_runs import small_run
from tests.support.steps import apart, each_batch, take
from worker.train.determinism import be_deterministic
from worker.train.engines.compiled import Compiled
from worker.train.engines.eager import Eager
from worker.train.engines.flat import learned_tensors
from worker.train.engines.packages import Packages
from worker.train.engines.protocol import Engine
from worker.train.loop import blocks
from worker.train.state import Run, State, initial_state

ONE_STEP, AFTER_200 = 1e-5, 1e-3
STEPS = 200
NUDGES = 6  # eager trainings that a network with kinks is held to
CUTS = (1, 5, 11, 12, 199)  # an epoch ends with step 11, whose batch is smaller
DATA = {"dataset": "synthetic", "batch_size": 100, "train_samples": 1050}
MLP = {"preset": "mlp", "hidden": [50, 30]}
CONVNET = {
    "layers": [
        {"kind": "conv2d", "channels": 6, "kernel": 5, "stride": 2, "activation": "tanh"},
        {"kind": "average_pool"},
        {"kind": "dropout", "rate": 0.3},
        {"kind": "flatten"},
        {"kind": "linear", "features": 10},
    ]
}
DOCUMENTS: dict[str, dict[str, Any]] = {
    "mlp": {"architecture": "mlp"},
    "mlp without BN": {"architecture": "mlp", "batch_norm": False},
    **{f"mlp, {name}": {"architecture": MLP | {"activation": name}} for name in ("tanh", "relu", "leaky_relu", "gelu")},
    "mlp, keras": {"architecture": MLP, "batch_norm": "keras"},
    "mlp, frozen BN": {"architecture": MLP, "batch_norm": {"frozen": True}},
    "mlp, noisy BN": {"architecture": MLP, "batch_norm": {"noise": True}},
    "mlp, BN after activation": {"architecture": MLP, "batch_norm": {"placement": "after_activation"}},
    "mlp, BN without affine": {"architecture": MLP, "batch_norm": {"affine": False}},
    **{
        f"mlp, {name}": {"architecture": MLP, "training": {"optimizer": name, "weight_decay": 0.01}}
        for name in ("sgd", "momentum", "nesterov", "adam", "adamw")
    },
    "mlp, clipping and smoothing": {
        "architecture": MLP,
        "training": {"clip_gradient_norm": 0.5, "label_smoothing": 0.1, "schedule": "cosine"},
    },
    "mlp, factors of the rate": {
        "architecture": MLP,
        "training": {"optimizer": "momentum", "weight_decay": 0.01, "rate_factors": {"hidden*": 4.0}},
    },
    "mlp, all decays": {"architecture": MLP, "training": {"weight_decay": {"rate": 0.01, "batch_norm": True}}},
    "mlp, large sample": {"architecture": MLP, "recording": {"sample": 8192}},
    "mlp, two threads": {"architecture": MLP, "resources": {"threads": 2}},
    "convolutions, dropout, adam": {"architecture": CONVNET, "training": {"optimizer": "adam"}},
    "augmented": {"architecture": CONVNET, "data": DATA | {"augment": {"shift": 2, "flip": True}}},
    "standardized": {"architecture": CONVNET, "data": DATA | {"binarize": False, "normalize": "standardize"}},
    "standardized per pixel": {"architecture": CONVNET, "data": DATA | {"normalize": "per_pixel"}},
    "whitened": {"architecture": CONVNET, "data": DATA | {"normalize": "whiten"}},
    "local response norm": {
        "architecture": {"layers": [*CONVNET["layers"][:1], {"kind": "local_response_norm"}, *CONVNET["layers"][1:]]}
    },
    "convnet": {"architecture": "convnet"},
    "resnet": {"architecture": {"preset": "resnet", "channels": 4}},
    "bn_inception": {"architecture": {"preset": "bn_inception", "width": 0.125}, "data": DATA | {"batch_size": 20}},
}
WITH_KINKS = ("relu", "convnet", "resnet", "bn_inception")


def main() -> int:
    """Print a table, and say with the exit status whether all of it holds."""
    be_deterministic()
    torch.set_num_threads(1)
    chosen = [name for name in DOCUMENTS if not sys.argv[1:] or any(word in name for word in sys.argv[1:])]
    two = ("one step", "of two eager", f"loss after {STEPS}", "of two eager")
    table = Table("document", "to compile, s", *two, "cut anywhere", "")
    with tempfile.TemporaryDirectory() as folder:
        failed = [name for name in chosen if not _holds(name, Packages(Path(folder) / "packages", MOST), table)]
    Console(width=130).print(table)
    return 1 if failed else 0


def _holds(name: str, packages: Packages, table: Table) -> bool:
    document = {"data": DATA, **DOCUMENTS[name]}
    training = {"steps": STEPS, **document.get("training", {})}
    run = small_run(**document | {"training": training, "evaluation": {"every": STEPS}})
    torch.set_num_threads(run.spec.resources.threads)
    package = package_of(run, packages)
    start, loss = initial_state(run), _loss(run, Eager(run), initial_state(run))
    distance = apart(run, Compiled(run, package))
    drifted = abs(_loss(run, Compiled(run, package), start) / loss - 1)
    equal = _is_cut_anywhere(run, lambda: Compiled(run, package))
    nudges = range(NUDGES if any(word in name for word in WITH_KINKS) else 0)
    apart_eager = max((apart(run, Eager(run), partial(_nudged, seed=seed)) for seed in nudges), default=0.0)
    drifted_eager = max((abs(_loss(run, Eager(run), _nudged(start, seed)) / loss - 1) for seed in nudges), default=0.0)
    holds = equal and distance <= max(ONE_STEP, 3 * apart_eager) and drifted <= max(AFTER_200, 3 * drifted_eager)
    eager = (f"{value:.1e}" if nudges else "" for value in (apart_eager, drifted_eager))
    figures = (f"{distance:.1e}", next(eager), f"{drifted:.1e}", next(eager))
    table.add_row(name, f"{package.seconds:.0f}", *figures, str(equal), "" if holds else "FAILS")
    return holds


def _nudged(state: State, seed: int) -> State:
    """A copy of the state, each weight of which is larger or smaller by its last bit, or the same."""
    generator = torch.Generator().manual_seed(seed)

    def moved(tensor: Tensor) -> Tensor:
        return tensor * (1 + torch.randint(-1, 2, tensor.shape, generator=generator) * 2.0**-23)

    parameters = {name: moved(tensor) for name, tensor in state.learned.parameters.items()}
    return replace(state, learned=deepcopy(state.learned)._replace(parameters=parameters))


def _loss(run: Run, engine: Engine, start: State) -> float:
    *_, last = blocks(run, deepcopy(start), engine)
    return float(last.losses[-1].values[-1, 0])


def _is_cut_anywhere(run: Run, engine: Any) -> bool:
    """Whether a training that goes on in a new engine, from a copy of its state, ends with the same bits."""
    whole = initial_state(run)
    for _ in blocks(run, whole, engine()):
        pass
    expected = learned_tensors(whole.learned)
    return all(mine.equal(its) for cut in CUTS for mine, its in zip(_cut_at(run, engine, cut), expected, strict=True))


def _cut_at(run: Run, engine: Any, cut: int) -> list[Tensor]:
    state = initial_state(run)
    first = engine()
    for pixels, labels in each_batch(run, 1, cut):
        take(first, state, pixels, labels)
    resumed = State(state.step, deepcopy(state.learned), begun=True)
    for _ in blocks(run, resumed, engine()):
        pass
    return learned_tensors(resumed.learned)


if __name__ == "__main__":
    sys.exit(main())
