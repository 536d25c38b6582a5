"""What reaches a terminal: no control character of a server's, and nothing that the terminal's encoding cannot say."""

import json
import os
import subprocess
import unicodedata
from collections.abc import Mapping
from typing import Any

import pytest

from bnlab import Client
from bnlab.terminal.printing import say, visible
from jobs.lifecycle.job import Job
from tests.support.command_line import BNLAB, bnlab, environment
from tests.support.stranger import EVIL, ID, SHOWN, Answer, end, job, page, stranger


def refusal(**fields: Any) -> Answer:
    problem = {"code": "invalid_spec", "detail": EVIL, "errors": [], **fields}
    return 422, "application/problem+json", json.dumps(problem)


FAILED = job("failed", error={"message": EVIL})
SUCCEEDED = job("succeeded")
OTHER = job("succeeded", spec={**SUCCEEDED["spec"], EVIL: EVIL})
PARTS = ("", ".min", ".max", ".mean")
TEST = {"step": [0], **{f"test.{name}{part}": [0.5] for name in ("accuracy", "loss") for part in PARTS}}
SERIES: dict[str, Any] = {"damaged": {}, "jobs": {ID: {"tables": {"test": TEST}}}}
SUMMARY = {"count": 1, "nonfinite": 0, **{end: {"value": 1.0, "step": 1} for end in ("first", "last", "min", "max")}}
FINDING = {"rule": EVIL, "sentence": EVIL, "remedy": EVIL}
FOUND = page(findings=[FINDING], rules=[EVIL], watermark=1)
EXPERIMENT = {"id": ID, "created": "2026-01-01T00:00:00Z", "name": EVIL, "jobs": {"queued": 1}, "deleted": 1}
GROUP = {
    "variant": EVIL,
    "point": {f"/{EVIL}": EVIL},
    "jobs": [ID],
    "succeeded": 1,
    "deleted": 0,
    "step": [0],
    **{name: [] for name in ("diverged", "failed", "cancelled", "damaged")},
    "best_accuracy": None,
}
ESTIMATE = {"centre": 0.5, "low": 0.4, "high": 0.6, "coverage": 0.96, "n": 8}
SAME = {"variant": EVIL, "point": GROUP["point"]}
VERDICT = {**SAME, "interval": ESTIMATE, "sentence": EVIL}
TUNED: dict[str, Any] = {**SAME, "by": EVIL, "settings": [{}], "working": 1, "chosen": [{"at": GROUP["point"]}]}
COMPARISON = page(
    values=[{**SAME, "seeds": [], "value": ESTIMATE}], differences=[{**SAME, "minus": EVIL, "difference": ESTIMATE}]
)
UNKNOWN: Answer = (404, "application/problem+json", json.dumps({"code": "not_found", "detail": "", "errors": []}))

KNOWN = page(jobs=[job("queued")], next=None)  # that there is a job of this id
NONE = page(jobs=[], next=None)
KNOWN_TOO = page(experiments=[EXPERIMENT], next=None)

TOLD = {
    **FAILED,
    **dict.fromkeys(("waiting_for", "parent", "environment"), EVIL),
    "error": {"message": EVIL, "code": EVIL},
    "latest": {EVIL: 1.0},
    "bit_exact": False,
    "differs": [EVIL],
    "allowed_actions": [EVIL],
    "attempts": [{"number": 1, "outcome": EVIL, "host": EVIL, "started": EVIL}],
    "spec": {
        **FAILED["spec"],
        "architecture": {"preset": EVIL, EVIL: EVIL},
        "data": {"dataset": EVIL},
        "training": {"optimizer": {"kind": EVIL}, "schedule": {EVIL: [EVIL]}, "label_smoothing": EVIL, "seed": EVIL}
        | dict.fromkeys(("weight_decay", "clip_gradient_norm")),
    },
}
LAYER = {"name": EVIL, "kind": EVIL, "output": [EVIL], "activation": EVIL, "batch_norm": True, "parameters": 1}
LAID_OUT = {"layers": [LAYER], "warnings": [EVIL], "parameters": 1, "multiply_adds": 1}

READ = {"objects": 1, "bytes": 1}

COMMANDS: dict[str, tuple[list[str], list[Answer]]] = {
    "submit": (["submit"], [page(**SUCCEEDED)]),
    "a refusal": (["submit"], [refusal()]),
    "several of a beginning": (["pause", ID[:5]], [page(jobs=[job("queued")] * 2, next=None), KNOWN_TOO]),
    "a refusal of a series": (["metrics", ID], [refusal()]),
    "show": (["show", ID], [KNOWN, page(**TOLD)]),
    "validate": (["validate"], [page(**LAID_OUT)]),
    "diagnostics": (["diagnostics", ID], [KNOWN, page(summary={EVIL: {EVIL: SUMMARY}})]),
    "cancel": (["cancel", ID], [KNOWN, page(**SUCCEEDED), page(**job("cancelled", requested=EVIL))]),
    "jobs": (["jobs"], [page(jobs=[FAILED], next=None)]),
    "watch a failure": (["watch", ID], [KNOWN, page(**FAILED), end("failed"), page(**FAILED), FOUND]),
    "watch a success": (["watch", ID], [KNOWN, page(**SUCCEEDED), end("succeeded"), page(**SUCCEEDED), FOUND]),
    "layers": (["layers", ID], [KNOWN, page(summary={"activations": {f"{EVIL}.std": SUMMARY}}), FOUND]),
    "verify": (
        ["verify", ID],
        [KNOWN, page(verification={"damaged": [{"key": EVIL, "reason": EVIL}], "complete": {EVIL: False}, **READ})],
    ),
    "summary": (["metrics", ID, "--summary"], [KNOWN, page(summary={"train": {EVIL: SUMMARY}})]),
    "compare": (["compare", ID, ID[::-1]], [page(**SUCCEEDED), page(**OTHER), page(**SERIES), page(**SERIES)]),
    "compare groups": (
        ["compare", ID],
        [UNKNOWN, page(groups=[GROUP], verdicts=[VERDICT], tuned=[TUNED]), COMPARISON, COMPARISON, page(**SUCCEEDED)],
    ),
    "pause": (["pause", ID], [KNOWN, page(**job(EVIL))]),
    "retry": (["retry", ID], [KNOWN, page(**job("queued", id=EVIL))]),
    "experiments": (["experiment", "list"], [page(experiments=[EXPERIMENT], next=None)]),
    "seeds": (
        ["experiment", "seeds", ID, "1"],
        [NONE, KNOWN_TOO, page(id=EVIL, jobs=[job(EVIL)], deleted=1, damaged={ID: EVIL})],
    ),
    "a refusal of an experiment": (["experiment", "submit", "{}"], [refusal()]),
}


def run(name: str, **variables: str) -> subprocess.CompletedProcess[bytes]:
    """A command against a server that answers it like this, with these variables of the environment."""
    arguments, answers = COMMANDS[name]
    with stranger(answers.__getitem__) as (url, _):
        own: Mapping[str, str] = {**environment(url=url), "COLUMNS": "400", **variables}
        return subprocess.run([BNLAB, *arguments], env=own, capture_output=True, check=False)


@pytest.mark.parametrize("command", COMMANDS)
def test_control_characters_of_a_server_are_shown_and_never_sent_to_the_terminal(command: str) -> None:
    ran = run(command)
    printed = (ran.stdout + ran.stderr).decode()
    assert "Traceback" not in printed
    assert [each for each in printed if unicodedata.category(each) in ("Cc", "Cf", "Zl") and each != "\n"] == []
    assert SHOWN in printed


def test_json_has_every_character_and_sends_none_that_cannot_be_seen() -> None:
    named = job("queued", spec={"name": f"{EVIL}\x7f"})
    with stranger([page(jobs=[named], next=None)].__getitem__) as (url, _):
        printed = bnlab("jobs", "--json", url=url).stdout
    assert json.loads(printed) == {"jobs": [named]}
    assert printed.removesuffix("\n").isprintable()


def test_a_csv_keeps_its_lines_and_nothing_else_that_cannot_be_seen() -> None:
    with stranger([KNOWN, (200, "text/csv", "step,\x1b[2J\n1,2\n")].__getitem__) as (url, _):
        assert bnlab("metrics", ID, url=url).stdout == "step,\\x1b[2J\n1,2\n"


@pytest.mark.parametrize("text", ["Zürich", "名前", "a b", "", "[b]", "\\x1b", "🙂"])
def test_what_can_be_printed_is_shown_as_it_is(text: str) -> None:
    assert visible(text) == text


ASCII = {"PYTHONIOENCODING": "ascii"}
C = {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0"}


@pytest.mark.parametrize("terminal", [ASCII, C], ids=["ascii", "C"])
def test_a_name_that_the_terminal_cannot_show_is_shown_with_other_characters(
    client: Client, finished: Job, terminal: dict[str, str]
) -> None:
    job_id = client.submit(name="Zürich 名前")["id"]

    def ran(*arguments: str) -> subprocess.CompletedProcess[bytes]:
        own = {**environment(url=client.url), "COLUMNS": "200", **terminal}
        return subprocess.run([BNLAB, *arguments], env=own, capture_output=True, check=False)

    listed = ran("jobs")
    assert (listed.returncode, listed.stderr) == (0, b"")
    assert b"Z?rich ??" in listed.stdout
    client.cancel(job_id)
    watched = ran("watch", job_id)
    assert (watched.returncode, watched.stderr) == (1, b"")
    compared = ran("compare", job_id, finished.id)
    assert (compared.returncode, compared.stderr) == (0, b"")
    assert b"Z?rich" in compared.stdout
    for arguments in (["--help"], ["watch", "Zürich"], ["submit", "Zürich"], ["jobs", "--status", "Zürich"]):
        assert b"Traceback" not in ran(*arguments).stderr


@pytest.mark.parametrize("terminal", [ASCII, C], ids=["ascii", "C"])
def test_a_document_that_is_typed_where_the_terminal_is_not_utf_8_is_sent_as_it_was_typed(
    client: Client, terminal: dict[str, str]
) -> None:
    own = {**environment(url=client.url), **terminal}
    typed = [os.fsencode(BNLAB), b"submit", '{"name": "Zürich"}'.encode()]
    ran = subprocess.run(typed, env=own, capture_output=True, check=False)
    assert (ran.returncode, ran.stdout.decode().strip()) == (0, client.jobs()[0]["id"]), ran.stderr
    assert client.jobs(fields=["spec"])[0]["spec"]["name"] == "Zürich"


def test_a_line_of_ours_keeps_its_breaks_and_sends_nothing_else(capsys: pytest.CaptureFixture[str]) -> None:
    say("the last lines of the log:\none\x1b[2J\r\ntwo")  # as of a child that died
    assert capsys.readouterr().out == "the last lines of the log:\none\\x1b[2J\\r\ntwo\n"
