"""Jobs side by side."""

from pathlib import Path

import pytest
from rich.console import Console

from bnlab import Client, comparison
from bnlab.comparison import differing
from jobs.job import Job
from tests.bnlab.conftest import bnlab


def test_only_what_differs_in_the_documents_is_shown() -> None:
    one = {"training": {"steps": 10, "seed": 0}, "batch_norm": False, "architecture": {"preset": "mlp"}}
    other = {"training": {"steps": 10, "seed": 1}, "batch_norm": {"epsilon": 1e-5}, "architecture": {"preset": "mlp"}}
    assert differing([one, other]) == {"/training/seed": [0, 1], "/batch_norm": [False, {"epsilon": 1e-5}]}
    assert differing([one, one]) == {}
    assert differing([{"a": 1}, {}]) == {"/a": [1, None]}


def test_jobs_are_tabled_and_drawn(client: Client, finished: Job, tmp_path: Path) -> None:
    other = client.submit(name="waiting", training={"steps": 7})
    console = Console(record=True, width=120)
    comparison.run(client, [finished.id, other["id"]], tmp_path / "both.svg", console)
    text = console.export_text()
    assert "/training/steps" in text
    assert "succeeded" in text
    assert "queued" in text
    last = client.metrics(finished.id)["test"]["accuracy"][-1]
    assert f"{last:.4f}" in text
    assert (tmp_path / "both.svg").stat().st_size > 1000


@pytest.mark.usefixtures("finished")
def test_the_command_line_names_a_job_that_is_not_there(url: str) -> None:
    done = bnlab("compare", "nope", url=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no job 'nope'" in done.stderr
