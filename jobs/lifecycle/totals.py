"""How often attempts and jobs have ended, and how: counted for good, so that a deletion lowers nothing."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from jobs.storage import tables

INSERT: dict[str, Callable[[Table], Any]] = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}
"""By dialect: how a row is added that may be there already."""

FAILURES = (
    *("damaged_object", "data_folder_unusable", "dataset_unavailable", "engine_unavailable", "environment_changed"),
    *("exception", "invalid_spec", "memory_limit", "non_finite_loss", "out_of_memory", "poison", "time_limit"),
)
"""The codes of the errors with which jobs fail."""


@dataclass(frozen=True, order=True)
class Total:
    """What is counted. There are few of them: a code is one of those that bnlab itself gives."""

    counter: Literal["attempts", "jobs_ended"]
    label: str  # of an attempt its outcome, of a job its status
    code: str = ""  # of a job that failed: its error's


def count(connection: Connection, totals: Iterable[Total], number: int) -> None:
    """Add a number to each of these totals.

    Two transactions that count at once wait for each other on PostgreSQL. None waits for ever, because all take the
    rows of this table in one order, and after those of every job that they change.
    """
    rows = [
        {"counter": total.counter, "label": total.label, "code": total.code, "number": number}
        for total in sorted(totals)
    ]
    if not rows:
        return
    added = INSERT[connection.dialect.name](tables.totals).values(rows)
    more = {"number": tables.totals.c.number + added.excluded.number}
    connection.execute(added.on_conflict_do_update(index_elements=list(tables.totals.primary_key), set_=more))


def of_all(connection: Connection) -> Counter[Total]:
    """Every total."""
    column = tables.totals.c
    rows = connection.execute(select(column.counter, column.label, column.code, column.number)).all()
    return Counter({Total(*what): number for *what, number in rows})
