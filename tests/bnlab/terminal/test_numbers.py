"""A value that is not finite is shown as such, and one that is not there as absent."""

from rich.console import Console

from bnlab import Client
from bnlab.terminal.progress import table_of
from jobs.lifecycle.job import Job
from tests.support.command_line import bnlab
from tests.support.stranger import job


def test_a_list_of_jobs_tells_a_loss_that_is_not_finite_from_one_that_was_never_measured() -> None:
    console = Console(width=200)
    with console.capture() as capture:
        console.print(table_of([job("failed", latest={"test.accuracy": None}), job("queued", latest={})], 200))
    diverged, queued = capture.get().splitlines()[-2:]
    assert "NaN/inf" in diverged
    assert "NaN/inf" not in queued
    assert " - " in queued


def test_a_summary_tells_so_too(client: Client, finished: Job) -> None:
    printed = bnlab("metrics", finished.id, "--summary", url=client.url).stdout
    assert "NaN/inf" not in printed  # of a NaN among 200 values only the count tells
    assert [line.split()[-1] for line in printed.splitlines() if line.startswith("train.loss")] == ["1"]
