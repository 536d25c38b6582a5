"""Trains small jobs that have every network, rule and measure between them, and writes down checksums of the results.

python -m tests.bits before.json --checkout ../before
python -m tests.bits after.json
python -m tests.bits --compare before.json after.json

Of a checkout it knows the HTTP interface alone and imports nothing, so that its code may move as it likes.
"""

import argparse
import hashlib
import io
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import PIPE
from typing import Any, BinaryIO

import httpx
import pyarrow.parquet as pq

from tests.bits_documents import DOCUMENTS, EXPERIMENT

Found = dict[str, str | None]  # of a document: how it ended, and a checksum of each result

ROUTES = {"metrics": ("train", "test"), "activations": ("activations", "units", "histograms")}


def main() -> int:
    """Write the checksums, or compare two files of them and say with the exit status whether nothing differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out", type=Path, nargs="?", help="the file to write")
    parser.add_argument("--checkout", type=Path, default=".", help="whose service it is; else that of this folder")
    parser.add_argument("--datasets", type=Path, help="the `datasets` of a data folder; else MNIST alone is fetched")
    parser.add_argument("--compare", type=Path, nargs=2, metavar=("BEFORE", "AFTER"), help="files that were written")
    asked = parser.parse_args()
    if asked.compare:
        return _compare(*(json.loads(path.read_text()) for path in asked.compare))
    if asked.out is None:
        parser.error("say which file to write, or --compare two")
    with _service(asked.checkout.resolve(strict=True), asked.datasets) as client:
        found = {name: _told(name, _job(client, document)) for name, document in DOCUMENTS.items()}
        found["an experiment"] = _told("an experiment", _experiment(client))
        environment = client.get("/jobs?limit=1").json()["jobs"][0]["environment"]
    asked.out.write_text(json.dumps({"environment": environment, "documents": found}, indent=1))
    return 0


def _compare(before: dict[str, Any], after: dict[str, Any]) -> int:
    """Print what differs; the environment, which has the code's digest, may."""
    one, other = before["environment"], after["environment"]
    for name in _differing(one, other):
        print(f"({name} was {one.get(name)} and is {other.get(name)})")
    differing = _differing(before["documents"], after["documents"])
    for document in differing:
        one, other = (side["documents"].get(document, {}) for side in (before, after))
        names = _differing(one, other)
        print(f"{document}: {len(names)} of {len(one | other)} differ: {', '.join(names)}")
    for document, found in after["documents"].items():
        if found["status"] == "refused":  # which proves nothing, though both may have done so
            print(f"({document} was refused)")
    print(f"{len(differing)} of {len(before['documents'] | after['documents'])} documents differ")
    return int(bool(differing))


def _differing(one: dict[str, Any], other: dict[str, Any]) -> list[str]:
    return [name for name in one | other if one.get(name) != other.get(name)]


def _told(name: str, found: Found) -> Found:
    print(f"{name}: {found['status']}, {len(found)} results", flush=True)
    return found


def _job(client: httpx.Client, document: dict[str, Any]) -> Found:
    """How a job ended, and the checksums of what it left."""
    answer = client.post("/jobs", json=document)
    if answer.is_error:
        return {"status": "refused", "error": answer.json()["code"]}
    job = _once(client, f"/jobs/{answer.json()['id']}", "finished")
    error = job["error"] and f"{job['error']['code']}: {job['error']['message']}"
    ended = {"status": job["status"], "error": error, "weights_sha256": job["weights_sha256"]}
    return ended | dict(_series(client, job))


def _series(client: httpx.Client, job: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Every series of a job, whole, with its checksum: of steps and values, for when they were taken is chance."""
    diagnostics = tuple(each["name"] for each in job["spec"]["recording"]["diagnostics"])
    for route, tables in {**ROUTES, "diagnostics": diagnostics}.items():
        for table in tables:
            file = client.get(f"/jobs/{job['id']}/{route}?format=parquet&table={table}").raise_for_status()
            rows = pq.read_table(io.BytesIO(file.content)).drop_columns("time")
            for name, column in zip(rows.column_names, rows.columns, strict=True):
                # As text: Python writes a float so that the same one is read back, whatever chunks Arrow has.
                yield f"{table}.{name}", _sha256(f"{column.type} {rows['step'].to_pylist()} {column.to_pylist()}")


def _experiment(client: httpx.Client) -> Found:
    """The checksums of what an experiment says of its jobs together, but for their ids."""
    path = f"/experiments/{client.post('/experiments', json=EXPERIMENT).raise_for_status().json()['id']}"
    experiment = _once(client, path, "ended")
    said = {
        "groups": experiment["groups"],
        "speedups": experiment["speedups"],
        "ensemble": client.get(f"{path}/ensemble").raise_for_status().json(),
        "comparison": client.get(f"{path}/compare?series=test.loss").raise_for_status().json(),
    }
    ids = re.compile("|".join(job["id"] for job in experiment["jobs"]))
    return {"status": "ended", **{name: _sha256(ids.sub("", json.dumps(part))) for name, part in said.items()}}


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _once(client: httpx.Client, path: str, field: str) -> dict[str, Any]:
    """What is answered as soon as it has something in this field."""
    while True:
        answer: dict[str, Any] = client.get(path).raise_for_status().json()
        if answer[field]:
            return answer
        time.sleep(0.1)


@contextmanager
def _service(checkout: Path, datasets: Path | None) -> Iterator[httpx.Client]:
    """A client of the checkout's service, which has one worker and no data but the datasets."""
    with tempfile.TemporaryDirectory(prefix="bnlab-bits-") as folder:
        data, log, port = Path(folder) / "data", Path(folder) / "log", _free_port()
        data.mkdir()
        if datasets is not None:
            (data / "datasets").symlink_to(datasets.resolve(strict=True))
        with log.open("wb") as output:
            process = _start(checkout, ("up", f"--port={port}", f"--data={data}", "--workers=1"), output)
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
                while not _is_ready(client):
                    if process.poll() is not None:
                        sys.exit(log.read_text())
                    time.sleep(0.2)
                yield client
        finally:
            process.terminate()
            process.wait()


def _start(checkout: Path, arguments: tuple[str, ...], output: BinaryIO) -> subprocess.Popen[bytes]:
    """The checkout's `bnlab`, begun as its script would: the one that is installed may be of another checkout."""
    project = tomllib.loads((checkout / "pyproject.toml").read_text())["project"]
    module, function = project["scripts"]["bnlab"].split(":")
    environment = os.environ | {"PYTHONPATH": str(checkout)}  # goes before what is installed, for its children too
    where = [sys.executable, "-c", f"import {module}; print({module}.__file__)"]
    answer = subprocess.run(where, cwd=checkout, env=environment, check=True, stdout=PIPE, text=True)
    found = Path(answer.stdout.strip())
    if not found.is_relative_to(checkout):
        sys.exit(f"{module} is {found}, which is not in {checkout}")
    print(f"{module} is {found}", flush=True)
    program = [sys.executable, "-c", f"import {module}; {module}.{function}()", *arguments]
    return subprocess.Popen(program, cwd=checkout, env=environment, stdout=output, stderr=output)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port: int = listening.getsockname()[1]
        return port


def _is_ready(client: httpx.Client) -> bool:
    try:
        return client.get("/readyz").is_success
    except httpx.TransportError:
        return False


if __name__ == "__main__":
    sys.exit(main())
