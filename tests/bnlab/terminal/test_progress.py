"""Jobs as a terminal shows them, answered by a server that lets any character through."""

from io import StringIO

import pytest
from rich.console import Console

from bnlab import Client
from bnlab.sdk.client import Job
from bnlab.terminal.progress import all_succeeded, table_of, watch
from tests.support.stranger import EVIL, ID, SHOWN, Answer, end, job, page, stranger

FAILED = job("failed", error={"message": EVIL})


def answers(status: str) -> list[Answer]:
    """What a job is that is looked at, ends, and is looked at again."""
    return [page(**job("running")), end(status), page(**job(status))]


def test_a_job_on_a_terminal_shows_control_characters_and_sends_none() -> None:
    screen = StringIO()
    said = [page(**FAILED), end("failed"), page(**FAILED)]
    with stranger(said.__getitem__) as (url, _), Client(url) as client:
        watch(client, [ID], Console(file=screen, force_terminal=True, width=400))
    assert "\x1b]0;" not in screen.getvalue()
    assert screen.getvalue().count(SHOWN) > 1  # in the bar, and in the line of its end


def test_where_there_is_no_terminal_a_line_a_job_is_all() -> None:
    screen = StringIO()
    with stranger(answers("succeeded").__getitem__) as (url, _), Client(url) as client:
        (ended,) = watch(client, [ID], Console(file=screen, width=400))
    assert ended["status"] == "succeeded"
    assert screen.getvalue() == f"{ID} succeeded at step 1, test accuracy - ({SHOWN})\n"


def test_why_a_training_was_stopped_and_which_network_is_kept_is_told_at_its_end() -> None:
    screen = StringIO()
    kept = {"metric": "validation.loss", "step": 288, "value": 0.125, "sha256": "0" * 64}
    ended = job("succeeded", stopped={"message": "stopped after step 432 of 2000: its target was 0.2"}, kept=kept)
    said = [page(**job("running")), end("succeeded"), page(**ended)]
    with stranger(said.__getitem__) as (url, _), Client(url) as client:
        watch(client, [ID], Console(file=screen, width=400))
    assert screen.getvalue().endswith(
        "; stopped after step 432 of 2000: its target was 0.2"
        "; the best network is kept, that after step 288: validation.loss was 0.125\n"
    )


def test_whoever_waits_is_called_while_a_job_goes_on() -> None:
    called: list[bool] = []
    with stranger(answers("succeeded").__getitem__) as (url, _), Client(url) as client:
        watch(client, [ID], Console(quiet=True), between=lambda: called.append(True))
    assert called


def test_all_succeeded_only_where_each_did() -> None:
    for status in ("succeeded", "failed", "cancelled"):
        with stranger(answers(status).__getitem__) as (url, _), Client(url) as client:
            ended = watch(client, [ID], Console(quiet=True))
        assert all_succeeded([job("succeeded"), *ended]) is (status == "succeeded")


def test_a_table_has_a_row_a_job_and_keeps_the_name_on_one_line() -> None:
    screen = StringIO()
    measured = job("succeeded", latest={"test.accuracy": 0.98765})
    Console(file=screen, width=200).print(table_of([measured, job("queued")], 200))
    heading, *rows = screen.getvalue().splitlines()
    assert heading.split() == ["id", "status", "step", "accuracy", "age", "what"]
    assert [row.split()[:4] for row in rows] == [[ID, "succeeded", "1/2", "0.9877"], [ID, "queued", "1/2", "-"]]
    assert all(SHOWN in row for row in rows)


def seeds(number: int) -> list[Job]:
    spec = {"name": "a wide network, with noise", "architecture": {"preset": "mlp"}, "batch_norm": False}
    return [job("succeeded", spec={**spec, "training": {"steps": 10_000, "seed": seed}}) for seed in range(number)]


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_ids_and_what_tells_jobs_apart_are_whole_in_a_narrow_terminal(width: int) -> None:
    screen = StringIO()
    Console(file=screen, width=width).print(table_of(seeds(3), width))
    text = screen.getvalue()
    assert all(len(line) <= width for line in text.splitlines())
    assert text.count(ID) == text.count("succeeded") == 3
    assert "…" not in text
    assert {"0", "1", "2"} <= set(text.split())


@pytest.mark.parametrize("width", [40, 80])
def test_bars_show_what_tells_jobs_apart_in_a_narrow_terminal(width: int) -> None:
    screen = StringIO()
    said = [page(**seeds(1)[0]), end("succeeded"), page(**seeds(1)[0])]
    with stranger(said.__getitem__) as (url, _), Client(url) as client:
        watch(client, [ID], Console(file=screen, force_terminal=True, width=width, color_system=None))
    assert "with noise" in screen.getvalue().replace("\n", " ")
    assert "…" not in screen.getvalue()
