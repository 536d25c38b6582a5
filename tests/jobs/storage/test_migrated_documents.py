"""What migrations make of the documents that earlier releases have stored, on both kinds of database."""

from contextlib import closing
from typing import Any

import pytest
from sqlalchemy import insert, select

from jobs.lifecycle import clients, lookup
from jobs.settings import Settings
from jobs.storage.database import open_database
from jobs.storage.tables import metadata
from tests.support.documents import resolved


def test_an_experiment_of_earlier_releases_does_to_pixels_what_it_did(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {"binarize": True, "normalize": "none"}
    asked: dict[str, Any] = {
        "base": {"data": {"dataset": "synthetic", "normalize": "unit"}},
        "variants": {
            "as the base": {},
            "by default": {"data": {"normalize": None, "augment": None}},
            "of another": {"data": {"dataset": "cifar10", "binarize": False}},
            "of none": {"data": None},
        },
        "grid": {"/data": [{"dataset": "cifar10"}], "/data/batch_size": [60, None]},
    }
    rest: dict[str, Any] = {"name": None, "claim": None, "seeds": 1, "targets": []}
    document, bare = rest | asked, rest | {"base": {}, "variants": {"a": {}}, "grid": {}}
    with monkeypatch.context() as earlier:
        earlier.setattr("jobs.storage.schema_version.NEWEST", "0009")
        with closing(open_database(settings)) as old, old.write() as connection:
            for i, each in enumerate((document, bare)):
                connection.execute(insert(metadata.tables["experiments"]).values(id=str(i), created=0.0, document=each))
    with closing(open_database(settings)) as database, database.read() as connection:
        table = metadata.tables["experiments"].c
        migrated, completed = connection.scalars(select(table.document).order_by(table.id))
    assert completed == bare | {"base": {"data": before}}
    assert migrated == document | {
        "base": {"data": {"dataset": "synthetic", "normalize": "unit", "binarize": True}},
        "variants": asked["variants"] | {"by default": {"data": {"normalize": "none", "augment": None}}},
        "grid": asked["grid"] | {"/data": [{"dataset": "cifar10", **before}]},
    }


def test_a_bn_inception_of_earlier_releases_has_the_channels_that_it_had(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    was = {"preset": "bn_inception", "width": 0.1}
    now = resolved(architecture=was | {"wide_4cd": False}, data={"dataset": "synthetic"})
    row, other = (clients.queued_row(each, 1.7e9) | {"status": "queued"} for each in (now, resolved()))
    row["spec"] = now.document | {
        "architecture": {k: v for k, v in now.document["architecture"].items() if k != "wide_4cd"}
    }
    document: dict[str, Any] = {
        "base": {"architecture": "bn_inception"},
        "variants": {"a": {}, "b": {"architecture": {"width": 0.5}}, "c": {"architecture": was}},
        "grid": {"/architecture": ["mlp", "bn_inception", {"layers": []}], "/training/seed": [1]},
        "name": None,
        "claim": None,
        "seeds": 1,
        "targets": [],
    }
    with monkeypatch.context() as earlier:
        earlier.setattr("jobs.storage.schema_version.NEWEST", "0012")
        with closing(open_database(settings)) as old, old.write() as connection:
            connection.execute(insert(metadata.tables["jobs"]), [row, other])
            connection.execute(insert(metadata.tables["experiments"]).values(id="0", created=0.0, document=document))
    narrow = {"preset": "bn_inception", "wide_4cd": False}
    with closing(open_database(settings)) as database:
        assert lookup.get(database, row["id"]).resolved == now
        assert lookup.get(database, other["id"]).resolved == resolved()
        with database.read() as connection:
            migrated = connection.scalar(select(metadata.tables["experiments"].c.document))
    assert migrated == document | {
        "base": {"architecture": narrow},
        "variants": document["variants"] | {"c": {"architecture": was | narrow}},
        "grid": document["grid"] | {"/architecture": ["mlp", narrow, {"layers": []}]},
    }
