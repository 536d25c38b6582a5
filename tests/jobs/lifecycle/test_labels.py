"""The columns that jobs are found by, and their tags."""

from typing import Any

import pytest
from sqlalchemy import select

from jobs.lifecycle.clients import submit
from jobs.lifecycle.labels import FACETS, facets
from jobs.storage import tables
from jobs.storage.database import Database
from tests.support.documents import resolved

FLAT = {"kind": "flatten"}
HEAD = {"kind": "linear", "features": 10}
CONV = {"kind": "conv2d", "channels": 8, "padding": 1}


@pytest.mark.parametrize(
    ("document", "architecture", "batch_norm"),
    [
        ({}, "mlp", False),
        ({"batch_norm": True, "architecture": "convnet"}, "convnet", True),
        ({"architecture": {"layers": [FLAT, HEAD]}}, "layers", False),
        ({"architecture": {"layers": [FLAT, {"kind": "batch_norm"}, HEAD]}}, "layers", True),
        (
            {"architecture": {"layers": [CONV, {"kind": "residual", "layers": [{"kind": "batch_norm"}]}, FLAT, HEAD]}},
            "layers",
            True,
        ),
    ],
)
def test_a_network_is_found_by_its_preset_and_by_batch_normalization_anywhere_in_it(
    document: dict[str, Any], architecture: str, batch_norm: bool
) -> None:
    found = facets(resolved(data={"dataset": "synthetic"}, **document).document)
    assert (found["architecture"], found["batch_norm"]) == (architecture, batch_norm)


def test_a_job_has_its_columns_and_each_tag_once(database: Database) -> None:
    asked = resolved(name="a", tags=["x", "y", "x"], retain=True, data={"dataset": "synthetic"})
    job = submit(database, asked)
    with database.read() as connection:
        columns = connection.execute(select(*(tables.jobs.c[name] for name in FACETS))).one()
        tags = connection.execute(select(tables.tags.c.job_id, tables.tags.c.tag).order_by(tables.tags.c.tag)).all()
    assert tuple(columns) == ("a", "synthetic", "mlp", False, ["x", "y"], True)
    assert [tuple(row) for row in tags] == [(job.id, "x"), (job.id, "y")]
