"""What commands take in the same way, of every command that there is."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import typer

from bnlab import Client
from bnlab.cli.main import app
from tests.support.command_line import bnlab

CHECK = "data check"  # asks no server, and prints what one would answer
HERE = {"up", "backup", "demo", "claims", "data fetch", CHECK}  # run something on this machine, and ask no server
FOR_PEOPLE = {"watch", "experiment watch", "open"}
"""`show --json` has what those end with that watch; what `open` prints is one address."""


def commands() -> Iterator[tuple[str, Any]]:
    root: Any = typer.main.get_command(app)
    for name, command in root.commands.items():
        for below, each in getattr(command, "commands", {"": command}).items():
            yield f"{name} {below}".strip(), each


def options(command: Any) -> set[str]:
    return {option for parameter in command.params for option in parameter.opts}


def test_every_command_that_asks_a_server_can_be_told_which_one() -> None:
    assert {name for name, command in commands() if "--url" not in options(command)} == HERE


def test_every_command_that_prints_what_a_server_answers_prints_it_as_json_too() -> None:
    assert {name for name, command in commands() if "--json" not in options(command)} == HERE - {CHECK} | FOR_PEOPLE


def test_an_address_holds_before_a_command_and_behind_it_and_goes_before_the_environment(client: Client) -> None:
    job_id = client.submit()["id"]
    nowhere = "http://127.0.0.1:1"
    for arguments in (
        ("jobs", "--json", "--url", client.url),
        ("--url", client.url, "jobs", "--json"),
        ("--url", nowhere, "jobs", "--json", f"--url={client.url}"),
    ):
        listed = bnlab(*arguments, url=nowhere)
        assert listed.returncode == 0, listed.stderr
        assert [job["id"] for job in json.loads(listed.stdout)["jobs"]] == [job_id]
    assert nowhere in bnlab("--url", nowhere, "experiment", "list", url=client.url).stderr


def test_the_version_is_told() -> None:
    assert bnlab("--version").stdout == "bnlab 0.1.0\n"


@pytest.mark.parametrize("arguments", [["submit", "{}"], ["experiment", "submit", '{"variants": {"a": {}}}']])
def test_what_is_submitted_is_answered_as_the_server_answers_it(client: Client, arguments: list[str]) -> None:
    done = bnlab(*arguments, "--json", url=client.url)
    answer = json.loads(done.stdout)
    look = client.job if arguments[0] == "submit" else client.experiment
    assert look(answer["id"]).keys() == answer.keys()
