"""In which order a list comes, and where in it a page begins.

That is a value and an id, so that what is added meanwhile makes no page skip or repeat anything.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, exists, null, select, tuple_

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
_Part = tuple[Select[Any], Sequence[ColumnElement[Any]]]  # a query of values and ids, and what it is in the order of


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
    connection: Connection, clauses: Sequence[ColumnElement[bool]], order: Order, place: Place | None, limit: int
) -> list[Place]:
    """At most `limit` jobs of which all of that holds, behind a place: where each of them is in this order."""
    parts, found = _parts(clauses, order.key), list[Place]()
    if place is not None and place.value is None:
        parts = parts[-1:]
    for part, keys in parts:
        at = [] if place is None else [place.id] if place.value is None else [place.value, place.id]
        behind = at if len(at) == len(keys) else None
        query = _cut(part, keys, behind, descending=order.descending).limit(limit - len(found))
        found += [Place(value, job_id) for value, job_id in connection.execute(query)]
        if len(found) == limit:
            break
    return found


def _parts(clauses: Sequence[ColumnElement[bool]], key: str) -> list[_Part]:
    """The jobs with a value to sort by, and behind them those without; each part can be read along an index."""
    jobs, scores, none = tables.jobs.c, tables.scores, null().label("none")
    without = select(none, jobs.id).where(*clauses)
    if key == CREATED:
        return [(without, [jobs.id])]
    if key in SORTED:
        column = SORTED[key]
        having = select(column, jobs.id).where(*clauses, column.is_not(None))
        return [(having, [column, jobs.id]), (without.where(column.is_(None)), [jobs.id])]
    measure = measure_of(key, "sort")
    column, job_id = measure.column(scores), scores.c.job_id
    of_series = (scores.c.series == measure.series) & column.is_not(None)
    # From the scores alone: of two tables to begin with, a planner without statistics takes the wrong one.
    having = select(column, job_id).where(of_series, exists().where(jobs.id == job_id, *clauses))
    has_none = ~exists().where(of_series, job_id == jobs.id)
    return [(having, [column, job_id]), (without.where(has_none), [jobs.id])]


def _cut(
    query: Select[Any], keys: Sequence[ColumnElement[Any]], behind: Sequence[Value] | None, *, descending: bool
) -> Select[Any]:
    if behind is not None:
        query = query.where(tuple_(*keys) < tuple_(*behind) if descending else tuple_(*keys) > tuple_(*behind))
    return query.order_by(*(key.desc() if descending else key.asc() for key in keys))
