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
from benchmarks.recorded import record, rows, spreading
from jobs.series.format.manifest import read_manifest
from jobs.series.format.schema import ACTIVATIONS, BINS, TRAIN, to_arrow
from jobs.settings import Settings
from jobs.storage.database import Database, open_database

RESULTS = Path(__file__).parent / "results" / "series.json"
PEERS = Path(".venv-peers/bin/python")
REPEATS = 15
TWELVE = "&".join(f"statistic={name}" for name in ("mean", "std", "min", "max", "p15", "p85"))  # of two layers


def main() -> None:
    """Measure, print, and keep the result."""
    found: dict[str, Any] = {"bytes": _bytes()}
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "data", broker_url="memory://localhost")
        settings.data.mkdir()
        with closing(open_database(settings)) as database:
            yardstick = record(database, settings, 50_000, layers=15, histograms=True)
            deep = record(database, settings, 50_000, layers=30, histograms=False)
            twelve = [record(database, settings, 50_000, layers=3, histograms=False) for _ in range(12)]
            long, short = (
                record(database, settings, steps, layers=1, histograms=False) for steps in (1_000_000, 50_000)
            )
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
    chunk = to_arrow(rows(1, 512, [f"s{i}" for i in range(200)]))
    scalars = to_arrow(rows(1, 8000, [f"s{i}" for i in range(28)]))
    histograms = to_arrow(spreading(np.arange(1, 8001), ("layer0", "layer1", "layer2")))
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
