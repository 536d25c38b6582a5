"""What takes how much room, and a copy of everything, by the command line and the SDK, against a served API."""

import json
from pathlib import Path

from bnlab import Client
from jobs.lifecycle.job import Job
from jobs.settings import Settings
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


def test_backup_copies_the_data_folder_and_says_what_it_has(
    client: Client, finished: Job, settings: Settings, tmp_path: Path
) -> None:
    target = tmp_path / "copy"
    done = bnlab("backup", str(target), "--data", str(settings.data))
    assert (done.returncode, done.stderr) == (0, "")
    number = client.verify(finished.id)["objects"]
    assert done.stdout.startswith(f"{target} has everything: {number} objects, ")


def test_what_is_no_data_folder_is_refused_in_one_line(tmp_path: Path) -> None:
    done = bnlab("backup", str(tmp_path / "copy"), "--data", str(tmp_path / "nowhere"))
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert "nowhere' is no data folder" in line
    assert list(tmp_path.iterdir()) == []
