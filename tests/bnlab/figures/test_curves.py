"""What a figure draws of jobs and experiments, from a real API."""

import pytest

from bnlab import Client
from bnlab.errors import CannotRun
from bnlab.figures.curves import Curve, curves_of, line_of_group, middle_of, unit_of, units_of
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support import recorded_jobs


def test_a_jobs_curves_are_the_columns_of_all_its_tables(client: Client, finished: Job) -> None:
    found = curves_of(client, [finished.id], ["train.*", "test.*", "activations.*", "units.*"], points=1000)[
        finished.id
    ]
    test = client.metrics(finished.id)["test"]
    accuracy = test["accuracy"]
    assert found["test.accuracy"] == Curve([0, 100, 200], accuracy, last=accuracy[-1])
    assert list(found["units.hidden3.50.p15"].step) == [50, 100, 150, 200]
    layer = client.activations(finished.id, layers=["hidden2"])["layers"]["hidden2"]
    assert found["activations.hidden2.mean"].values == layer["mean"]
    assert "activations.hidden2.mean" in found
    assert not any(name.rpartition(".")[2] in ("step", "time", "statistics", "min", "max") for name in found)


def test_a_thinned_curve_is_of_means_in_a_band_and_has_its_last_value(client: Client, finished: Job) -> None:
    exact = client.metrics(finished.id)["train"]["loss"]
    curve = curves_of(client, [finished.id], ["train.*"], points=10)[finished.id]["train.loss"]
    finite = [value for value in exact if value is not None]
    assert len(curve.step) <= 11
    assert (min(v for v in curve.low if v is not None), curve.last) == (min(finite), exact[-1])
    for low, mean, high in zip(curve.low, curve.values, curve.high, strict=True):
        assert low is not None
        assert mean is not None
        assert high is not None
        assert low <= mean <= high
    assert len(client.activations(finished.id, layers=["hidden1"], points=10)["layers"]["hidden1"]["mean.min"]) > 2


def test_a_last_bucket_of_few_steps_is_part_of_the_one_before_it(client: Client, finished: Job) -> None:
    answer = client.metrics(finished.id, points=40)["train"]
    before, start, end = answer["step"][-3:]
    assert 2 * (end - start) < start - before, "nothing is tested: this thinning ends in a whole bucket"
    curve = curves_of(client, [finished.id], ["train.*"], points=40)[finished.id]["train.accuracy"]
    assert list(curve.step) == [*answer["step"][:-2], end]
    assert list(curve.values) == answer["accuracy.mean"][:-1]
    assert curve.low[-1] == min(answer["accuracy.min"][-2:])
    assert curve.last == answer["accuracy"][-1]


def test_a_job_that_has_not_begun_has_curves_without_steps(client: Client) -> None:
    job_id = client.submit(recording={"diagnostics": [{"name": "rank"}]})["id"]
    found = curves_of(client, [job_id], ["*"], points=2)[job_id]
    assert found["test.loss"] == Curve([], [])
    assert {name.partition(".")[0] for name in found} == {"train", "test", "activations", "units", "rank"}
    assert unit_of(client, job_id, "one") is None


def test_what_some_jobs_lack_and_what_all_lack_is_left_out_and_more_are_asked_for_than_an_answer_has(
    client: Client, finished: Job
) -> None:
    with_rank = client.submit(recording={"diagnostics": [{"name": "rank"}]})["id"]
    others = [client.submit(name=f"job {i}")["id"] for i in range(100)]
    names = ["rank.hidden1.rank", "drift.hidden1.mean_gap", "test.loss"]
    found = curves_of(client, [*others, with_rank, finished.id], names, points=2)
    assert list(found) == [*others, with_rank, finished.id]
    assert set(found[with_rank]) == {"rank.hidden1.rank", "test.loss"}
    assert set(found[finished.id]) == {"test.loss"}


def test_a_job_whose_series_is_damaged_is_told(client: Client, settings: Settings, finished: Job) -> None:
    open_objects(settings).delete_owned(finished.id)
    with pytest.raises(CannotRun, match=f"the series of job {finished.id} cannot be read"):
        curves_of(client, [finished.id], ["test.loss"], points=2)


def test_the_middle_of_curves_is_where_more_than_half_have_a_value() -> None:
    curves = [Curve([0, 1, 2], [1.0, 2.0, None]), Curve([0, 1], [3.0, 4.0]), Curve([0, 1, 2], [9.0, None, 5.0])]
    assert middle_of(curves) == Curve([0, 1], [3.0, 3.0], [], [])
    banded = middle_of([Curve([0], [1.0], [0.5], [1.5]), Curve([0], [3.0], [2.5], [3.5])])
    assert (banded.low, banded.high) == ([0.5], [3.5])
    assert middle_of([]) == Curve([], [], [], [])


def test_a_groups_line_is_the_median_of_its_seeds_with_their_range(
    client: Client, database: Database, settings: Settings
) -> None:
    experiment = recorded_jobs.finish_experiment(client, database, settings)
    (group, _) = client.experiment(experiment["id"])["groups"]
    line = line_of_group("without BN", group, "loss")
    assert (line.label, line.step, line.middle) == ("without BN", [0, 100, 200], group["loss"]["median"])
    assert (line.low, line.high) == (group["loss"]["least"], group["loss"]["greatest"])


def test_the_unit_of_a_job_is_the_first_of_the_last_layer(client: Client, finished: Job) -> None:
    unit = unit_of(client, finished.id, "one")
    assert unit is not None
    assert (unit.label, unit.name, list(unit.step)) == ("one", "hidden3, unit 50", [50, 100, 150, 200])
    assert list(unit.percentiles) == ["p15", "p50", "p85"]


def test_a_job_that_records_no_units_has_none(client: Client) -> None:
    job_id = client.submit(recording={"units": 0})["id"]
    assert unit_of(client, job_id, "one") is None


def test_a_group_shows_the_unit_of_its_first_seed_and_one_without_jobs_none(
    client: Client, database: Database, settings: Settings
) -> None:
    experiment = recorded_jobs.finish_experiment(client, database, settings)
    groups = client.experiment(experiment["id"])["groups"]
    assert [unit.label for unit in units_of(client, groups)] == ["without BN", "with BN"]
    assert units_of(client, [group | {"jobs": []} for group in groups]) == []
