"""Asking a job's network by the command line, against a served API."""

import json
from pathlib import Path

import numpy as np

from bnlab import Client
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support import asked_jobs
from tests.support.command_line import bnlab


def test_classes_are_shown_with_the_most_probable_first(
    client: Client, database: Database, settings: Settings, tmp_path: Path
) -> None:
    job_id = asked_jobs.train(database, settings).job.id
    pixels = np.random.default_rng(0).integers(0, 256, (2, 28, 28), dtype=np.uint8)
    for name, array in (("one.npy", pixels[0]), ("two.npy", pixels)):
        np.save(tmp_path / name, array)
    one = bnlab("predict", job_id, str(tmp_path / "one.npy"), url=client.url)
    assert (one.returncode, one.stderr) == (0, "")
    asked, _, *rows = one.stdout.splitlines()
    assert asked == f"{job_id}, final, step 10; BN by its running statistics"
    found = client.predict(job_id, pixels[0])
    assert rows[0].split() == [found["predicted"][0], f"{max(found['probabilities'][0]):.4f}"]
    assert [float(row.split()[1]) for row in rows] == sorted((float(row.split()[1]) for row in rows), reverse=True)
    two = bnlab("predict", job_id, str(tmp_path / "two.npy"), "--normalization", "batch", "--json", url=client.url)
    assert json.loads(two.stdout) == client.predict(job_id, pixels, normalization="batch")
    among = bnlab(
        "predict", job_id, str(tmp_path / "one.npy"), "--normalization", "batch", "--among", "63", url=client.url
    )
    assert among.stdout.splitlines()[0].endswith("BN by the inputs' own moments, among 63 of the test part")


def test_a_file_that_is_not_there_is_told_in_one_line(client: Client, database: Database, settings: Settings) -> None:
    job_id = asked_jobs.train(database, settings).job.id
    done = bnlab("predict", job_id, "nowhere.png", url=client.url)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "bnlab: nowhere.png: No such file or directory\n")
