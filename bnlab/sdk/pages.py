"""Answers that come in pages, and how these become one."""

from collections.abc import Mapping, Sequence
from typing import Any

from bnlab.sdk.connection import Connection

LISTED = 1000  # jobs, or experiments; the most that the server lists at once


def listed(connection: Connection, path: str, asked: Mapping[str, Any], limit: int) -> list[dict[str, Any]]:
    """At most `limit` of what the server lists at a path, which is what the answers call it: `jobs` at `/jobs`."""
    found: list[dict[str, Any]] = []
    cursor: str | None = None
    while len(found) < limit:
        page = connection.get(path, {**asked, "limit": min(limit - len(found), LISTED), "cursor": cursor})
        found += page[path.removeprefix("/")]
        cursor = page["next"]
        if cursor is None:
            break
    return found


def series(connection: Connection, path: str, asked: Mapping[str, Any]) -> dict[str, Any]:
    """The series at a path, whole; read again from its beginning where its job begins anew meanwhile."""
    pages = [connection.get(path, asked)]
    while (following := pages[-1]["next"]) is not None:
        page = connection.get(path, {**asked, "from": following})
        if page["attempt"] != pages[0]["attempt"]:
            return series(connection, path, asked)
        pages.append(page)
    whole: dict[str, Any] = joined(pages)
    return whole


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
