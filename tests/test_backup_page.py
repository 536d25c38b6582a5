"""What the page on backups has one type is typed, in its order, on data folders in which jobs have run and run."""

import os
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from jobs.lifecycle import lookup
from jobs.lifecycle.job import Job, Status
from jobs.series.answers.verification import verify
from jobs.series.format.manifest import read_manifest
from jobs.series.read.reader import Series
from jobs.settings import Settings
from jobs.storage.database import Database, open_database
from jobs.storage.objects.opening import open_objects
from tests.chaos.checker import bits_of
from tests.support.command_line import BNLAB, environment
from tests.support.markdown import ROOT, blocks, commands
from tests.support.postgres import Server
from tests.support.workers import running_worker, submit, until, wait_for

PAGE = "docs/running/backup.md"
BACKUP, RESTORE, MOVE, MOVE_FAR, DUMP, UNDUMP = (
    tuple(command.line for command in commands(block.text)) for block in blocks(PAGE, "console")
)
LONG: dict[str, Any] = {"training": {"steps": 4000}, "evaluation": {"every": 1000}}


@dataclass(frozen=True)
class Place:
    """Where commands are typed: a folder that has `data`, and places of its own for those that the page names."""

    folder: Path
    database_url: str = ""

    def type(self, lines: tuple[str, ...]) -> None:
        """Run the lines as pasted, but for what starts a server, of which the tests start the worker alone."""
        for line in lines:
            if line.startswith("bnlab up "):
                continue
            own = environment(database_url=self.database_url) if self.database_url else environment()
            paths = {"PATH": f"{Path(BNLAB).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
            done = subprocess.run(
                ["bash", "-c", self.here(line)],
                cwd=self.folder,
                env=own | paths,
                capture_output=True,
                text=True,
                check=False,
            )
            assert done.returncode == 0, f"{line}\n{done.stdout}{done.stderr}"

    def here(self, text: str) -> str:
        for path in ("/mnt/backup", "/srv/bnlab"):
            text = text.replace(path, str(self.folder / path.strip("/").replace("/", "-")))
        return text

    def settings(self, name: str = "data") -> Settings:
        return Settings(data=Path(self.here(str(self.folder / name))), database_url=self.database_url)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    (tmp_path / "data").mkdir()
    return Place(tmp_path)


@dataclass(frozen=True)
class Left:
    """What was in a data folder: a job that had succeeded with its bits, one that ran, and one that was queued."""

    done: Job
    bits: dict[str, tuple[bytes, bytes]]
    others: tuple[Job, Job]


def lived_in(settings: Settings, database: Database) -> Left:
    """With a worker that is there: one job has succeeded, one has a checkpoint and goes on, one waits."""
    done = wait_for(database, submit(database))
    running, queued = submit(database, **LONG), submit(database)
    until(lambda: read_manifest(database, running.id).chunks.get("train"))
    assert lookup.get(database, running.id).status is Status.RUNNING
    return Left(done, bits_of(database, open_objects(settings), done.id), (running, queued))


def assert_all_is_there(settings: Settings, left: Left) -> None:
    """The series of what had ended are the same to the bit, and nothing that is stored is damaged."""
    objects = open_objects(settings)
    with closing(open_database(settings)) as database:
        assert bits_of(database, objects, left.done.id) == left.bits
        for job in (left.done, *left.others):
            assert verify(Series(lookup.get(database, job.id), database, objects)).damaged == ()


def assert_all_goes_on(settings: Settings, left: Left) -> None:
    """A worker takes what ran and what was queued to its end, with every step once."""
    with closing(open_database(settings)) as database, running_worker(settings):
        for job in left.others:
            ended = wait_for(database, job)
            assert (ended.status, ended.step, ended.bit_exact) == (Status.SUCCEEDED, ended.steps, True)
            assert bits_of(database, open_objects(settings), job.id)


def test_a_folder_is_backed_up_while_a_job_runs_restored_and_moved(place: Place) -> None:
    settings = place.settings()
    with closing(open_database(settings)) as database, running_worker(settings):
        left = lived_in(settings, database)
        place.type(BACKUP)
        assert lookup.get(database, left.others[0].id).status is Status.RUNNING
    place.type(RESTORE)
    assert_all_is_there(settings, left)
    assert_all_goes_on(settings, left)
    with closing(open_database(settings)) as database, running_worker(settings):
        left = lived_in(settings, database)
    place.type(MOVE)
    moved = place.settings("/srv/bnlab")
    assert not settings.data.exists()
    assert_all_is_there(moved, left)
    assert_all_goes_on(moved, left)


def test_a_folder_goes_on_on_another_machine(place: Place) -> None:
    settings = place.settings()
    with closing(open_database(settings)) as database, running_worker(settings):
        left = lived_in(settings, database)
    place.type(MOVE_FAR)
    moved = place.settings("/srv/bnlab")
    assert_all_is_there(moved, left)
    assert_all_goes_on(moved, left)


def test_with_postgresql_both_halves_are_copied_and_restored(place: Place, postgres: Server) -> None:
    before = Place(place.folder, postgres.new_database())
    settings = before.settings()
    with closing(open_database(settings)) as database, running_worker(settings):
        left = lived_in(settings, database)
    before.type(DUMP)
    settings.data.rename(place.folder / "data.lost")
    after = Place(place.folder, postgres.new_database())
    after.type(UNDUMP)
    assert_all_is_there(after.settings(), left)
    assert_all_goes_on(after.settings(), left)
