"""A job while it runs: what is new since somebody looked last, for as many as look on."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from jobs.errors import InvalidQuery
from jobs.lifecycle.artifacts import newest_checkpoint
from jobs.lifecycle.job import Job
from jobs.lifecycle.lookup import job_of
from jobs.series.answers.names import check_names, flat, metric_names
from jobs.series.format.manifest import Manifest
from jobs.series.format.schema import TABLES, TEST, TRAIN
from jobs.series.read.cuts import Query
from jobs.series.read.reader import Series, View, answer_from
from jobs.series.read.selection import Names
from jobs.series.read.selection import select as select_rows
from jobs.spec.resolved import Resolved
from jobs.storage import tables
from jobs.storage.database import Database, lease_clock

POINTS = 1000  # rows of a table at once, the most; who is further behind gets buckets
WATCHED = 5.0  # seconds that a look on a job counts
NOTHING = -1  # the watermark of a job that has recorded nothing


@dataclass(frozen=True)
class Glance:
    """A job as it stands, the last step of its series, that of its newest checkpoint, and its last event's number."""

    job: Job
    watermark: int
    checkpoint: int | None
    event: int = 0


def glances(database: Database, job_ids: Iterable[str]) -> dict[str, Glance]:
    """These jobs, but for those that are gone; one query, however many they are."""
    jobs, chunks = tables.jobs, tables.chunks.c
    last = select(func.max(chunks.last)).where(chunks.job_id == jobs.c.id, chunks.table.in_((TRAIN, TEST)))
    events = tables.events.c
    event = select(func.max(events.number)).where(events.job_id == jobs.c.id)
    newest = (_column(last, "watermark"), newest_checkpoint(jobs.c.id).label("checkpoint"), _column(event, "event"))
    query = select(jobs, *newest)
    with database.read() as connection:
        rows = connection.execute(query.where(jobs.c.id.in_(list(job_ids)))).all()
    return {
        row.id: Glance(job_of(row), NOTHING if row.watermark is None else row.watermark, row.checkpoint, row.event or 0)
        for row in rows
    }


def look_on(database: Database, job_ids: Iterable[str]) -> None:
    """Have these jobs, as long as they run, store what they record without delay, for a few seconds."""
    until = lease_clock(database) + WATCHED
    with database.write() as connection:
        connection.execute(update(tables.jobs).where(tables.jobs.c.id.in_(list(job_ids))).values(watched_until=until))


def kept_by(database: Database, job_id: str, attempt: int) -> int:
    """The last step of what an attempt recorded that no later one has hidden: NOTHING where one began at none."""
    column = tables.attempts.c
    later = select(column.begins_after).where(column.job_id == job_id, column.number > attempt)
    with database.read() as connection:
        steps = connection.scalars(later).all()
    return min((NOTHING if step is None else step for step in steps), default=NOTHING)


def chosen(resolved: Resolved, manifest: Manifest, names: tuple[str, ...]) -> Names:
    """The columns of these names, `train.loss` or `activations.hidden1.p50`; those of all metrics where none is.

    Raises InvalidQuery for a name that no table has, once that table has something.
    """
    if not names:
        return metric_names(resolved, manifest)
    wanted: dict[str, tuple[str, ...]] = {}
    for name in names:
        table, _, series = name.partition(".")
        check_names("names", [table], TABLES)
        if not series:
            raise InvalidQuery("names", f"'{name}' is a table: say which of its series, such as {name}.loss")
        if manifest.names[table]:
            check_names("names", [name], [f"{table}.{each}" for each in manifest.names[table]])
            wanted[table] = (*wanted.get(table, ()), series)
    return wanted


def rows_after(series: Series, names: tuple[str, ...], after: int) -> dict[str, Any]:
    """What is recorded under these names past a step, thinned where that is much; and the attempt and last step of it.

    Raises InvalidQuery, NotFound, DamagedObject.
    """

    def answer(view: View) -> dict[str, Any]:
        manifest = view.manifest
        watermark = NOTHING if manifest.watermark is None else manifest.watermark
        selected = select_rows(view, chosen(series.job.resolved, manifest, names), Query(after + 1, watermark, POINTS))
        return {
            "job": series.job.id,
            "attempt": manifest.attempt,
            "after": after,
            # What did not fit into one answer is what comes next.
            "watermark": watermark if selected.next is None else selected.next - 1,
            "sampled": selected.bucket_width is not None,
            **({"bucket_width": selected.bucket_width} if selected.bucket_width else {}),
            **{
                name: {"step": table.step, "time": table.time, **flat(table)} for name, table in selected.tables.items()
            },
            "nonfinite": selected.nonfinite,
        }

    return answer_from(series, answer)


def _column(query: Any, label: str) -> ColumnElement[Any]:
    return query.scalar_subquery().label(label)  # type: ignore[no-any-return]  # of a Select of whatever
