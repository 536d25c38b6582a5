"""What is wrong with a training, over HTTP."""

from contextlib import closing

import httpx

from jobs.findings.table import RULES
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.storage.database import open_database
from tests.support import recorded_jobs
from tests.support.evidence import run_of, store
from tests.support.small_runs import recorded


def test_findings_name_their_rule_layer_and_step_and_what_to_try(client: httpx.Client, settings: Settings) -> None:
    run = run_of(
        architecture={"preset": "mlp", "activation": "tanh", "init": {"scheme": "normal", "std": 1.0}},
        training={"steps": 100},
    )
    with closing(open_database(settings)) as database:
        series = store(database, settings, run, recorded(run))
    answer = client.get(f"/jobs/{series.job.id}/findings").json()
    assert (answer["job"], answer["status"], answer["watermark"]) == (series.job.id, "running", 100)
    assert answer["rules"] == [rule.name for rule in RULES]
    (found,) = answer["findings"]
    assert (found["rule"], found["step"]) == ("saturated", 1)
    assert f"% of {found['layer']} is saturated, from step 1 on" in found["sentence"]
    assert found["question"] == "Do sigmoids and tanhs pass gradients on?"
    assert "0.5" in found["threshold"]
    assert "initial sd" in found["remedy"]


def test_a_job_that_has_recorded_nothing_has_no_findings(client: httpx.Client, settings: Settings) -> None:
    with closing(open_database(settings)) as database:
        job = recorded_jobs.start(database, settings)
    answer = client.get(f"/jobs/{job.id}/findings").json()
    assert (answer["findings"], answer["watermark"]) == ([], None)


def test_who_has_the_findings_is_told_so_until_more_is_recorded(client: httpx.Client, settings: Settings) -> None:
    with closing(open_database(settings)) as database:
        job = recorded_jobs.start(database, settings)
        url = f"/jobs/{job.id}/findings"
        has = {"If-None-Match": client.get(url).headers["etag"]}
        assert client.get(url, headers=has).status_code == 304
        recorded_jobs.finish(database, settings, job)
    assert client.get(url, headers=has).json()["watermark"] == 200


def test_there_are_no_findings_of_no_job(client: httpx.Client, finished: Job) -> None:
    answer = client.get("/jobs/0000000000000/findings")
    assert (answer.status_code, answer.json()["code"]) == (404, "not_found")
    assert client.get(f"/jobs/{finished.id}/findings").status_code == 200
