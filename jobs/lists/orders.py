"""In which order a list comes, and where in it a page begins.

That is a value and an id, so that what is added meanwhile makes no page skip or repeat anything.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, null, select, tuple_

from jobs.errors import InvalidQuery
from jobs.lists.conditions import MEASURES, measure_of
from jobs.lists.filters import Filter
from jobs.sentences import suggestion
from jobs.storage import tables

CREATED = "created"  # by which ids are in order, too
SORTED: Mapping[str, ColumnElement[Any]] = {
    CREATED: tables.jobs.c.id,
    **{name: tables.jobs.c[name] for name in ("started", "finished", "name", "status", "step", "steps")},
}
"""The columns that jobs are put in order by, beside what they measured."""

Value = str | float | int | None
_Part = tuple[Select[Any], Sequence[ColumnElement[Any]]]
"""A query of values and ids, and what it is in the order of."""


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


def ordered(connection: Connection, asked: Filter, order: Order, place: Place | None, limit: int) -> list[Place]:
    """At most `limit` of these jobs, behind a place: where each of them is in this order."""
    parts, found = _parts(asked, order), list[Place]()
    if place is not None and place.value is None:
        parts = parts[-1:]
    for query, keys in parts:
        at = [] if place is None else [place.id] if place.value is None else [place.value, place.id]
        cut = query if len(at) != len(keys) else query.where(_behind(keys, at, descending=order.descending))
        rows: Iterable[Any] = connection.execute(cut.limit(limit - len(found)))
        found += [Place(value, job_id) for value, job_id in rows]
        if len(found) == limit:
            break
    return found


@lru_cache(maxsize=200)  # a list is asked for again and again, and to put its query together takes as long as to answer
def _parts(asked: Filter, order: Order) -> tuple[_Part, ...]:
    """The jobs with a value to sort by, and behind them those without; each part can be read along an index."""
    jobs, scores, clauses = tables.jobs.c, tables.scores, tuple(asked.clauses())
    without = select(null().label("none"), jobs.id).where(*clauses)
    if order.key == CREATED:
        return (_part(without, [jobs.id], order),)
    if order.key in SORTED:
        column = SORTED[order.key]
        having = select(column, jobs.id).where(*clauses, column.is_not(None))
        return _part(having, [column, jobs.id], order), _part(without.where(column.is_(None)), [jobs.id], order)
    measure = measure_of(order.key, "sort")
    column, job_id = measure.column(scores), scores.c.job_id
    of_series = (scores.c.series == measure.series) & column.is_not(None)
    # From the scores alone: of two tables to begin with, a planner without statistics takes the wrong one.
    having = select(column, job_id).where(of_series, exists().where(jobs.id == job_id, *clauses))
    has_none = ~exists().where(of_series, job_id == jobs.id)
    return _part(having, [column, job_id], order), _part(without.where(has_none), [jobs.id], order)


def _part(query: Select[Any], keys: Sequence[ColumnElement[Any]], order: Order) -> _Part:
    return query.order_by(*(key.desc() if order.descending else key.asc() for key in keys)), keys


def _behind(keys: Sequence[ColumnElement[Any]], at: Sequence[Value], *, descending: bool) -> ColumnElement[bool]:
    return tuple_(*keys) < tuple_(*at) if descending else tuple_(*keys) > tuple_(*at)
