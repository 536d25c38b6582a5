"""`bnlab logs`, against a served API."""

import json
import subprocess
from threading import Timer

from bnlab import Client
from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended, Job, JobError
from jobs.lifecycle.printed import printed
from jobs.storage.database import Database
from tests.support.command_line import bnlab


def ran(client: Client, *arguments: str) -> subprocess.CompletedProcess[str]:
    return bnlab("logs", *arguments, url=client.url)


def test_what_happened_is_shown_and_what_was_printed_with_its_control_characters_visible(
    client: Client, database: Database, running: Job
) -> None:
    attempts.beat(database, Hold(running.id, 1), printed(b"\x1b[2Jone\ntwo\n", 12, 0))
    shown = ran(client, running.id[-5:])
    assert (shown.returncode, shown.stderr) == (0, "")
    lines = [line[21:] for line in shown.stdout.splitlines()]
    assert lines == [
        "status      queued",
        "status      running on here",
        "output      \\x1b[2Jone",
        "output      two",
    ]
    as_json = [json.loads(line) for line in ran(client, running.id, "--json").stdout.splitlines()]
    assert as_json == list(client.events(running.id))
    assert [each["type"] for each in as_json] == ["status", "status", "output"]


def test_it_goes_on_until_the_job_has_ended(client: Client, database: Database, running: Job) -> None:
    error = JobError("exception", "it broke")
    ending = Timer(1.0, lambda: attempts.end(database, Hold(running.id, 1), Ended("failed", error)))
    ending.start()
    shown = ran(client, running.id, "--follow")
    ending.join()
    assert [line.split()[2:4] for line in shown.stdout.splitlines()] == [
        ["status", "queued"],
        ["status", "running"],
        ["error", "it"],
        ["status", "failed:"],
    ]
    assert ran(client, running.id, "--follow", "--level", "warning").stdout.splitlines()[0].endswith("it broke")
    assert len(ran(client, running.id, "--follow", "--type", "status").stdout.splitlines()) == 3


def test_a_level_that_there_is_not_is_refused_with_the_nearest(client: Client, running: Job) -> None:
    refused = ran(client, running.id, "--level", "warn")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "the nearest is 'warning'" in refused.stderr
