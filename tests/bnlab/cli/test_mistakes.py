"""What a network gets wrong, on a terminal."""

import json

from bnlab import Client
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support import asked_jobs
from tests.support.command_line import bnlab


def test_mistakes_are_a_line_and_a_table_with_the_most_convinced_first(
    client: Client, database: Database, settings: Settings
) -> None:
    job_id = asked_jobs.train(database, settings).job.id
    found = client.mistakes(job_id, limit=3)
    shown = bnlab("mistakes", job_id, "--limit", "3", url=client.url)
    assert (shown.returncode, shown.stderr) == (0, "")
    said, heads, *rows = shown.stdout.splitlines()
    assert said == f"{job_id}, step 10: {found['wrong']:,} of 2,000 test inputs wrong"
    assert heads.split() == ["test", "input", "label", "predicted", "probability", "of", "the", "label"]
    names = ("index", "label", "predicted")
    assert [row.split()[:3] for row in rows] == [[str(each[name]) for name in names] for each in found["mistakes"]]
    assert json.loads(bnlab("mistakes", job_id, "--limit", "3", "--json", url=client.url).stdout) == found
