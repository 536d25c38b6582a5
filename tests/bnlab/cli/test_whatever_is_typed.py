"""Whatever is typed, and wherever its output goes, a command ends with a message and never with a traceback."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Event
from typing import Any

import pytest
import typer

from bnlab import Client
from bnlab.cli.main import app
from jobs.lifecycle.job import Job
from tests.support.command_line import BNLAB, bnlab, environment
from tests.support.command_lines import run_all
from tests.support.stranger import Answer, stranger

ESCAPE = "\x1b[2J"
IDS = ["", "ab", "1m8", "zzzzzzzzzzzzz", ESCAPE, "x" * 5000, "-"]
URLS = [
    *("", "localhost:8000", "ftp://127.0.0.1", "http://", "http://[::1", "http://a b", "http://127.0.0.1:99999"),
    *(
        "http://127.0.0.1:1",
        "https://127.0.0.1:1",
        f"http://{ESCAPE}",
        "http://" + "x" * 300,
        "http://127.0.0.1:1/x?y#z",
    ),
    *("http://ü", "http://user:pass@127.0.0.1:1", "http://.", "http://127.0.0.1:-1"),
]
FILES = ["/proc/nope/x", "/proc/x", "/proc", "/dev/full", "/dev/null/x", "x" * 300]
DOCUMENTS = [
    *("/nope", "/", "/dev/null", "", "[]", "null", "{", "'{}'", "{'a': 1}", f'{{"name": "{ESCAPE}"}}', "x" * 300),
    sys.executable,
]
NUMBERS = ["0", "-1", "1.5", "many", "1" * 30, "", "nan", ESCAPE]
OF_IDS = [
    *(["show"], ["watch"], ["metrics"], ["diagnostics"], ["verify"], ["cancel"], ["pause"], ["resume"], ["retry"]),
    *(["delete"], ["compare"], ["submit", "--like"], ["validate", "--like"]),
    *(["experiment", verb] for verb in ("show", "watch", "cancel", "delete")),
]


def assert_a_message(done: subprocess.CompletedProcess[str], *, fails: bool = True) -> None:
    """It said what was wrong, if anything was, in characters that can be seen."""
    printed = done.stdout + done.stderr
    assert "Traceback" not in printed
    assert "Exception ignored" not in printed
    assert ESCAPE not in printed
    assert done.returncode in ((1, 2) if fails else (0, 1, 2)), printed
    assert not fails or done.stderr


def whatever(commands: Sequence[list[str]], url: str, *, fails: bool = True) -> None:
    ended = run_all(commands, url)
    assert len(ended) == len(commands) > 0
    for done in ended:
        assert_a_message(done, fails=fails)


def in_turn(commands: Sequence[list[str]], words: Sequence[str], each: int = 2) -> list[list[str]]:
    """Each command with some of the words, so that each word is typed behind several of them."""
    return [[*command, words[(each * i + j) % len(words)]] for i, command in enumerate(commands) for j in range(each)]


def test_an_id_that_is_none(client: Client) -> None:
    client.submit()
    client.submit()
    whatever(in_turn(OF_IDS, IDS), client.url)


def test_an_address_that_is_none() -> None:
    for i, url in enumerate(URLS):
        whatever([["jobs"] if i % 2 else ["submit", "--url", url]], url)


@pytest.mark.parametrize("url", ["x", "localhost:8000", f"http://{ESCAPE}", "http://127.0.0.1:1/x"])
def test_a_setting_that_is_no_address(url: str) -> None:
    assert_a_message(bnlab("jobs", url=url))


@pytest.mark.parametrize("token", ["a\nb", ESCAPE, "ü"])
def test_a_token_that_is_none(token: str) -> None:
    assert_a_message(bnlab("jobs", url="http://127.0.0.1:1", token=token))


@pytest.mark.parametrize("kind", ["application/json", "text/html", "application/problem+json", "text/event-stream"])
def test_a_server_that_is_somebody_elses(kind: str) -> None:
    for text in ("", "{}", "[]", "null", "{", '{"jobs": 1}', "<html>"):
        with stranger(lambda _, text=text: (200, kind, text), bnlab=False) as (url, _):  # type: ignore[misc]
            whatever([["submit"], ["watch", "1m8"], ["experiment", "list"]], url)


def test_a_document_that_is_none(client: Client) -> None:
    commands = (["submit"], ["validate"], ["experiment", "submit"])
    whatever([[*command, document] for command in commands for document in DOCUMENTS], client.url)


def test_a_document_that_nobody_says(client: Client) -> None:
    for how in ("<&-", "</", "</dev/null"):
        command = f"exec {BNLAB} submit - {how}"
        assert_a_message(
            subprocess.run(
                ["sh", "-c", command], env=environment(url=client.url), capture_output=True, text=True, check=False
            )
        )


def test_a_file_that_cannot_be_written(client: Client, finished: Job) -> None:
    options = ("--parquet", "--tensorboard")
    whatever([["metrics", finished.id, option, file] for option in options for file in FILES], client.url)


def test_a_number_that_is_none(client: Client, finished: Job) -> None:
    options = [["jobs", "--limit"], *(["metrics", finished.id, name] for name in ("--points", "--from", "--to"))]
    whatever(in_turn(options, NUMBERS, each=4), client.url, fails=False)
    whatever([["up", "--port", "1" * 30], ["up", "--workers", "0"], ["up", "--port", "x"]], client.url)


def leaves() -> Iterator[list[str]]:
    root: Any = typer.main.get_command(app)
    for name, command in root.commands.items():
        for below in getattr(command, "commands", {"": command}):
            yield [name, below] if below else [name]


def test_an_option_that_is_none() -> None:
    whatever([[*command, ESCAPE, "--nope"] for command in leaves()], "http://127.0.0.1:1")
    whatever([["jobs", "--nope"], ["jobs", "--url"]], "http://127.0.0.1:1")


PRINTING = [["jobs"], ["jobs", "--json"], ["experiment", "list"], ["--help"], ["--version"]]
OF_A_JOB = [["show"], ["metrics"], ["metrics", "--summary"], ["metrics", "--json"], ["verify"]]


def test_a_disk_that_is_full_and_a_reader_that_has_gone(client: Client, finished: Job) -> None:
    for command in [*PRINTING, *([verb, finished.id, *options] for verb, *options in OF_A_JOB)]:
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [BNLAB, *command], env=environment(url=client.url), stdout=full, stderr=subprocess.PIPE, check=False
            )
        assert (done.returncode, done.stderr.decode()) == (1, "bnlab: what is printed: No space left on device\n")
        reading, writing = os.pipe()
        os.close(reading)
        done = subprocess.run(
            [BNLAB, *command], env=environment(url=client.url), stdout=writing, stderr=subprocess.PIPE, check=False
        )
        os.close(writing)
        assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("command", [["watch"], ["cancel"], ["compare"], ["metrics"], ["experiment", "delete"]])
def test_ctrl_c_ends_a_command_without_a_word(command: list[str]) -> None:
    asked, over = Event(), Event()

    def never(_: int) -> Answer:
        asked.set()
        over.wait()
        return None

    with stranger(never) as (url, _):
        with subprocess.Popen(
            [BNLAB, *command, "1m8"], env=environment(url=url), stdout=subprocess.PIPE, stderr=subprocess.PIPE
        ) as process:
            asked.wait()
            process.send_signal(signal.SIGINT)
            said = process.communicate()
        over.set()
    assert (process.returncode, said) == (130, (b"", b""))
