"""What the client asks a server for: paths, parameters and bodies; and how the pages of an answer become one."""

import json
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import quote

from jobs.spec import JobSpec

Document = JobSpec | Mapping[str, Any] | str | bytes
"""What to run: a specification, the same as plain values, or as JSON text."""

OF_ROUTE = {"train": "metrics", "test": "metrics"} | dict.fromkeys(
    ("activations", "units", "histograms"), "activations"
)
"""Under which route a table is to be had; any other name is a diagnostic."""


def job_path(job_id: str) -> str:
    """Where a job is."""
    return f"/jobs/{quote(job_id, safe='')}"


def experiment_path(experiment_id: str) -> str:
    """Where an experiment is."""
    return f"/experiments/{quote(experiment_id, safe='')}"


def table_path(job_id: str, table: str) -> str:
    """Where a table of a job's series is."""
    return f"{job_path(job_id)}/{OF_ROUTE.get(table, 'diagnostics')}"


def cut_of(start: int | None, stop: int | None, after: int | None, points: int | None) -> dict[str, Any]:
    """The parameters of a part of a series."""
    return {"from": start, "to": stop, "after": after, "points": points}


def body_of(document: Document | None, fields: Mapping[str, Any]) -> str | bytes:
    """The body to send; it is the server that judges it, so that there is one place that does."""
    if document is not None and fields:
        raise TypeError("give a document or its fields, not both")
    if isinstance(document, JobSpec):
        return document.model_dump_json()
    if isinstance(document, str | bytes):
        return document
    return json.dumps(fields if document is None else dict(document))


def joined(pages: Sequence[Any]) -> Any:
    """Pages of one answer as a whole: columns end to end, and of everything else the last page's value.

    >>> joined([{"next": 2, "train": {"step": [1]}}, {"next": None, "train": {"step": [2]}}])
    {'next': None, 'train': {'step': [1, 2]}}
    """
    if isinstance(pages[0], dict):
        keys = dict.fromkeys(key for page in pages for key in page)
        return {key: joined([page[key] for page in pages if key in page]) for key in keys}
    if isinstance(pages[0], list):
        return [value for page in pages for value in page]
    return pages[-1]
