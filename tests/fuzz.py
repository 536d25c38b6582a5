"""Sends a running service what its OpenAPI document allows and what it forbids, and judges each answer by the document.

python -m tests.fuzz --requests 5000
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from bn.architecture.measures import DIAGNOSTIC_NAMES
from bnlab.local.preconditions import free_port

PROGRAMS = Path(sys.executable).parent
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
STREAMS = "stream$"  # they end when their jobs do
SMALL = {"BNLAB_MAX_STEPS": "20000", "BNLAB_MAX_PARAMETERS": "2000000", "BNLAB_MAX_BATCH_VALUES": "5000000"}
"""What is accepted is also trained."""


def main() -> int:
    """Fuzz, and say with the exit status whether nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=5000, help="about how many are drawn at random")
    parser.add_argument("--walk", type=int, default=300, help="seconds of following links")
    parser.add_argument("--seconds", type=int, default=3600, help="the longest that it may take")
    parser.add_argument("--seed", type=int, default=None, help="of an earlier run, which it printed")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bnlab-fuzz-") as folder, _service(Path(folder)) as url:
        _begin(url)
        deadline = time.monotonic() + asked.seconds
        try:
            # Each operation at the bounds of what the document says, 30,000 requests, and so many drawn at random.
            each = max(1, asked.requests // _operations(url))
            one = _fuzz(url, folder, deadline, asked.seed, "--phases=coverage,fuzzing", f"--max-examples={each}")
            # From what an answer names to the next operation, again and again.
            two = _fuzz(url, folder, deadline, asked.seed, "--phases=stateful", f"--max-time={asked.walk}")
        except subprocess.TimeoutExpired:
            print(f"not done after {asked.seconds} seconds: give it more with --seconds, or send less with --requests")
            return 1
        finally:
            _show_errors(Path(folder) / "data" / "logs" / "api.log")
        return one or two


def _operations(url: str) -> int:
    document = httpx.get(f"{url}/openapi.json", trust_env=False).json()
    return sum(map(len, document["paths"].values()))


def _fuzz(url: str, folder: str, deadline: float, seed: int | None, *options: str) -> int:
    """The exit status of schemathesis, which keeps what it found in the folder."""
    command = [
        *(str(PROGRAMS / "schemathesis"), "--no-color", "run", f"{url}/openapi.json", f"--url={url}", *options),
        *(f"--checks={','.join(CHECKS)}", f"--exclude-path-regex={STREAMS}", "--request-timeout=60"),
        *("--continue-on-failure", "--suppress-health-check=all", "--warnings=off"),
        *([] if seed is None else [f"--seed={seed}"]),
    ]
    return subprocess.run(command, cwd=folder, timeout=deadline - time.monotonic(), check=False).returncode


@contextmanager
def _service(folder: Path) -> Iterator[str]:
    """A server with a worker, and where it answers."""
    port = free_port("127.0.0.1", 0)
    url = f"http://127.0.0.1:{port}"
    command = [str(PROGRAMS / "bnlab"), "up", f"--port={port}", f"--data={folder / 'data'}"]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, env=os.environ | SMALL, stdout=log, stderr=log)
        try:
            while not _is_ready(url):
                if process.poll() is not None:
                    sys.exit((folder / "log").read_text())
                time.sleep(0.2)
            yield url
        finally:
            process.terminate()
            process.wait()


def _begin(url: str) -> None:
    """Have a job that has recorded something of everything, and an experiment: links lead to them from the lists."""
    small = {"data": {"dataset": "synthetic"}, "batch_norm": True, "training": {"steps": 20}}
    everything = {"recording": {"histograms_every": 5, "diagnostics": [{"name": name} for name in DIAGNOSTIC_NAMES]}}
    experiment = {"base": small, "variants": {"without": {"batch_norm": False}, "with": {}}, "seeds": 2}
    with httpx.Client(base_url=url, trust_env=False) as client:
        client.post("/experiments", json=experiment).raise_for_status()
        job = client.post("/jobs", json=small | everything).raise_for_status().json()["id"]
        while client.get(f"/jobs/{job}").json()["finished"] is None:
            time.sleep(0.2)


def _is_ready(url: str) -> bool:
    try:
        return httpx.get(f"{url}/readyz", trust_env=False).is_success
    except httpx.TransportError:
        return False


def _show_errors(log: Path) -> None:
    """What the server has logged of requests that failed in it: `api.errors` names each by its id."""
    for line in log.read_text().splitlines():
        if line.startswith("request "):
            print(line)


if __name__ == "__main__":
    sys.exit(main())
