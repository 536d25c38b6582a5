"""The commands of experiments as processes of their own; jobs are recorded without training anything."""

import json
from typing import Any

from bnlab import Client
from jobs.settings import Settings
from jobs.storage import keys
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support import recorded_jobs
from tests.support.command_line import bnlab
from tests.support.stranger import ID, end, job, page, stranger

TEXT = '{"name": "one", "variants": {"without BN": {}, "with BN": {"batch_norm": true}}, "seeds": 2}'


def experiment(*arguments: str, url: str) -> tuple[int, str, str]:
    done = bnlab("experiment", *arguments, url=url)
    return done.returncode, done.stdout, done.stderr


def test_an_experiment_is_submitted_listed_grown_cancelled_and_deleted(client: Client) -> None:
    code, said, _ = experiment("submit", TEXT, url=client.url)
    (found,) = client.experiments()
    assert (code, said, found["name"]) == (0, f"{found['id']}\n", "one")
    assert experiment("seeds", found["id"], "1", url=client.url)[1] == f"{found['id']} 6 queued\n"
    listed = experiment("list", url=client.url)[1]
    assert all(word in listed for word in (found["id"], "one", "6 queued"))
    refused = experiment("delete", found["id"], url=client.url)
    assert refused[0] == 1
    assert "6 of its jobs have not ended; cancel it first" in refused[2]
    assert experiment("cancel", found["id"], url=client.url)[1] == f"{found['id']} 6 cancelled\n"
    assert experiment("delete", found["id"], url=client.url)[1] == f"{found['id']} deleted\n"
    assert client.experiments() == []
    assert client.jobs() == []
    assert experiment("delete", found["id"], url=client.url)[0] == 1


def test_an_experiment_that_went_well_is_watched_to_its_numbers(
    client: Client, database: Database, settings: Settings
) -> None:
    found = recorded_jobs.finish_experiment(client, database, settings)
    code, said, _ = experiment("watch", found["id"], url=client.url)
    assert code == 0
    assert said.count("succeeded at step 200") == 4
    assert "2 of 2" in said


def test_watching_fails_where_a_job_did_not_succeed(client: Client) -> None:
    found = client.submit_experiment(json.loads(TEXT))
    client.cancel_experiment(found["id"])
    code, said, _ = experiment("watch", found["id"], url=client.url)
    assert code == 1
    assert "cancelled" in said


def test_jobs_that_were_deleted_are_counted(client: Client, database: Database, settings: Settings) -> None:
    found = recorded_jobs.finish_experiment(client, database, settings)
    client.delete(found["jobs"][0]["id"])
    assert "3 succeeded, 1 deleted" in experiment("list", url=client.url)[1]
    said = experiment("seeds", found["id"], "1", url=client.url)[1]
    assert said == f"{found['id']} 3 succeeded, 2 queued, 1 deleted\n"


def test_what_cannot_be_read_is_named(client: Client, database: Database, settings: Settings) -> None:
    found = recorded_jobs.finish_experiment(client, database, settings)
    objects = open_objects(settings)
    (key,) = (key for key in objects.keys(keys.of_job(found["jobs"][0]["id"])) if "/test/" in key)
    objects.delete(key)
    said = experiment("cancel", found["id"], url=client.url)[1].splitlines()
    assert said == [f"{found['id']} 4 succeeded", f"object '{key}' is missing"]


def test_a_document_that_is_refused_names_its_field(client: Client) -> None:
    code, said, complaint = experiment("submit", '{"variants": {}}', url=client.url)
    assert (code, said) == (1, "")
    assert "/variants" in complaint


def test_a_followed_experiment_is_json_alone_once_its_jobs_have_ended() -> None:
    def whole(status: str) -> dict[str, Any]:
        return {"id": ID, "name": None, "jobs": [{"id": ID, "status": status}], "deleted": 0, "damaged": {}}

    answers = [page(**whole("queued")), page(**job("running")), end("succeeded"), page(**job("succeeded"))]
    with stranger([*answers, page(**whole("succeeded"))].__getitem__) as (url, _):
        code, said, told = experiment("submit", TEXT, "--json", "--watch", url=url)
    assert (code, json.loads(said)) == (0, whole("succeeded"))
    assert f"{ID} succeeded at step 1" in told
