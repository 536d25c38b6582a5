"""In which order a list comes, and where in it a page begins.

That is a value and an id, so that what is added meanwhile makes no page skip or repeat anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, exists, null, tuple_

from jobs.errors import InvalidQuery
from jobs.lists.conditions import MEASURES, measure_of
from jobs.sentences import suggestion
from jobs.storage import tables

CREATED = "created"  # by which ids are in order, too
SORTED: Mapping[str, ColumnElement[Any]] = {
    CREATED: tables.jobs.c.id,
    **{name: tables.jobs.c[name] for name in ("started", "finished", "name", "status", "step", "steps")},
}
"""The columns that jobs are put in order by, beside what they measured."""

Value = str | float | int | None
_Part = tuple[Select[Any], Sequence[ColumnElement[Any]]]  # a query of jobs, and what it is in the order of: the id last


@dataclass(frozen=True)
class Place:
    """Behind which job of a list a page begins: the value that the list is in the order of, and the job's id."""

    value: Value
    id: str


@dataclass(frozen=True)
class Order:
    """By what; those that have no value come last, and those that tie in the order of their ids."""

    key: str = CREATED
    descending: bool = True

    def has(self, value: object) -> bool:
        """Whether a list in this order can be at such a value.

        >>> NEWEST_FIRST.has(None), NEWEST_FIRST.has(1), Order("name").has("a"), Order("step").has(2**40)
        (True, False, True, False)
        """
        if value is None:
            return True
        if self.key in ("name", "status"):
            return isinstance(value, str) and "\0" not in value
        if isinstance(value, bool) or not isinstance(value, int | float) or self.key == CREATED:
            return False
        return self.key not in ("step", "steps") or abs(value) < 2**31


NEWEST_FIRST = Order()


def order_of(text: str) -> Order:
    """The order of a text, `-` before it for the greatest first. Raises InvalidQuery, with the nearest.

    >>> order_of("-test.accuracy"), order_of("name")
    (Order(key='test.accuracy', descending=True), Order(key='name', descending=False))
    """
    key = text.removeprefix("-")
    known = (*SORTED, *MEASURES)
    if key not in known:
        told = f"'{text[:80]}' is nothing to sort by{suggestion(key, known)}"
        raise InvalidQuery(
            "sort", f"{told}; there is: {', '.join(known)}, each with - before it for the greatest first"
        )
    return Order(key, text.startswith("-"))


def ordered(
    connection: Connection, query: Select[Any], order: Order, place: Place | None, limit: int
) -> list[Row[Any]]:
    """At most `limit` rows of a query of jobs, behind a place; each says as `sorted_by` what it is in the order of."""
    parts, found = _parts(query, order.key), list[Row[Any]]()
    if place is not None and place.value is None:
        parts = parts[-1:]
    for part, keys in parts:
        at = [] if place is None else [place.id] if place.value is None else [place.value, place.id]
        behind = at if len(at) == len(keys) else None
        found += connection.execute(
            _cut(part, keys, behind, descending=order.descending).limit(limit - len(found))
        ).all()
        if len(found) == limit:
            break
    return found


def _parts(query: Select[Any], key: str) -> list[_Part]:
    """The jobs with a value to sort by, and behind them those without; each part can be read along an index."""
    if key == CREATED:
        return [(query, [tables.jobs.c.id])]
    ids, scores = tables.jobs.c.id, tables.scores
    if key in SORTED:
        column = SORTED[key]
        return [(query.where(column.is_not(None)), [column, ids]), (query.where(column.is_(None)), [ids])]
    measure = measure_of(key, "sort")
    column = measure.column(scores)
    of_series = (scores.c.series == measure.series) & column.is_not(None)
    has_value = (scores.c.job_id == ids) & of_series
    with_value = query.join(scores, scores.c.job_id == ids).where(of_series)
    return [(with_value, [column, scores.c.job_id]), (query.where(~exists().where(has_value)), [ids])]


def _cut(
    query: Select[Any], keys: Sequence[ColumnElement[Any]], behind: Sequence[Value] | None, *, descending: bool
) -> Select[Any]:
    if behind is not None:
        query = query.where(tuple_(*keys) < tuple_(*behind) if descending else tuple_(*keys) > tuple_(*behind))
    value = null() if len(keys) == 1 else keys[0]
    in_order = (key.desc() if descending else key.asc() for key in keys)
    return query.add_columns(value.label("sorted_by")).order_by(*in_order)
