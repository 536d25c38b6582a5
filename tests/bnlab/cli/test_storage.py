"""What takes how much room, by the command line and by the SDK, against a served API."""

import json

from bnlab import Client
from jobs.lifecycle.job import Job
from tests.support.command_line import bnlab


def test_storage_shows_kinds_limits_and_the_largest_jobs(client: Client, finished: Job) -> None:
    done = bnlab("storage", url=client.url)
    assert (done.returncode, done.stderr) == (0, "")
    heads = [line.split()[0] for line in done.stdout.splitlines() if line]
    assert heads == [*client.storage()["bytes"], "together", "free", "jobs:", "kept:", finished.id]


def test_storage_as_json_is_the_servers_answer(client: Client, finished: Job) -> None:
    found = json.loads(bnlab("storage", "--json", url=client.url).stdout)
    assert found["largest"] == client.storage()["largest"]
    assert found["largest"][0]["id"] == finished.id
