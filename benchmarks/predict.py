"""What the API takes to ask a network about a thousand MNIST-like images while two jobs train, and its memory.

python -m benchmarks.predict

Whoever asks, the API and both trainings have the machine's cores in common, on loopback.
"""

import io
import json
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import numpy as np

from benchmarks import service
from jobs.settings import Settings

RESULTS = Path(__file__).parent / "results" / "predict.json"
NUMBER, SHAPE = 1_000, (1, 28, 28)
DATA = {"data": {"dataset": "synthetic"}}
ASKED: dict[str, dict[str, Any]] = {
    name: {**DATA, "architecture": network, "batch_norm": True, "training": {"steps": 20}}
    for name, network in {
        "mlp": {"preset": "mlp"},
        "wide mlp": {"preset": "mlp", "hidden": [1000, 1000]},
        "convnet": {"preset": "convnet"},
    }.items()
}
TRAINS = {**DATA, "architecture": {"preset": "convnet"}, "batch_norm": True, "training": {"steps": 100_000}}
WAYS = (("mlp", "running"), ("mlp", "batch"), ("wide mlp", "running"), ("convnet", "running"))
"""Four networks: as many as stay open."""
TIMES = 20
NPY, JSON = "application/x-npy", "application/json"
RESIDENT = "VmRSS:"


def main() -> None:
    """Measure, print, and keep the result."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "data")
        with service.api(settings) as (client, process), service.worker(settings, slots=2):
            ids = {name: _submit(client, document) for name, document in ASKED.items()}
            for job_id in ids.values():
                _wait(client, job_id, "succeeded")
            before = resident(process.pid)
            training = [_submit(client, TRAINS) for _ in range(2)]
            for job_id in training:
                _wait(client, job_id, "running")
            found: dict[str, Any] = {"inputs": NUMBER, "api_mb_before": before}
            for name, normalization in WAYS:
                path = f"/jobs/{ids[name]}/predict?normalization={normalization}"
                found[f"{name}, {normalization}"] = {
                    kind: _asked(client, path, kind, body) for kind, body in bodies().items()
                }
            found["api_mb_with_four_networks"] = resident(process.pid)
            for job_id in training:
                client.post(f"/jobs/{job_id}/cancel").raise_for_status()
                _wait(client, job_id, "cancelled")
    print(json.dumps(found, indent=2))
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


def bodies() -> dict[str, bytes]:
    """The same images as each kind of body."""
    images = np.random.default_rng(0).integers(0, 256, (NUMBER, *SHAPE), dtype=np.uint8)
    file = io.BytesIO()
    np.save(file, images)
    return {NPY: file.getvalue(), JSON: json.dumps({"inputs": images.tolist()}).encode()}


def resident(pid: int) -> int:
    """The memory that a process has now, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 // 10**6 for line in lines if line.startswith(RESIDENT))


def _asked(client: httpx.Client, path: str, kind: str, body: bytes) -> dict[str, float]:
    """The seconds until the first answer, for which the network is opened where it is not, and those of later ones."""
    taken = []
    for _ in range(1 + TIMES):
        began = time.perf_counter()
        client.post(path, content=body, headers={"Content-Type": kind}).raise_for_status()
        taken.append(round(time.perf_counter() - began, 3))
    first, *later = taken
    return {"first_s": first, "median_s": round(median(later), 3), "max_s": max(later)}


def _submit(client: httpx.Client, document: dict[str, Any]) -> str:
    return str(client.post("/jobs", json=document).raise_for_status().json()["id"])


def _wait(client: httpx.Client, job_id: str, status: str) -> None:
    while client.get(f"/jobs/{job_id}?wait=5").raise_for_status().json()["status"] != status:
        pass


if __name__ == "__main__":
    main()
