"""What people upload trains by every engine: pictures and features, judged, kept in a store and read from there."""

import io
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from bn.architecture.measures import DIAGNOSTIC_NAMES
from jobs.datasets import kept
from jobs.datasets.judging.judge import examine
from jobs.datasets.judging.options import Options
from jobs.datasets.kept import Source, Uploaded
from jobs.datasets.uploaded import arrays_of
from jobs.settings import Settings
from jobs.storage.objects.opening import open_objects
from tests.support.documents import resolved
from tests.support.graphs import repeated
from tests.support.packages import MOST, compiled
from tests.support.small_runs import recorded
from tests.support.steps import apart
from tests.support.uploads import encoded, labels, noise, npz, tabled, zipped
from worker.train.engines.eager import Eager
from worker.train.engines.graphed import Graphed
from worker.train.engines.packages import Packages
from worker.train.engines.protocol import Engine
from worker.train.loop import blocks
from worker.train.state import Run, initial_state, prepare_run

MLP = {"preset": "mlp", "hidden": [100, 20]}
CONVOLUTION = {
    "layers": [
        {"kind": "conv2d", "channels": 4, "kernel": 5, "stride": 2, "activation": "tanh"},
        {"kind": "flatten"},
        {"kind": "linear", "features": 10},
    ]
}
LISTED = {
    "layers": [
        {"kind": "batch_norm"},
        {"kind": "linear", "features": 8, "activation": "relu"},
        {"kind": "dropout", "rate": 0.1},
        {"kind": "linear", "features": 3},
    ]
}
FLOWERS = {"setosa": (5.0, 3.4, 1.5, 0.2), "versicolor": (5.9, 2.8, 4.3, 1.3), "virginica": (6.6, 3.0, 5.6, 2.0)}


def pictures(number: int, *shape: int, seed: int = 0) -> NDArray[np.uint8]:
    """Noise, on which each of ten classes has a bright row of its own."""
    found = noise(number, *shape, seed=seed) // 2
    found[np.arange(number), 2 * labels(number, 10)] = 255
    return found


def digits() -> bytes:
    """As whoever has MNIST writes it."""
    parts = {"train": (200, 0), "test": (100, 1)}
    arrays = {f"x_{part}": pictures(number, 28, 28, seed=seed) for part, (number, seed) in parts.items()}
    return npz(**arrays, **{f"y_{part}": labels(number, 10) for part, (number, _) in parts.items()})


def folders() -> bytes:
    """Photographs of CIFAR's shape, a folder of them for each class."""
    every = zip(pictures(120, 32, 32, 3), labels(120, 10), strict=True)
    return zipped({f"{label}/{number}.png": encoded(pixels) for number, (pixels, label) in enumerate(every)})


def table() -> bytes:
    """The same as Hugging Face has them."""
    return tabled([encoded(pixels) for pixels in pictures(120, 32, 32, 3)], labels(120, 10).tolist())


def flowers() -> bytes:
    """Four lengths of fifty flowers of each of three species, as Fisher has them."""
    random = np.random.default_rng(0)
    measured = [(*random.normal(mean, 0.3), name) for name, mean in FLOWERS.items() for _ in range(50)]
    rows = [",".join(map(str, row)) for row in measured]
    return "\n".join(["sepal_length,sepal_width,petal_length,petal_width,species", *rows]).encode()


@dataclass(frozen=True)
class Kind:
    """A file, which part of it is to test with, and what is trained on it."""

    content: Callable[[], bytes]
    architecture: dict[str, Any]
    test: float | None = None
    batch: int = 20


KINDS = {
    "MNIST as numpy writes it": Kind(digits, MLP, batch=100),
    "folders of PNG": Kind(folders, CONVOLUTION, test=0.25),
    "Parquet": Kind(table, CONVOLUTION, test=0.25),
    "CSV": Kind(flowers, LISTED, test=0.2),
}


def uploaded(kind: Kind, data: Path) -> Callable[..., Run]:
    """The runs of documents on a dataset that was judged and is kept in a data folder."""
    content, options, judged = kind.content(), Options(test=kind.test), data / "judged"
    judged.mkdir()
    found = examine(io.BytesIO(content), options, judged)
    objects = open_objects(Settings(data=data))
    files = kept.keep(objects, "0kept", judged)
    dataset = Uploaded("own", "0kept", 0.0, Source(len(content), "", options), files, found).dataset

    def run(**document: Any) -> Run:
        asked: dict[str, Any] = {
            "architecture": kind.architecture,
            "batch_norm": True,
            "training": {"steps": 40},
            "evaluation": {"every": 20},
            **document,
            "data": {"dataset": "own", "batch_size": kind.batch, **document.get("data", {})},
            "recording": {"probe_size": 30, "probe_every": 20, **document.get("recording", {})},
        }
        return prepare_run(resolved(dataset, **asked), torch.device("cpu"), arrays_of(dataset, data, objects))

    return run


@pytest.fixture(scope="module", params=KINDS)
def own(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    return uploaded(KINDS[request.param], tmp_path_factory.mktemp("data"))


@pytest.fixture(scope="module")
def measured(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Run]:
    return uploaded(KINDS["CSV"], tmp_path_factory.mktemp("data"))


def learns(run: Run, engine: Engine) -> bool:
    """Whether it does better than guessing, on what it was not trained on."""
    *_, last = blocks(run, initial_state(run), engine)
    return last.evaluations["test"].accuracy > 2 / run.resolved.dataset.classes


def test_each_kind_of_file_trains_by_the_eager_engine_and_as_a_graph(own: Callable[..., Run]) -> None:
    run = own()
    assert learns(run, Eager(run))
    assert apart(run, Graphed(run, repeated)) == 0


def test_each_kind_of_file_trains_by_the_compiled_engine(own: Callable[..., Run], packages: Path) -> None:
    run, folder = own(), Packages(packages, MOST)
    assert apart(run, compiled(run, folder)) <= 1e-5
    assert learns(run, compiled(run, folder))


@pytest.mark.parametrize("document", [{"architecture": MLP}, {"batch_norm": {"population": "algorithm2"}}])
def test_of_features_everything_is_recorded_that_is_of_images(
    measured: Callable[..., Run], document: dict[str, Any]
) -> None:
    asked = [{"name": name, "every": 20} for name in DIAGNOSTIC_NAMES]
    run = measured(
        data={"validation": 0.1}, recording={"units": 2, "histograms_every": 20, "diagnostics": asked}, **document
    )
    tables = recorded(run)
    everywhere = {"train", "validation", "test", "activations", "units", "histograms"}
    assert set(tables) == everywhere | set(run.resolved.diagnostics)
    assert all(np.isfinite(column).all() for rows in tables.values() for column in rows.columns.values())
