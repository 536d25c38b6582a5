"""Jobs side by side."""

from pathlib import Path

import pytest
from rich.console import Console

from bnlab import Client
from bnlab.cli import comparison
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Job
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support import recorded_jobs
from tests.support.command_line import bnlab


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


def test_the_best_accuracy_is_found_between_the_points_of_a_thinned_curve(
    client: Client, database: Database, settings: Settings
) -> None:
    client.submit(training={"steps": 4000}, evaluation={"every": 1}, data={"dataset": "synthetic"})
    job = recorded_jobs.take(database)
    writer = Writer(Held(database, open_objects(settings), Hold(job.id, job.attempt)))
    test = recorded_jobs.rows(range(4000), ("loss", "accuracy"))
    test.columns["accuracy"][:] = 0.25
    test.columns["accuracy"][1001] = 0.875
    writer.append("test", test)
    writer.commit()
    console = Console(record=True, width=160)
    comparison.run(client, [job.id], None, console)
    assert "0.2500     0.8750" in console.export_text()


@pytest.mark.usefixtures("finished")
def test_the_command_line_names_a_job_that_is_not_there(url: str) -> None:
    done = bnlab("compare", "nope", url=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is neither a job nor an experiment 'nope'" in done.stderr


def test_an_experiments_variants_are_tabled_with_intervals_and_drawn(
    client: Client, database: Database, settings: Settings, tmp_path: Path
) -> None:
    experiment = recorded_jobs.finish_experiment(client, database, settings)
    console = Console(record=True, width=160)
    comparison.run(client, [experiment["id"]], tmp_path / "both.svg", console)
    text = console.export_text()
    assert "batch_norm" in text
    for group in client.experiment(experiment["id"])["groups"]:
        final = group["final_accuracy"]
        assert f"{final['mean']:.4f} ± {final['mean'] - final['low']:.4f}" in text
        assert f"{group['variant']} " in text
    assert "2 of 2" in text
    assert ">without BN</text>" in (tmp_path / "both.svg").read_text()


def test_a_group_whose_jobs_were_all_deleted_is_tabled_without_a_document(
    client: Client, database: Database, settings: Settings, tmp_path: Path
) -> None:
    experiment = recorded_jobs.finish_experiment(client, database, settings)
    for job in experiment["jobs"][:2]:
        client.delete(job["id"])
    console = Console(record=True, width=160)
    comparison.run(client, [experiment["id"]], tmp_path / "both.svg", console)
    without, with_bn = [line.split() for line in console.export_text().splitlines() if "BN " in line]
    assert without == ["1", "without", "BN", "0", "of", "2", "2", "-", "-", "-"]
    assert with_bn[:6] == ["2", "with", "BN", "2", "of", "2"]
    assert (tmp_path / "both.svg").stat().st_size > 1000
