"""One run of a tracker at a time: where it is kept, what a step hands over, and how it ends.

Imported by `benchmarks.tracked.measure` alone, where the trackers are installed. What a tracker measures by itself
(the machine, the terminal) is off: it is not among the series.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

OFFLINE = {
    "WANDB_MODE": "offline",
    "WANDB_SILENT": "true",
    "WANDB_ERROR_REPORTING": "false",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "GRADIO_ANALYTICS_ENABLED": "False",
    "HF_HUB_OFFLINE": "1",
}
"""Of the environment, before a tracker is imported: nothing is sent, and nothing printed that can be kept back."""


class Histogram(NamedTuple):
    """Counts [64] between edges [65], and what TensorBoard keeps besides: the values' sum and that of their squares."""

    counts: NDArray[Any]
    edges: NDArray[Any]
    total: float
    squares: float


Log = Callable[[int, dict[str, float], dict[str, Histogram]], None]
"""Takes a step, its numbers and its histograms (most steps have none), by the names of their series."""

Open = Callable[[Path, str], AbstractContextManager[Log]]
"""Opens a run of a name in a folder; when left, everything is flushed and the run finished."""


@contextmanager
def trackio(folder: Path, name: str) -> Iterator[Log]:
    """A SQLite database, written by a thread twice a second."""
    os.environ["TRACKIO_DIR"] = str(folder)
    import trackio

    trackio.init(project="bench", name=name, auto_log_cpu=False, auto_log_gpu=False)

    def log(step: int, values: dict[str, float], histograms: dict[str, Histogram]) -> None:
        found = {key: trackio.Histogram(np_histogram=(each.counts, each.edges)) for key, each in histograms.items()}
        trackio.log({**values, **found}, step=step)

    yield log
    trackio.finish()


@contextmanager
def wandb(folder: Path, name: str) -> Iterator[Log]:
    """A file that its own process writes."""
    import wandb

    settings = wandb.Settings(console="off", x_disable_stats=True, x_disable_meta=True, disable_git=True)
    run = wandb.init(project="bench", name=name, dir=folder, mode="offline", settings=settings)

    def log(step: int, values: dict[str, float], histograms: dict[str, Histogram]) -> None:
        found = {key: wandb.Histogram(np_histogram=(each.counts, each.edges)) for key, each in histograms.items()}
        run.log({**values, **found}, step=step)

    yield log
    run.finish()


@contextmanager
def aim(folder: Path, name: str) -> Iterator[Log]:
    """A RocksDB a run. A dict of numbers is one call."""
    import aim

    run = aim.Run(repo=str(folder), experiment=name, system_tracking_interval=None, capture_terminal_logs=False)

    def log(step: int, values: dict[str, float], histograms: dict[str, Histogram]) -> None:
        run.track(values, step=step)
        for key, each in histograms.items():
            run.track(aim.Distribution(hist=each.counts, bin_range=(each.edges[0], each.edges[-1])), key, step)

    yield log
    run.close()


@contextmanager
def mlflow(folder: Path, name: str) -> Iterator[Log]:
    """A SQLite database. It knows no histograms: they become an artifact, a file of JSON."""
    import mlflow

    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    if mlflow.get_experiment_by_name("bench") is None:
        mlflow.create_experiment("bench", artifact_location=(folder / "artifacts").as_uri())
    mlflow.set_experiment("bench")
    mlflow.start_run(run_name=name)

    def log(step: int, values: dict[str, float], histograms: dict[str, Histogram]) -> None:
        mlflow.log_metrics(values, step=step)
        if histograms:
            found = {key: [each.counts.tolist(), each.edges.tolist()] for key, each in histograms.items()}
            mlflow.log_dict(found, f"histograms/{step}.json")

    yield log
    mlflow.end_run()


@contextmanager
def tensorboard(folder: Path, name: str) -> Iterator[Log]:
    """An event file that a thread writes; a call a number."""
    from torch.utils.tensorboard import SummaryWriter

    writer = SummaryWriter(str(folder / name))

    def log(step: int, values: dict[str, float], histograms: dict[str, Histogram]) -> None:
        for key, value in values.items():
            writer.add_scalar(key, value, step)
        for key, each in histograms.items():
            low, high, number = each.edges[0], each.edges[-1], int(each.counts.sum())
            limits = np.asarray(each.edges[1:], np.float64).tolist()
            writer.add_histogram_raw(
                key, low, high, number, each.total, each.squares, limits, each.counts.tolist(), step
            )

    yield log
    writer.close()


TRACKERS: dict[str, Open] = {
    "trackio": trackio,
    "wandb": wandb,
    "aim": aim,
    "mlflow": mlflow,
    "tensorboard": tensorboard,
}
"""By the name of the package that each needs."""
