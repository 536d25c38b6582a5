"""What MLflow on SQLite and trackio take for what `benchmarks.series` measures; run by it, with their own packages.

python benchmarks/peers.py FOLDER
"""

import json
import os
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any
from urllib.request import urlopen

STEPS = 50_000
SCALARS, TRACKIO_STEPS = 28, 5000
REPEATS = 5


def main() -> None:
    """Print one line of JSON, the last one."""
    folder = Path(sys.argv[1])
    print(json.dumps({"mlflow": _mlflow(folder / "mlflow"), "trackio": _trackio(folder / "trackio")}))


def _mlflow(folder: Path) -> dict[str, float]:
    from mlflow.entities import Metric
    from mlflow.tracking import MlflowClient

    folder.mkdir()
    database = folder / "mlflow.db"
    uri = f"sqlite:///{database}"
    client = MlflowClient(tracking_uri=uri)
    run = client.create_run("0").info.run_id
    empty = database.stat().st_size
    for first in range(0, STEPS, 1000):
        rows = [Metric("loss", 1.0 / (i + 1), 1_700_000_000_000 + i, i) for i in range(first, first + 1000)]
        client.log_batch(run, rows)
    found = {"bytes a point": (database.stat().st_size - empty) / STEPS}
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "mlflow", "server", "--backend-store-uri", uri, "--port", str(port)]
    quiet = subprocess.DEVNULL
    server = subprocess.Popen([*command, "--workers", "1"], stdout=quiet, stderr=quiet, cwd=folder)
    base = f"http://127.0.0.1:{port}/ajax-api/2.0/mlflow/metrics"
    sampled = f"{base}/get-history-bulk-interval?run_ids={run}&metric_key=loss&max_results=1000"
    whole = f"http://127.0.0.1:{port}/api/2.0/mlflow/metrics/get-history?run_id={run}&metric_key=loss"
    try:
        _until_there(sampled)
        found["sampled history, ms"] = _median(lambda: _read(sampled))
        found["full history, ms"] = _median(lambda: _all_pages(whole))
    finally:
        server.terminate()
        server.wait()
    return found


def _trackio(folder: Path) -> dict[str, float]:
    os.environ["TRACKIO_DIR"] = str(folder)
    import trackio

    folder.mkdir()
    trackio.init(project="bench", name="run")
    for i in range(TRACKIO_STEPS):
        trackio.log({f"s{j}": 1.0 / (i + j + 1) for j in range(SCALARS)})
    trackio.finish()
    size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
    return {"bytes a step, 28 scalars": size / TRACKIO_STEPS}


def _all_pages(url: str) -> None:
    token, number = "", 0
    while True:
        page: dict[str, Any] = json.loads(_read(f"{url}&page_token={token}" if token else url))
        number += len(page["metrics"])
        token = page.get("next_page_token", "")
        if not token:
            assert number == STEPS, number
            return


def _read(url: str) -> bytes:
    with urlopen(url) as response:  # noqa: S310 - the loopback address of the server above
        content: bytes = response.read()
        return content


def _until_there(url: str) -> None:
    deadline = time.monotonic() + 120
    while True:
        try:
            _read(url)
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.5)
        else:
            return


def _median(read: Any) -> float:
    read()
    taken = []
    for _ in range(REPEATS):
        began = time.perf_counter()
        read()
        taken.append((time.perf_counter() - began) * 1e3)
    return round(sorted(taken)[REPEATS // 2], 1)


if __name__ == "__main__":
    main()
