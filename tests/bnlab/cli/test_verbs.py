"""The commands that change what becomes of jobs, against a served API."""

import json
import subprocess

from bnlab import Client
from tests.support.command_line import bnlab


def test_cancel_ends_a_queued_job(client: Client) -> None:
    job_id = client.submit()["id"]
    assert bnlab("cancel", job_id, url=client.url).stdout == f"{job_id} cancelled\n"
    assert client.job(job_id)["status"] == "cancelled"


def test_a_job_is_paused_resumed_retried_and_deleted(client: Client) -> None:
    job_id = client.submit()["id"]
    said = [bnlab(verb, job_id, url=client.url).stdout for verb in ("pause", "resume", "cancel")]
    assert said == [f"{job_id} {status}\n" for status in ("paused", "queued", "cancelled")]
    child = bnlab("retry", job_id, "--from-scratch", url=client.url).stdout.strip()
    assert client.job(child)["parent"] == job_id
    assert bnlab("delete", job_id, url=client.url).stdout == f"{job_id} deleted\n"
    assert "was deleted" in bnlab("delete", job_id, url=client.url).stderr


def test_each_of_several_ids_has_its_turn_and_what_fails_is_told(client: Client) -> None:
    ids = [client.submit(name=str(i))["id"] for i in range(3)]

    def ran(verb: str, *arguments: str) -> tuple[int, list[str], list[str]]:
        done: subprocess.CompletedProcess[str] = bnlab(verb, *arguments, url=client.url)
        return done.returncode, done.stdout.splitlines(), done.stderr.splitlines()

    code, said, complaints = ran("cancel", ids[0], "0000000000000", ids[1], ids[0])
    assert (code, said) == (1, [f"{ids[0]} cancelled", f"{ids[1]} cancelled"])
    assert complaints == ["bnlab: there is no job '0000000000000'"]
    assert ran("pause", ids[2]) == (0, [f"{ids[2]} paused"], [])
    code, said, _ = ran("resume", ids[2], "--json")
    assert (code, [json.loads(line)["status"] for line in said]) == (0, ["queued"])
    code, said, complaints = ran("delete", *ids, "--json")
    assert (code, [json.loads(line) for line in said]) == (1, [{"id": each, "status": "deleted"} for each in ids[:2]])
    assert "it is queued" in complaints[0]
