"""An experiment's results as a table."""

import io

import pyarrow.parquet as pq
import pytest

from jobs.experiments import clients as experiments
from jobs.experiments.clients import Experiment
from jobs.experiments.document import read
from jobs.experiments.members import members
from jobs.experiments.tables import columns_of, parquet_of
from jobs.lifecycle import attempts, clients
from jobs.lifecycle.job import Ended, JobError
from jobs.lifecycle.scores import Score
from jobs.settings import Settings
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database
from tests.jobs.lifecycle.test_moves import claim

DOCUMENT = b"""{"base": {"data": {"dataset": "synthetic"}, "training": {"steps": 20}}, "seeds": 2,
"variants": {"without": {}, "with": {"batch_norm": true}},
"grid": {"/training/optimizer/learning_rate": [1, 0.5], "/architecture/activation": ["relu", "tanh"]}}"""


@pytest.fixture
def experiment(database: Database) -> Experiment:
    spec = read(DOCUMENT)
    return experiments.submit(database, spec, members(spec, in_catalogue(Settings()), range(spec.seeds)))


def test_there_is_a_row_a_job_with_what_sets_it_apart_and_what_came_of_it(
    database: Database, experiment: Experiment
) -> None:
    diverged = claim(database)
    attempts.record_progress(database, diverged, 7, None, {"test.accuracy": Score(None, 0.5, 5)})
    attempts.end(database, diverged, Ended("failed", JobError("non_finite_loss", "NaN")))
    clients.ask(database, experiment.jobs[1][1].id, "cancel")
    found = experiments.get(database, experiment.id)
    columns = columns_of(found, {diverged.job_id: {"test.accuracy": Score(None, 0.5, 5)}})
    assert [len(values) for values in columns.values()] == [16] * len(columns)
    assert columns["outcome"] == ["diverged", "cancelled", *["queued"] * 14]
    assert columns["job"] == [job.id for _, job in found.jobs]
    assert (columns["step"][0], columns["steps"][0]) == (7, 20)
    assert (columns["test.accuracy"][0], columns["best.test.accuracy"][0], columns["best.test.accuracy.step"][0]) == (
        None,
        0.5,
        5,
    )
    rows = set(
        zip(
            columns["variant"],
            columns["/training/optimizer/learning_rate"],
            columns["/architecture/activation"],
            columns["seed"],
            strict=True,
        )
    )
    assert len(rows) == 16
    assert ("with", 0.5, "tanh", 1) in rows


def test_the_parquet_file_has_the_same_with_types(database: Database, experiment: Experiment) -> None:
    columns = columns_of(experiments.get(database, experiment.id), {})
    table = pq.read_table(io.BytesIO(parquet_of(columns)))
    assert table.column_names == list(columns)
    types = {field.name: str(field.type) for field in table.schema}
    assert types["/training/optimizer/learning_rate"] == "double"
    assert (types["/architecture/activation"], types["seed"], types["best.test.loss.step"]) == (
        "string",
        "int64",
        "int64",
    )
    assert table.column("/training/optimizer/learning_rate").to_pylist() == columns["/training/optimizer/learning_rate"]


def test_a_place_of_the_grid_with_values_of_several_kinds_is_a_column_of_their_json(database: Database) -> None:
    spec = read(b"""{"base": {"data": {"dataset": "synthetic"}}, "variants": {"a": {}},
    "grid": {"/batch_norm": [false, {"running_decay": 0.5}]}}""")
    found = experiments.submit(database, spec, members(spec, in_catalogue(Settings()), range(1)))
    table = pq.read_table(io.BytesIO(parquet_of(columns_of(found, {}))))
    assert table.column("/batch_norm").to_pylist() == ["false", '{"running_decay":0.5}']
