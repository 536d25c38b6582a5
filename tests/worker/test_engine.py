"""The engine of an attempt, in a real worker: made while the job says so, ended at once, or not to be had."""

import subprocess
from pathlib import Path

import pytest

from jobs.lifecycle import clients, lookup
from jobs.lifecycle.job import Job, Status
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects
from tests.support.requirements import require_any
from tests.support.workers import running_worker, submit, until, wait_for
from tests.worker.supervise.test_supervisor import steps
from worker.engine import sweep_packages

COMPILING = "compiling: its step is made into one program, which takes from seconds to minutes"
BY_NAME = {"engine": "compiled"}


def compilers(folder: Path) -> list[str]:
    """What is at work in a folder of packages: processes that make one, and the compilers that they have started."""
    found = subprocess.run(["pgrep", "-af", str(folder)], capture_output=True, text=True, check=False)
    return [line for line in found.stdout.splitlines() if "pgrep" not in line]


@pytest.fixture
def compiler() -> None:
    require_any("g++")


@pytest.fixture
def own_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of packages in which there is none."""
    folder = tmp_path / "packages"
    monkeypatch.setenv("BNLAB_PACKAGES", str(folder))
    return folder


@pytest.mark.usefixtures("compiler", "worker")
def test_a_compiled_job_records_what_an_eager_one_does(database: Database, objects: Objects) -> None:
    compiled, eager = (submit(database, resources={"engine": engine}) for engine in ("compiled", "eager"))
    done = wait_for_long(database, compiled)
    assert done.status is Status.SUCCEEDED
    assert done.environment is not None
    assert (done.resolved.engine.engine, done.environment["engine"]) == ("compiled", "compiled")
    assert steps(database, objects, done, "train") == list(range(1, 301))
    other = wait_for(database, eager)
    assert other.environment is not None
    assert "package" not in other.environment
    assert done.scores["train.loss"].last == pytest.approx(other.scores["train.loss"].last, rel=1e-3)


def wait_for_long(database: Database, job: Job) -> Job:
    return until(lambda: (now := lookup.get(database, job.id)).finished and now, patience=180)  # type: ignore[no-any-return]


@pytest.mark.usefixtures("compiler", "own_packages", "worker")
def test_while_its_package_is_made_a_job_says_so_and_can_be_cancelled(own_packages: Path, database: Database) -> None:
    job = submit(database, resources=BY_NAME)
    until(lambda: lookup.get(database, job.id).waiting_for == COMPILING)
    until(lambda: compilers(own_packages))
    clients.ask(database, job.id, "cancel")
    job = wait_for(database, job)
    assert (job.status, job.waiting_for) == (Status.CANCELLED, None)
    until(lambda: not compilers(own_packages))
    until(lambda: not list(own_packages.glob("making-*")))


def test_a_trainer_begins_by_removing_what_dead_makers_left(settings: Settings, tmp_path: Path) -> None:
    none = settings.model_copy(update={"packages": str(tmp_path / "none")})
    sweep_packages(none)
    assert not none.packages_folder.exists()
    left = tmp_path / "packages" / "making-a-package"
    left.mkdir(parents=True)
    left.parent.chmod(0o700)
    (left / "half").touch()
    sweep_packages(settings.model_copy(update={"packages": str(left.parent)}))
    assert not left.exists()


@pytest.mark.usefixtures("compiler")
def test_a_worker_that_leaves_gives_it_back_uncounted(
    own_packages: Path, settings: Settings, database: Database
) -> None:
    with running_worker(settings):
        job = submit(database, resources=BY_NAME)
        until(lambda: lookup.get(database, job.id).waiting_for == COMPILING)
        until(lambda: compilers(own_packages))
    job = lookup.get(database, job.id)
    assert (job.status, job.losses) == (Status.QUEUED, 0)
    assert not compilers(own_packages)


@pytest.fixture
def without_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CXX", "no-such-compiler")


@pytest.mark.usefixtures("without_compiler", "worker")
def test_without_a_compiler_a_job_is_trained_eagerly_and_says_so(database: Database) -> None:
    many = 10**7  # for which it would be compiled
    job = submit(database, training={"steps": many}, resources={"engine": "auto"})
    assert job.resolved.engine.engine == "compiled"
    job = until(lambda: (now := lookup.get(database, job.id)).step and now)
    assert job.resolved.engine.engine == "eager"
    assert (
        job.resolved.engine.reason
        == "it cannot be compiled: there is no C++ compiler: 'no-such-compiler' is not installed"
    )
    assert job.environment is not None
    assert job.environment["engine"] == "eager"
    clients.ask(database, job.id, "cancel")
    wait_for(database, job)


@pytest.mark.usefixtures("without_compiler", "worker")
def test_by_name_it_fails_and_says_why(database: Database) -> None:
    job = wait_for(database, submit(database, resources=BY_NAME))
    assert job.status is Status.FAILED
    assert job.error is not None
    assert job.error.code == "engine_unavailable"
    assert "no-such-compiler" in job.error.message


@pytest.mark.usefixtures("compiler")
@pytest.mark.parametrize(("reproducible", "goes_on"), [("reported", True), ("strict", False)])
def test_an_attempt_that_cannot_have_the_package_goes_on_without_and_says_so_or_fails_where_it_is_to_be_reproducible(
    settings: Settings,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    reproducible: str,
    goes_on: bool,
) -> None:
    with running_worker(settings):
        job = submit(database, training={"steps": 10**6}, resources=BY_NAME, reproducible=reproducible)
        until(lambda: lookup.get(database, job.id).step, patience=180)
        clients.ask(database, job.id, "pause")
        wait_for(database, job, Status.PAUSED)
    monkeypatch.setenv("CXX", "no-such-compiler")
    monkeypatch.setenv("BNLAB_PACKAGES", str(tmp_path / "none"))
    clients.ask(database, job.id, "resume")
    with running_worker(settings):
        until(lambda: (row := lookup.get(database, job.id)).differs or (row.finished and row))
        now = lookup.get(database, job.id)
        if goes_on:
            assert (now.differs, now.status, now.resolved.engine.engine) == (("engine",), Status.RUNNING, "compiled")
            clients.ask(database, job.id, "cancel")
            wait_for(database, job)
        else:
            assert now.error is not None
            assert (now.status, now.error.code) == (Status.FAILED, "environment_changed")
            assert "engine was compiled and is eager" in now.error.message
