"""What a server takes to have a dataset of 1 GB uploaded, and how soon it answers others meanwhile.

python -m benchmarks.upload

Whoever sends it, the server and the child that judges it have the machine's cores in common, on loopback.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from benchmarks import service
from jobs.settings import Settings

RESULTS = Path(__file__).parent / "results" / "upload.json"
EXAMPLES, SHAPE, CLASSES = 325_000, (3, 32, 32), 10  # 1 GB of images of bytes
TESTED = 1000  # of them, which are the test part too
LISTED = 50  # jobs in the list that is asked for meanwhile
IDLE = 5.0  # seconds that it is asked for before
JOB = {"data": {"dataset": "synthetic"}}
PEAK = "VmHWM:"  # the most memory that a process has had at once, files that it had mapped included


def main() -> None:
    """Measure, print, and keep the result."""
    with tempfile.TemporaryDirectory() as folder:
        file, settings = Path(folder) / "large.npz", Settings(data=Path(folder) / "data")
        write(file)
        with service.api(settings) as (client, process):
            for _ in range(LISTED):
                client.post("/jobs", json=JOB).raise_for_status()
            began, before = time.perf_counter(), peak(process.pid)
            idle = asked_while(client, lambda: time.perf_counter() - began < IDLE)
            command = (str(Path(sys.executable).with_name("bnlab")), "data", "add", str(file), "--name", "large")
            environment = os.environ | {"BNLAB_URL": str(client.base_url)}
            began = time.perf_counter()
            with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as sending:
                meanwhile = asked_while(client, lambda: sending.poll() is None)
            assert sending.returncode == 0
            found = {
                "bytes": file.stat().st_size,
                "seconds": round(time.perf_counter() - began, 1),
                "api_peak_mb_before": before,
                "api_peak_mb": peak(process.pid),
                "GET /jobs, before": told(idle),
                "GET /jobs, meanwhile": told(meanwhile),
            }
    print(json.dumps(found, indent=2))
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


def write(file: Path) -> None:
    """Write the dataset as numpy does."""
    random, labels = np.random.default_rng(0), np.arange(EXAMPLES) % CLASSES
    images = random.integers(0, 256, (EXAMPLES, *SHAPE), dtype=np.uint8)
    np.savez(file, x_train=images, y_train=labels, x_test=images[:TESTED], y_test=labels[:TESTED])


def asked_while(client: httpx.Client, goes_on: Callable[[], bool]) -> list[float]:
    """The seconds that each answer took, of a list that is asked for again and again, once it is there."""
    taken = []
    while goes_on():
        asked = time.perf_counter()
        client.get("/jobs").raise_for_status()
        taken.append(time.perf_counter() - asked)
    return sorted(taken)


def told(taken: list[float]) -> dict[str, Any]:
    """Of seconds in their order how many there are, and by which some share of them is over."""
    shares = {f"p{share}_ms": round(taken[len(taken) * share // 100] * 1e3, 1) for share in (50, 90, 99)}
    return {"requests": len(taken), **shares, "max_ms": round(taken[-1] * 1e3, 1)}


def peak(pid: int) -> int:
    """The most memory that a process has had so far, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 // 10**6 for line in lines if line.startswith(PEAK))


if __name__ == "__main__":
    main()
