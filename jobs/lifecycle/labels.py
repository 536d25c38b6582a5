"""What jobs are found by besides their status: columns and rows that say what their documents say."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, delete, insert

from jobs.storage import tables

FACETS = ("name", "dataset_name", "architecture", "batch_norm", "tags", "retain")


def facets(document: Mapping[str, Any]) -> dict[str, Any]:
    """The columns of `FACETS` of a resolved document.

    >>> document = {"name": "a", "architecture": {"preset": "mlp"}, "batch_norm": False, "tags": ["y", "x"]}
    >>> found = facets({**document, "data": {"dataset": "mnist"}})
    >>> found["dataset_name"], found["architecture"], found["batch_norm"], found["tags"], found["retain"]
    ('mnist', 'mlp', False, ['x', 'y'], False)
    """
    architecture = document["architecture"]
    return {
        "name": document["name"],
        "dataset_name": document["data"]["dataset"],
        "architecture": architecture.get("preset", "layers"),
        "batch_norm": bool(document["batch_norm"]) or _has_layer(architecture, "batch_norm"),
        "tags": sorted(set(document["tags"])),
        "retain": document.get("retain", False),
    }


def tag(connection: Connection, tags: Mapping[str, Sequence[str]]) -> None:
    """Write down the tags of new jobs, by job."""
    rows = [{"job_id": job_id, "tag": each} for job_id, some in tags.items() for each in dict.fromkeys(some)]
    if rows:
        connection.execute(insert(tables.tags), rows)


def retag(connection: Connection, job_id: str, tags: Sequence[str]) -> None:
    """Put these tags in the place of those that a job had."""
    connection.execute(delete(tables.tags).where(tables.tags.c.job_id == job_id))
    tag(connection, {job_id: tags})


def _has_layer(architecture: Any, kind: str) -> bool:
    """Whether there is a layer of this kind, within others too."""
    return f'"kind": "{kind}"' in json.dumps(architecture)
