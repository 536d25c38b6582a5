"""Cursors: where in which list a page begins, as one word that only the list it is of understands."""

import hashlib
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import orjson

from jobs.errors import InvalidQuery
from jobs.lists.filters import ExperimentFilter, Filter
from jobs.lists.orders import NEWEST_FIRST, Order, Place

AnyFilter = TypeVar("AnyFilter", Filter, ExperimentFilter)

DIGITS = 8  # of the digest of a list


@dataclass(frozen=True)
class ListOf(Generic[AnyFilter]):
    """A list: whatever has the same filter and order goes on with the same cursor."""

    filter: AnyFilter
    order: Order = NEWEST_FIRST

    @property
    def digest(self) -> str:
        """What a cursor knows the list by."""
        return hashlib.sha256(repr(self).encode()).hexdigest()[:DIGITS]


def cursor_of(listed: ListOf[Any], place: Place) -> str:
    """The cursor of the page behind a place."""
    return urlsafe_b64encode(orjson.dumps([listed.digest, place.value, place.id])).decode().rstrip("=")


def place_of(listed: ListOf[Any], cursor: str | None) -> Place | None:
    """The place behind which a page begins, None for the first page. Raises InvalidQuery.

    >>> listed = ListOf(Filter(name="a"), Order("test.accuracy"))
    >>> place_of(listed, cursor_of(listed, Place(0.5, "0j1d3q9f7k2mc")))
    Place(value=0.5, id='0j1d3q9f7k2mc')
    """
    if cursor is None:
        return None
    try:
        digest, value, of_id = orjson.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except (TypeError, ValueError):  # no base 64, no JSON, or no three things
        digest = value = of_id = None
    are_words = isinstance(digest, str) and isinstance(of_id, str)
    if are_words and digest != listed.digest:
        raise InvalidQuery("cursor", "it is of another list: filters and sort stay as they are from page to page")
    if not (are_words and "\0" not in of_id and listed.order.has(value)):
        raise InvalidQuery("cursor", f"'{cursor[:80]}' is no cursor; an earlier answer's `next` is one")
    return Place(value, of_id)
