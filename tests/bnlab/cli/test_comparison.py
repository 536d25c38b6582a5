"""Jobs side by side."""

import json
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from bnlab import Client
from bnlab.cli import comparison
from bnlab.cli.compared import find
from bnlab.errors import CannotRun
from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended, Job, JobError
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support import recorded_jobs
from tests.support.command_line import bnlab
from tests.support.stranger import ID, stranger


def compared(client: Client, *ids: str, width: int = 120, **options: Any) -> str:
    """What `bnlab compare` prints of these in a terminal so wide."""
    console = Console(record=True, width=width)
    comparison.run(client, ids, options.pop("figure", None), console, **options)
    return console.export_text()


def test_jobs_are_tabled_in_words_and_drawn(client: Client, finished: Job, tmp_path: Path) -> None:
    other = client.submit(name="waiting", training={"steps": 7, "optimizer": "adam"}, batch_norm=True)
    text = compared(client, finished.id, other["id"], figure=tmp_path / "both.svg")
    for words in ("without BN", "with BN", "sgd, rate 0.1", "adam, rate 0.001", "succeeded at step 200", "queued"):
        assert words in text
    assert not any(each in text for each in "{}/")
    last = client.metrics(finished.id)["test"]["accuracy"][-1]
    assert f"{last:.4f}" in text
    assert "No curve: waiting (queued" in (tmp_path / "both.svg").read_text()


def test_a_layer_has_one_number_in_labels_and_documents_which_is_that_of_its_pointer(client: Client) -> None:
    layers = [{"kind": "flatten"}, {"kind": "linear", "features": 9}, {"kind": "dropout", "rate": 0.5}]
    network = {"architecture": {"layers": [*layers, {"kind": "linear", "features": 10}]}}
    grid = {"/architecture/layers/2/rate": [0.1, 0.2]}
    experiment = client.submit_experiment(base=network, variants={"one": {}}, grid=grid)
    found = find(client, [experiment["id"]], ["test.loss"])
    assert [each.name for each in found.compared] == ["one, layer 2 rate 0.1", "one, layer 2 rate 0.2"]
    assert comparison.documents(found.compared) == {"layer 2 rate": ["0.1", "0.2"]}


@pytest.mark.parametrize("width", [40, 80])
def test_every_row_fits_the_terminal_and_jobs_alike_have_names_of_their_own(
    client: Client, finished: Job, width: int
) -> None:
    rates = [0.1, 0.2, 0.3, 0.4]
    others = [client.submit(training={"optimizer": {"learning_rate": rate}})["id"] for rate in rates]
    text = compared(client, finished.id, *others, width=width)
    assert max(map(len, text.splitlines())) <= width
    labels = comparison.labels_of(find(client, [finished.id, *others], ["test.loss"]).compared)
    assert [label.rpartition("learning rate ")[2] for label in labels[1:]] == ["0.1", "0.2", "0.3", "0.4"]
    assert len(set(labels)) == 5


def test_a_series_that_one_job_lacks_is_shown_as_such(client: Client, finished: Job, tmp_path: Path) -> None:
    other = client.submit(name="waiting")
    series = ["train.loss", "activations.hidden1.p50", "units.hidden3.50.p85"]
    text = compared(client, finished.id, other["id"], series=series, figure=tmp_path / "x.svg")
    for name, values in {
        "train.loss": client.metrics(finished.id)["train"]["loss"],
        "activations.hidden1.p50": client.activations(finished.id)["layers"]["hidden1"]["p50"],
    }.items():
        assert name in text
        assert f"{values[-1]:.4f}" in text
    row = next(line for line in text.splitlines() if "waiting" in line)
    assert row.split()[-3:] == ["-", "-", "-"]
    drawn = (tmp_path / "x.svg").read_text()
    assert ">loss in training</text>" in drawn
    assert ">units.hidden3.50.p85</text>" in drawn
    assert "accuracy on the test set" not in drawn


@pytest.mark.parametrize(
    ("series", "nearest"),
    [
        ("test.acuracy", "test.accuracy"),
        ("p50", "activations.hidden1.p50, activations.hidden2.p50, activations.hidden3.p50"),
        ("loss", "train.loss, test.loss"),
        ("rank.hidden3.rank", ""),
        ("histograms.hidden1.lo", ""),
        ("", ""),
    ],
)
def test_a_series_that_nothing_records_is_refused_with_the_nearest(
    client: Client, finished: Job, series: str, nearest: str
) -> None:
    with pytest.raises(CannotRun, match=f"nothing that is compared records the series '{series}'.*{nearest}"):
        compared(client, finished.id, series=[series])


def test_a_series_of_a_job_that_has_not_begun_is_known_by_its_table(client: Client) -> None:
    job_id = client.submit(recording={"diagnostics": [{"name": "rank"}]})["id"]
    assert "rank.hidden1.rank" in compared(client, job_id, series=["rank.hidden1.rank"])
    with pytest.raises(CannotRun, match=r"records the series 'drift\.hidden1\.x'"):
        compared(client, job_id, series=["drift.hidden1.x"])


def test_a_figure_that_has_no_format_is_refused_before_anything_is_asked(tmp_path: Path) -> None:
    with stranger(lambda _: (200, "application/json", "{}")) as (url, asked):
        done = bnlab("compare", ID, "--figure", str(tmp_path / "noext"), url=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "end its name in .svg or .png or .pdf" in done.stderr
    assert asked == []


def test_a_figure_that_cannot_be_written_is_one_line_and_not_said_to_be_there(
    url: str, finished: Job, tmp_path: Path
) -> None:
    (tmp_path / "full.png").symlink_to("/dev/full")
    for name in ("full.png", "no/x.svg"):
        done = bnlab("compare", finished.id, "--figure", str(tmp_path / name), url=url)
        assert done.returncode == 1
        assert "The figure is" not in done.stdout
        assert done.stderr.startswith("bnlab: cannot write ")
        assert done.stderr.count("\n") == 1


def test_a_job_that_diverged_says_so(
    client: Client, database: Database, settings: Settings, running: Job, tmp_path: Path
) -> None:
    hold = Hold(running.id, running.attempt)
    writer = Writer(Held(database, open_objects(settings), hold))
    writer.append("test", recorded_jobs.rows([0], ("loss", "accuracy")))
    writer.commit()
    attempts.end(
        database, hold, Ended("failed", JobError("non_finite_loss", "the loss is not finite", retryable=False))
    )
    text = compared(client, running.id, figure=tmp_path / "one.png")
    assert "diverged" in text
    assert (tmp_path / "one.png").stat().st_size > 1000


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
    row = next(line for line in compared(client, job.id, width=160).splitlines() if "mlp" in line)
    assert row.split()[-3:-1] == ["0.2500", "0.8750"]


@pytest.mark.usefixtures("finished")
def test_the_command_line_names_a_job_that_is_not_there(url: str) -> None:
    done = bnlab("compare", "nope", url=url)
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is neither a job nor an experiment 'nope'" in done.stderr


def test_an_experiments_variants_are_tabled_with_intervals_and_drawn(
    client: Client, database: Database, settings: Settings, tmp_path: Path
) -> None:
    experiment = recorded_jobs.finish_experiment(client, database, settings)
    text = compared(client, experiment["id"], width=160, figure=tmp_path / "both.svg")
    assert "batch norm" in text
    for group in client.experiment(experiment["id"])["groups"]:
        final = group["final_accuracy"]
        assert f"{final['centre']:.4f} ({final['low']:.4f} to {final['high']:.4f})" in text
        assert f"{group['variant']} " in text
    assert "2 of 2" in text
    (verdict,) = client.experiment(experiment["id"])["verdicts"]
    assert verdict["sentence"] in " ".join(text.split())
    assert ">without BN</text>" in (tmp_path / "both.svg").read_text()


def test_an_experiments_variants_are_told_apart_seed_by_seed(
    client: Client, database: Database, settings: Settings
) -> None:
    experiment = recorded_jobs.finish_experiment(client, database, settings)
    text = compared(client, experiment["id"], series=["train.loss", "activations.hidden1.p50"], width=160)
    assert "train.loss, seed by seed:" in text
    assert "activations.hidden1.p50, seed by seed:" in text
    assert text.count("'with BN' may be level with 'without BN'") == 2
    assert text.count("2 pairs of seeds") == 1 + 2  # the verdict has them too
    with pytest.raises(CannotRun, match=r"the nearest: train\.loss"):
        compared(client, experiment["id"], series=["train.los"])


def test_a_program_gets_numbers_and_not_words(
    client: Client, database: Database, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    experiment = recorded_jobs.finish_experiment(client, database, settings)
    job_id = experiment["jobs"][0]["id"]
    assert compared(client, experiment["id"], job_id, series=["train.loss"], as_json=True) == ""
    answer = json.loads(capsys.readouterr().out)
    without, with_bn, job = answer["compared"]
    server = client.compare(experiment["id"], "train.loss")
    assert [each["series"]["train.loss"] for each in (without, with_bn)] == [v["value"] for v in server["values"]]
    assert job["series"]["train.loss"]["last"] == client.metrics(job_id)["train"]["loss"][-1]
    assert (without["variant"], with_bn["status"], job["job"]) == ("without BN", {"jobs": 2, "succeeded": 2}, job_id)
    assert answer["differences"] == [
        {"experiment": experiment["id"], "series": "train.loss", "pairs": server["differences"]}
    ]
    assert answer["documents"]["/batch_norm"][0] is False
    assert answer["verdicts"] == [
        {"experiment": experiment["id"], "verdicts": client.experiment(experiment["id"])["verdicts"]}
    ]


def test_an_experiment_that_has_not_begun_is_tabled(client: Client, tmp_path: Path) -> None:
    variants: dict[str, Any] = {"without BN": {}, "with BN": {"batch_norm": True}}
    experiment = client.submit_experiment(base={}, variants=variants, seeds=2)
    text = compared(client, experiment["id"], figure=tmp_path / "x.png")
    assert text.count("0 of 2 succeeded") == 2
    assert "seed by seed" not in text


def test_points_of_a_grid_are_named_by_what_they_vary(client: Client) -> None:
    grid = {"/training/optimizer/learning_rate": [0.1, 1.0]}
    experiment = client.submit_experiment(base={}, variants={"one": {}}, grid=grid, seeds=1)
    text = compared(client, experiment["id"])
    assert "one, learning rate 0.1" in text
    assert "one, learning rate 1 " in text


def test_the_same_experiment_twice_and_two_of_the_same_names_have_rows_of_their_own(client: Client) -> None:
    one, other = (client.submit_experiment(base={}, variants={"a": {}}, seeds=1)["id"] for _ in range(2))
    text = compared(client, one, other, one)
    assert text.count(f"a, {one}") == text.count(f"a, {other}") == 1


def test_a_group_whose_jobs_were_all_deleted_is_tabled_without_a_document(
    client: Client, database: Database, settings: Settings, tmp_path: Path
) -> None:
    experiment = recorded_jobs.finish_experiment(client, database, settings)
    for job in experiment["jobs"]:
        if job["variant"] == "without BN":
            client.delete(job["id"])
    text = compared(client, experiment["id"], width=160, figure=tmp_path / "both.svg")
    without, with_bn = [line.split() for line in text.splitlines() if "succeeded" in line]
    assert without == ["1", "without", "BN", "0", "of", "2", "succeeded,", "2", "deleted", "-", "-", "-"]
    assert with_bn[:7] == ["2", "with", "BN", "2", "of", "2", "succeeded"]
    assert (tmp_path / "both.svg").stat().st_size > 1000
