"""Pages of lists: which rows, and the cursor of the page behind them."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, Select, bindparam, select

from jobs.lifecycle.job import Status
from jobs.lifecycle.lookup import EXPERIMENT
from jobs.lifecycle.queue import by_status
from jobs.lists.cursors import ListOf, cursor_of, place_of
from jobs.lists.filters import ExperimentFilter, Filter
from jobs.lists.orders import Place, ordered
from jobs.storage import tables


@dataclass(frozen=True)
class Page:
    """Some rows of a list, and the cursor of the next page: None where this is the last."""

    rows: Sequence[Row[Any]]
    next: str | None


def page_of_jobs(
    connection: Connection, listed: ListOf[Filter], columns: Collection[str], *, limit: int, cursor: str | None
) -> Page:
    """A page with these columns of the table of jobs, and `id`. Raises InvalidQuery for a cursor of another list."""
    found = ordered(connection, listed.filter, listed.order, place_of(listed, cursor), limit + 1)
    shown = found[:limit]  # one more than was asked for shows that there is another page
    ids = {"ids": [at.id for at in shown]}
    rows = {row.id: row for row in connection.execute(_rows(tuple(columns)), ids)}
    following = cursor_of(listed, shown[-1]) if len(found) > limit else None
    return Page([rows[at.id] for at in shown], following)


def counts_of_jobs(connection: Connection, asked: Filter) -> dict[Status, int]:
    """How many jobs there would be in the list, had it been asked for those of one status alone: by status."""
    return by_status(connection, *replace(asked, statuses=()).clauses())


@lru_cache(maxsize=100)
def _rows(columns: tuple[str, ...]) -> Select[Any]:
    """Rows with these columns."""
    query = select(*(COLUMNS[name] for name in dict.fromkeys(("id", *columns))))
    return query.where(tables.jobs.c.id.in_(bindparam("ids", expanding=True)))


def page_of_experiments(
    connection: Connection, listed: ListOf[ExperimentFilter], *, limit: int, cursor: str | None
) -> Page:
    """A page of whole rows, newest first. Raises InvalidQuery for a cursor of another list."""
    place, experiments = place_of(listed, cursor), tables.experiments
    query = select(experiments).where(*listed.filter.clauses()).order_by(experiments.c.id.desc()).limit(limit + 1)
    if place is not None:
        query = query.where(experiments.c.id < place.id)
    found = connection.execute(query).all()
    following = cursor_of(listed, Place(None, found[limit - 1].id)) if len(found) > limit else None
    return Page(found[:limit], following)


COLUMNS = {**dict(tables.jobs.c.items()), "experiment": EXPERIMENT}
"""What may be selected of a job: its own columns, and the experiment that it belongs to."""
