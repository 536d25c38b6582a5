"""What goes wrong with a command is one line on stderr and an exit code, never a traceback."""

import subprocess
from pathlib import Path

import pytest

from bnlab import Client
from jobs.lifecycle.job import Job
from tests.support.command_line import BNLAB, bnlab, environment

NOWHERE = "http://127.0.0.1:1"


def assert_one_line(failed: subprocess.CompletedProcess[str], *parts: str) -> None:
    """It failed, and said why in one line on stderr that has these parts."""
    assert (failed.returncode, failed.stdout) == (1, "")
    (line,) = failed.stderr.splitlines()
    assert line.startswith("bnlab: ")
    for part in parts:
        assert part in line


def test_submit_names_a_document_that_it_cannot_read(client: Client, tmp_path: Path) -> None:
    missing = bnlab("submit", str(tmp_path / "none.json"), url=client.url)
    assert_one_line(missing, f"cannot read the document '{tmp_path}/none.json': No such file or directory")
    assert_one_line(bnlab("submit", str(tmp_path), url=client.url), f"'{tmp_path}': Is a directory")
    assert client.jobs() == []


def test_submit_names_the_fields_that_are_refused(client: Client) -> None:
    refused = bnlab("submit", '{"data": {"batch_size": 0}, "surprise": 1}', url=client.url)
    assert_one_line(refused, "/data/batch_size: ", "/surprise: unknown field")
    assert_one_line(bnlab("submit", "-", said="{", url=client.url), "not a JSON document")
    assert client.jobs() == []


@pytest.mark.parametrize("way", ["file", "stdin"])
def test_a_document_that_is_not_utf_8_is_refused_in_one_line(client: Client, tmp_path: Path, way: str) -> None:
    document = tmp_path / "latin-1.json"
    document.write_bytes('{"name": "é"}'.encode("latin-1"))
    with document.open() as said:
        refused = subprocess.run(
            [BNLAB, "submit", str(document) if way == "file" else "-"],
            stdin=said,
            env=environment(url=client.url),
            capture_output=True,
            text=True,
            check=False,
        )
    assert_one_line(refused)
    assert client.jobs() == []


def test_what_the_server_refuses_is_one_line(client: Client, finished: Job) -> None:
    assert_one_line(bnlab("metrics", "nonesuch", url=client.url), "nonesuch")
    assert_one_line(bnlab("metrics", finished.id, "--table", "nonesuch", url=client.url), "table: ")
    assert_one_line(bnlab("metrics", finished.id, "--points", "1", url=client.url), "points: ")
    assert_one_line(bnlab("jobs", "--status", "nonesuch", url=client.url), "status: ")
    assert_one_line(bnlab("watch", "nonesuch", url=client.url), "nonesuch")
    assert_one_line(bnlab("cancel", finished.id, url=client.url), finished.id, "it is succeeded")


@pytest.mark.parametrize("command", [["jobs"], ["submit"], ["watch", "1m8"], ["metrics", "1m8"], ["cancel", "1m8"]])
def test_a_server_that_does_not_answer_is_one_line_that_says_what_to_do(command: list[str]) -> None:
    assert_one_line(bnlab(*command, url=NOWHERE), f"nothing answers at {NOWHERE}: ", "bnlab up", "BNLAB_URL")


def test_a_setting_that_makes_no_sense_is_one_line_that_names_it() -> None:
    assert_one_line(bnlab("jobs", port="many"), "BNLAB_PORT: ")
    assert_one_line(bnlab("jobs", url="localhost"), "'localhost' is not a server's address")


def test_a_dataset_that_there_is_not_cannot_be_fetched(tmp_path: Path) -> None:
    refused = bnlab("data", "fetch", "nonesuch", data=str(tmp_path))
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == "there is no dataset 'nonesuch'; there is: mnist, fashion_mnist, cifar10, synthetic\n"
