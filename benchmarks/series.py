"""What a long job's series take on disk, and how long it takes to get them out, over HTTP, beside peers.

python -m benchmarks.series
"""

import json
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import psutil
from tensorboardX import SummaryWriter

from benchmarks import service
from jobs.lifecycle import attempts, clients
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended
from jobs.lifecycle.workers import Worker
from jobs.series.format.columns import expected
from jobs.series.format.manifest import read_manifest
from jobs.series.format.schema import ACTIVATIONS, BINS, HISTOGRAMS, TEST, TRAIN, Column, Rows, to_arrow
from jobs.series.write.joining import FEWEST, delete_retired, join
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database, open_database
from jobs.storage.objects.opening import open_objects

RESULTS = Path(__file__).parent / "results" / "series.json"
PEERS = Path(".venv-peers/bin/python")
REPEATS = 15
COMMIT = 1000  # steps: as of a job of a thousand steps a second whose first minutes are watched
TWELVE = "&".join(f"statistic={name}" for name in ("mean", "std", "min", "max", "p15", "p85"))  # of two layers
METRIC_NAMES = ("loss", "accuracy", "learning_rate", "gradient_norm")


def main() -> None:
    """Measure, print, and keep the result."""
    found: dict[str, Any] = {"bytes": _bytes()}
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "data", broker_url="memory://localhost")
        settings.data.mkdir()
        with closing(open_database(settings)) as database:
            yardstick = _record(database, settings, 50_000, layers=15, histograms=20)
            deep = _record(database, settings, 50_000, layers=30, histograms=0)
            twelve = [_record(database, settings, 50_000, layers=3, histograms=0) for _ in range(12)]
            long, short = (_record(database, settings, steps, layers=1, histograms=0) for steps in (1_000_000, 50_000))
            found["bytes"]["a point, joined"] = _bytes_a_point(database, yardstick)
        with service.api(settings) as (client, process):
            found["yardstick"] = _timed(client, _reads(yardstick))
            found["several at once"] = _timed(client, _reads_of_several(twelve))
            found["a matrix of 30 layers"] = {name: _sent(client, path) for name, path in _matrices(deep).items()}
            found["export"] = _exported(client, psutil.Process(process.pid), yardstick)
            found["export of 1,000,000 steps"] = _exported(client, psutil.Process(process.pid), long)
            found["1,000,000 steps"] = _timed(client, _long_reads(long, 1_000_000))
            found["50,000 steps"] = _timed(client, _long_reads(short, 50_000))
        found["tensorboard, bytes a step, 28 scalars and 3 histograms"] = _tensorboard(Path(folder) / "tensorboard")
        if PEERS.exists():
            done = subprocess.run([PEERS, "benchmarks/peers.py", folder], capture_output=True, text=True, check=True)
            found["peers"] = json.loads(done.stdout.splitlines()[-1])
    print(json.dumps(found, indent=2))
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


def _bytes() -> dict[str, float]:
    """Of a fresh chunk, and of the step of a small network of which everything is recorded."""
    chunk = to_arrow(_rows(1, 512, [f"s{i}" for i in range(200)]))
    scalars = to_arrow(_rows(1, 8000, [f"s{i}" for i in range(28)]))
    histograms = to_arrow(_histograms(np.arange(1, 8001), 3))
    return {
        "a point, 512 rows": len(chunk) / 512 / 200,
        "a step, 28 scalars and 3 histograms": (len(scalars) + len(histograms)) / 8000,
    }


def _tensorboard(folder: Path, steps: int = 200) -> float:
    """As its users write it: a value or a histogram at a time."""
    random = np.random.default_rng(0)
    with SummaryWriter(str(folder)) as writer:
        for step in range(steps):
            for i in range(28):
                writer.add_scalar(f"scalar{i}", random.normal(), step)
            for i in range(3):
                writer.add_histogram(f"histogram{i}", random.normal(size=858), step, bins=BINS)
    return sum(path.stat().st_size for path in folder.iterdir()) / steps


def _bytes_a_point(database: Database, job_id: str) -> float:
    chunks = [*(manifest := read_manifest(database, job_id)).chunks[ACTIVATIONS], *manifest.chunks[TRAIN]]
    points = sum(chunk.rows * len(manifest.names[chunk.table]) for chunk in chunks)
    return sum(chunk.bytes for chunk in chunks) / points


def _record(database: Database, settings: Settings, steps: int, layers: int, histograms: int) -> str:
    """A job of so many hidden layers with BN that has succeeded, as a trainer would store it: 13 series of each."""
    document = {
        "architecture": {"preset": "mlp", "hidden": [100] * layers},
        "batch_norm": True,
        "data": {"dataset": "synthetic"},
        "training": {"steps": steps},
        "evaluation": {"every": 500},
        "recording": {"units": 0, "histograms_every": 50},
    }
    job = clients.submit(database, check(json.dumps(document), in_catalogue(settings)))
    now, objects = time.time(), open_objects(settings)
    claimed = attempts.claim(database, Worker("benchmark", "here", 0, 1, ("cpu",), now, now))
    assert claimed is not None
    held = Held(database, objects, Hold(job.id, claimed.attempt))
    writer = Writer(held)
    names = expected(job.resolved)[ACTIVATIONS]
    for number, first in enumerate(range(1, steps + 1, COMMIT), 1):
        last = min(first + COMMIT - 1, steps)
        writer.append(TRAIN, _rows(first, last, METRIC_NAMES))
        writer.append(ACTIVATIONS, _rows(first, last, names))
        multiples = np.arange(first, last + 1)
        writer.append(TEST, _rows(last, last, METRIC_NAMES[:2]))
        if histograms:
            writer.append(HISTOGRAMS, _histograms(multiples[multiples % 50 == 0], histograms))
        writer.commit()
        if number % FEWEST == 0:
            join(held, ended=False)
    join(held, ended=True)
    attempts.end(database, held.hold, Ended("succeeded"))
    delete_retired(database, objects)
    return job.id


def _rows(first: int, last: int, names: Any) -> Rows:
    step, random = np.arange(first, last + 1), np.random.default_rng(first)
    columns: dict[str, Column] = {name: random.uniform(size=len(step)).astype(np.float32) for name in names}
    return Rows(step, 1.7e9 + step * 1e-3 + random.uniform(0, 1e-4, len(step)), columns)


def _histograms(step: Any, layers: int) -> Rows:
    """Of 858 values each, which spread as the run goes on."""
    random = np.random.default_rng(0)
    columns: dict[str, Column] = {}
    for layer in range(layers):
        edges = np.linspace(-4, 4, BINS + 1)
        drawn = random.normal(scale=1 + 0.3 * np.sin(step / 500), size=(858, len(step))).T
        counts = np.stack([np.histogram(row, edges)[0] for row in drawn]).astype(np.uint32)
        columns |= {f"layer{layer}.lo": np.full(len(step), -4, np.float32)}
        columns |= {f"layer{layer}.hi": np.full(len(step), 4, np.float32), f"layer{layer}.counts": counts}
    return Rows(step, 1.7e9 + step * 1e-3, columns)


def _reads(job_id: str) -> dict[str, str]:
    inside = f"/jobs/{job_id}/activations?points=1000"
    return {
        "one series at 1,000 points": f"{inside}&layer=hidden3&statistic=p50",
        "twelve series at 1,000 points": f"{inside}&layer=hidden3&layer=hidden4&{TWELVE}",
        "all 198 series at 1,000 points": inside,
        "the metrics at 1,000 points": f"/jobs/{job_id}/metrics?points=1000",
        "the summary of 198 series": f"/jobs/{job_id}/activations?summary=true",
        "the findings": f"/jobs/{job_id}/findings",
        "the metrics, every step": f"/jobs/{job_id}/metrics",
    }


def _reads_of_several(job_ids: list[str]) -> dict[str, str]:
    jobs = f"/series?jobs={','.join(job_ids)}&points=60"
    return {
        "test accuracy of 12 jobs at 60 points": f"{jobs}&names=test.accuracy",
        "test accuracy and training loss of 12 jobs at 60 points": f"{jobs}&names=test.accuracy,train.loss",
        "the medians of 3 layers of 12 jobs at 60 points": f"{jobs}&names=activations.hidden*.p50",
    }


def _matrices(job_id: str) -> dict[str, str]:
    """At 1,000 points there are 783 buckets; a part of the range is cut into 1,000 exactly."""
    medians = f"/series?jobs={job_id}&names=activations.*.p50&form=matrix&points=1000"
    thousand = f"{medians}&from=32&to={32 * 1000 - 1}"
    return {
        "at 1,000 points": medians,
        "1,000 buckets": thousand,
        "1,000 buckets, least values": f"{thousand}&columns=min",
        "1,000 buckets, 4 digits": f"{thousand}&digits=4",
        "1,000 buckets, 3 digits": f"{thousand}&digits=3",
    }


def _sent(client: httpx.Client, path: str) -> dict[str, float]:
    """How long a compressed answer takes, and how large it is with and without."""
    compressed = {"Accept-Encoding": "gzip"}
    with client.stream("GET", path, headers=compressed) as response:
        size = len(b"".join(response.iter_raw()))
    values = client.get(path).json()["values"]
    return {
        "rows": len(values),
        "columns": len(values[0]),
        "milliseconds": _median(lambda: client.get(path, headers=compressed).raise_for_status()),
        "milliseconds, not compressed": _median(lambda: client.get(path).raise_for_status()),
        "kB": size / 1e3,
        "kB, not compressed": len(client.get(path).content) / 1e3,
    }


def _long_reads(job_id: str, steps: int) -> dict[str, str]:
    inside = f"/jobs/{job_id}/activations?points=1000&layer=hidden1&statistic=p50"
    return {
        "opened": inside,
        "zoomed": f"{inside}&from={steps // 2}&to={steps // 2 + 9999}",
        "followed": f"/jobs/{job_id}/activations?layer=hidden1&statistic=p50&after={steps - 1000}",
    }


def _timed(client: httpx.Client, reads: dict[str, str]) -> dict[str, float]:
    """The median of some reads that follow one, in milliseconds."""
    return {name: _median(lambda path=path: client.get(path).raise_for_status()) for name, path in reads.items()}  # type: ignore[misc]


def _median(read: Callable[[], Any]) -> float:
    read()
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        read()
        taken.append((time.perf_counter() - began) * 1e3)
    return round(sorted(taken)[REPEATS // 2], 2)


def _exported(client: httpx.Client, process: psutil.Process, job_id: str) -> dict[str, float]:
    """The whole job as Parquet, and the most memory that the server held meanwhile."""
    began, size, most = time.perf_counter(), 0, 0
    paths = [f"/jobs/{job_id}/metrics?format=parquet&table={name}" for name in ("train", "test")]
    paths += [f"/jobs/{job_id}/activations?format=parquet&table={name}" for name in ("activations", "histograms")]
    for path in paths:
        with client.stream("GET", path) as response:
            for piece in response.iter_raw():
                size += len(piece)
                most = max(most, process.memory_info().rss)
    return {"seconds": round(time.perf_counter() - began, 2), "MB": size / 1e6, "most MB in memory": most / 2**20}


if __name__ == "__main__":
    main()
