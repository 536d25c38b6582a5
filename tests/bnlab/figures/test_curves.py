"""What a figure draws of jobs and experiments, from a real API."""

from bnlab import Client
from bnlab.figures.curves import Line, line_of_group, line_of_job, unit_of, units_of
from jobs.lifecycle.job import Job
from jobs.settings import Settings
from jobs.storage.database import Database
from tests.support import recorded_jobs


def test_a_jobs_line_is_a_column_of_its_metrics(client: Client, finished: Job) -> None:
    test = client.metrics(finished.id)["test"]
    assert line_of_job("one", test, "accuracy") == Line("one", [0, 100, 200], test["accuracy"])


def test_a_groups_line_is_the_mean_with_its_interval(client: Client, database: Database, settings: Settings) -> None:
    experiment = recorded_jobs.finish_experiment(client, database, settings)
    (group, _) = client.experiment(experiment["id"])["groups"]
    line = line_of_group("without BN", group, "loss")
    assert (line.label, line.step, line.mean) == ("without BN", [0, 100, 200], group["loss"]["mean"])
    assert (line.low, line.high) == (group["loss"]["low"], group["loss"]["high"])


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
