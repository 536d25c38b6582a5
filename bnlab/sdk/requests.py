"""What the client asks a server for: paths, parameters and bodies."""

import json
from collections.abc import Mapping
from math import isfinite
from typing import Any, Protocol, runtime_checkable
from urllib.parse import quote

from pydantic import BaseModel

from bnlab.sdk.pointers import escaped

Document = BaseModel | Mapping[str, Any] | str | bytes
"""What to run: as plain values (numpy's numbers are such too), as a model of pydantic's, or as JSON text."""

OF_ROUTE = dict.fromkeys(("train", "validation", "test"), "metrics") | dict.fromkeys(
    ("activations", "units", "histograms"), "activations"
)
"""Under which route a table is to be had; any other name is a diagnostic."""


def job_path(job_id: str) -> str:
    """Where a job is."""
    return f"/jobs/{_quoted(job_id)}"


def experiment_path(experiment_id: str) -> str:
    """Where an experiment is."""
    return f"/experiments/{_quoted(experiment_id)}"


def dataset_path(name: str) -> str:
    """Where a dataset is."""
    return f"/datasets/{_quoted(name)}"


def _quoted(some_id: str) -> str:
    # What is typed in a terminal that is not UTF-8 may hold bytes that are no characters there.
    return quote(some_id, safe="", errors="surrogateescape")


def table_path(job_id: str, table: str) -> str:
    """Where a table of a job's series is."""
    return f"{job_path(job_id)}/{OF_ROUTE.get(table, 'diagnostics')}"


def cut_of(start: int | None, stop: int | None, after: int | None, points: int | None) -> dict[str, Any]:
    """The parameters of a part of a series."""
    return {"from": start, "to": stop, "after": after, "points": points}


def body_of(document: Document | None, fields: Mapping[str, Any]) -> str | bytes:
    """The body to send; it is the server that judges it, so that there is one place that does.

    Raises TypeError, with its JSON pointer, for a value that JSON has nothing for.
    """
    if document is not None and fields:
        raise TypeError("give a document or its fields, not both")
    if isinstance(document, str | bytes):
        return document
    return json.dumps(plain(fields if document is None else document))


def plain(value: Any, place: str = "") -> Any:
    """The same in JSON's own types: numpy's numbers and arrays become numbers and lists, a model its document.

    Raises TypeError for what JSON has nothing for, with its place below `place`.

    >>> plain({"rates": (0.1, 1)})
    {'rates': [0.1, 1]}
    """
    match value:
        case None | str() | bool() | int():
            return value
        case float() if isfinite(value):
            return float(value)
        case BaseModel():
            return value.model_dump(mode="json")
        case Mapping():
            return {_name(key, place): plain(each, f"{place}/{escaped(str(key))}") for key, each in value.items()}
        case list() | tuple():
            return [plain(each, f"{place}/{i}") for i, each in enumerate(value)]
        case _Numbers() if type(found := value.tolist()) is not type(value):  # a long double gives itself
            return plain(found, place)
    raise TypeError(f"{place}: JSON has nothing for {value!r}, of type {type(value).__name__}")


@runtime_checkable
class _Numbers(Protocol):
    """A number or an array of numpy's, which the client does not load."""

    def tolist(self) -> Any: ...


def _name(key: object, place: str) -> str:
    if not isinstance(key, str):
        raise TypeError(f"{place}/{key}: a name in JSON is a string, not {key!r}")
    return key
