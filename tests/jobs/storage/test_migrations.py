"""What migrations make of the rows that earlier releases have left, on both kinds of database."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, MetaData, Table, insert, select, text

from jobs.lifecycle import artifacts, clients, lookup, scores, totals
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.job import Status
from jobs.lifecycle.labels import FACETS
from jobs.lifecycle.leases import seconds_spent
from jobs.lifecycle.retries import ENGINE
from jobs.lifecycle.scores import Score
from jobs.lifecycle.totals import Total
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.engines import Choice
from jobs.spec.known import in_catalogue
from jobs.spec.resolved import Resolved
from jobs.storage import keys
from jobs.storage.database import open_database
from jobs.storage.objects.protocol import Stored
from jobs.storage.tables import metadata
from tests.support.documents import otherwise, resolved
from tests.support.events import events_of

BEFORE = "it was submitted before jobs had engines"


def row_of_then(resolved: Resolved) -> dict[str, Any]:
    """A job's row as the first releases made it."""
    row = without_engine(resolved, 1.7e9)
    del row["dataset"]
    return row | {"spec_sha256": "of another release", "status": "queued"}


def without_engine(resolved: Resolved, now: float) -> dict[str, Any]:
    """A job's row as releases made it whose jobs had no engine."""
    row = without_facets(resolved, now)
    return {name: value for name, value in row.items() if name not in ENGINE}


def without_facets(resolved: Resolved, now: float) -> dict[str, Any]:
    """A job's row as releases made it whose jobs were found by their status alone."""
    row = clients.queued_row(resolved, now)
    row["spec"] = of_then(resolved).document
    return {name: value for name, value in row.items() if name not in FACETS} | {"latest": {}, "differs": []}


def of_then(resolved: Resolved) -> Resolved:
    """The same without the fields that documents did not have."""
    there = {name: value for name, value in resolved.document.items() if name not in ("retain", "initial")}
    training = {name: value for name, value in there["training"].items() if name != "rate_factors"}
    return replace(resolved, document=there | {"training": training})


def into_jobs(connection: Connection, *rows: dict[str, Any]) -> None:
    """Insert rows into the table of jobs as it is in this database."""
    table = Table("jobs", MetaData(), autoload_with=connection)
    for row in rows:
        connection.execute(insert(table).values({"attempt": 0, "losses": 0, "step": 0} | row))


@pytest.mark.parametrize("revision", ["0001", "0002", "0003"])
def test_an_older_database_is_brought_up_to_date_and_keeps_its_jobs(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    resolved = check('{"data": {"dataset": "synthetic"}, "name": "a"}', in_catalogue(settings))
    row = row_of_then(resolved)
    with monkeypatch.context() as earlier:
        earlier.setattr("jobs.storage.schema_version.NEWEST", revision)
        with closing(open_database(settings)) as old, old.write() as connection:
            into_jobs(connection, row)
    facts = replace(resolved.dataset, sha256="", counts=())  # as far as they were known
    then = replace(of_then(resolved), dataset=facts, engine=Choice("eager", BEFORE))
    with closing(open_database(settings)) as database:
        assert lookup.get(database, row["id"]).resolved == then
        with database.read() as connection:
            assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_events_of_a_job_begin_with_the_release_that_keeps_them(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = without_engine(check('{"data": {"dataset": "synthetic"}}', in_catalogue(settings)), 1.7e9)
    with monkeypatch.context() as earlier:
        earlier.setattr("jobs.storage.schema_version.NEWEST", "0005")
        with closing(open_database(settings)) as old, old.write() as connection:
            into_jobs(connection, {**row, "status": "queued"})
    with closing(open_database(settings)) as database:
        clients.ask(database, row["id"], "cancel")
        assert [(event.number, event.message) for event in events_of(database, row["id"])] == [(1, "cancelled")]


def test_what_attempts_took_before_seconds_were_kept_still_counts(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = row_of_then(check('{"data": {"dataset": "synthetic"}}', in_catalogue(settings)))
    by = {"job_id": row["id"], "worker": "w", "host": "h", "started": 1.7e9}
    with monkeypatch.context() as earlier:
        earlier.setattr("jobs.storage.schema_version.NEWEST", "0002")
        with closing(open_database(settings)) as old, old.write() as connection:
            into_jobs(connection, row)
            for number, ended in ((1, 1.7e9 + 40), (2, 1.7e9 - 5), (3, None)):  # a clock was set back in the second
                connection.execute(insert(metadata.tables["attempts"]).values(number=number, ended=ended, **by))
    with closing(open_database(settings)) as database:
        assert seconds_spent(database, row["id"]) == 40


def test_what_trainings_have_left_is_moved_into_one_table(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    resolved = check('{"data": {"dataset": "synthetic"}, "training": {"steps": 300}}', in_catalogue(settings))
    done, begun = without_engine(resolved, 1.7e9), without_engine(resolved, 1.8e9)
    done_id, begun_id = done["id"], begun["id"]
    kept = Stored(keys.of_probabilities(done_id, 2), 4, "p")
    with monkeypatch.context() as earlier:
        earlier.setattr("jobs.storage.schema_version.NEWEST", "0004")
        with closing(open_database(settings)) as old, old.write() as connection:
            ended = {"status": "succeeded", "attempt": 2, "weights_sha256": "w"}
            into_jobs(connection, done | ended, begun | {"status": "queued"})
            into = "INSERT INTO {} VALUES (:job_id, {} :key, :bytes, :sha256)"
            connection.execute(text(into.format("probabilities", "")), {"job_id": done_id, **vars(kept)})
            for step in (100, 200):
                row = {"job_id": begun_id, "step": step, "key": f"{step}", "bytes": step, "sha256": "c"}
                connection.execute(text(into.format("checkpoints", ":step,")), row)
    with closing(open_database(settings)) as database:
        assert artifacts.of(database, done_id) == (
            Artifact("probabilities", 300, kept),
            Artifact("weights", 300, Stored(keys.of_weights(done_id, 2), None, "w")),
        )
        assert lookup.get(database, done_id).weights_sha256 == "w"
        assert artifacts.of(database, begun_id) == (
            Artifact("checkpoint", 200, Stored("200", 200, "c")),
            Artifact("checkpoint", 100, Stored("100", 100, "c")),
        )


def test_jobs_of_earlier_releases_are_found_by_their_labels_and_by_what_they_measured(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    normalized = {"layers": [{"kind": "flatten"}, {"kind": "batch_norm"}, {"kind": "linear", "features": 10}]}
    asked = resolved(name="a", tags=["x", "y", "x"], architecture=normalized, data={"dataset": "synthetic"})
    row = without_facets(asked, 1.7e9)
    said = {"count": 1, "nonfinite": 0, "first": 0.5, "min_step": 1, "max_step": 1}
    parts = {
        ("test", 0): {"accuracy": said | {"last": 0.4, "min": 0.4, "max": 0.4}},
        ("test", 5): {"accuracy": said | {"last": 0.7, "min": 0.6, "max": 0.9, "max_step": 7}},
        ("test", 9): {"accuracy": said | {"last": None, "min": 0.9, "max": 0.9, "max_step": 9}},
        ("train", 1): {"loss": said | {"last": 2.0, "min": 1.5, "max": 3.0}, "learning_rate": said | {"last": 0.1}},
        ("units", 1): {"loss": said | {"last": 2.0}},
    }
    with monkeypatch.context() as earlier:
        earlier.setattr("jobs.storage.schema_version.NEWEST", "0007")
        with closing(open_database(settings)) as old, old.write() as connection:
            into_jobs(connection, row | {"status": "succeeded"})
            for (table, first), series in parts.items():
                chunk = {"job_id": row["id"], "table": table, "first": first, "last": first, "series": series}
                stored = {"attempt": 1, "rows": 1, "key": f"{table}{first}", "bytes": 1, "sha256": "s"}
                connection.execute(insert(metadata.tables["chunks"]).values(chunk | stored))
    with closing(open_database(settings)) as database, database.read() as connection:
        facets = select(*(metadata.tables["jobs"].c[name] for name in FACETS))
        assert tuple(connection.execute(facets).one()) == (
            "a", "synthetic", "layers", True, ["x", "y"], False
        )  # fmt: skip
        assert set(connection.scalars(select(metadata.tables["tags"].c.tag))) == {"x", "y"}
        assert scores.of_jobs(connection, [row["id"]])[row["id"]] == {
            "test.accuracy": Score(None, 0.9, 7),
            "train.learning_rate": Score(0.1),
            "train.loss": Score(2.0, 1.5, 1),
        }


def test_what_had_ended_before_it_was_counted_is_counted(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = check('{"data": {"dataset": "synthetic"}}', in_catalogue(settings))
    failed, poisoned, cancelled, queued = rows = [without_facets(asked, 1.7e9 + i) for i in range(4)]
    failed |= {"status": "failed", "error": {"code": "time_limit", "message": "", "retryable": False}}
    poisoned |= {"status": "failed", "error": {"code": "poison", "message": "", "retryable": False}}
    cancelled |= {"status": "cancelled", "error": None}
    queued |= {"status": "queued", "error": None}
    outcomes = ("lost: its worker is gone", "lost: it stood still", "failed", None)
    with monkeypatch.context() as earlier:
        earlier.setattr("jobs.storage.schema_version.NEWEST", "0007")
        with closing(open_database(settings)) as old, old.write() as connection:
            into_jobs(connection, *rows)
            for number, outcome in enumerate(outcomes):
                attempt = {"number": number, "worker": "w", "host": "h", "started": 1.7e9, "outcome": outcome}
                ended = {"ended": outcome and 1.7e9}
                connection.execute(
                    insert(metadata.tables["attempts"]).values({"job_id": failed["id"]} | attempt | ended)
                )
    with closing(open_database(settings)) as database, database.read() as connection:
        assert totals.of_all(connection) == {
            Total("attempts", "failed"): 1,
            Total("attempts", "lost"): 2,
            Total("jobs_ended", "cancelled"): 1,
            Total("jobs_ended", "failed", "poison"): 1,
            Total("jobs_ended", "failed", "time_limit"): 1,
        }


def test_a_job_of_a_dataset_that_nobody_knows_any_more_is_shown_and_can_be_cancelled(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = row_of_then(otherwise(resolved(), "data", dataset="of somebody"))
    with monkeypatch.context() as earlier:
        earlier.setattr("jobs.storage.schema_version.NEWEST", "0003")
        with closing(open_database(settings)) as old, old.write() as connection:
            into_jobs(connection, row)
    with closing(open_database(settings)) as database:
        shown = lookup.get(database, row["id"])
        assert (shown.resolved.dataset.name, shown.steps) == ("of somebody", 10_000)
        assert clients.ask(database, row["id"], "cancel").status is Status.CANCELLED


def test_a_job_that_an_earlier_release_has_made_since_has_the_facts_of_its_dataset(settings: Settings) -> None:
    row = row_of_then(resolved(data={"dataset": "synthetic"}))
    with closing(open_database(settings)) as database:
        with database.write() as connection:
            into_jobs(connection, row)
        assert lookup.get(database, row["id"]).resolved.dataset == resolved(data={"dataset": "synthetic"}).dataset


def test_what_no_job_has_left_is_not_taken_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings(data=tmp_path)  # PostgreSQL keeps no row whose job is gone
    with monkeypatch.context() as earlier:
        earlier.setattr("jobs.storage.schema_version.NEWEST", "0004")
        with closing(open_database(settings)) as old, old.engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")  # within a transaction the next line does nothing
            connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
            connection.exec_driver_sql("BEGIN")
            connection.exec_driver_sql("INSERT INTO checkpoints VALUES ('nobody', 5, 'k', 1, 's')")
            connection.commit()
    open_database(settings).close()
