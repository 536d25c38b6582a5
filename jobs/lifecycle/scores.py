"""Where each metric of a job stands, and was at its best: rows, by which jobs are found and put in order."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Literal

from sqlalchemy import Connection, delete, insert, select

from jobs.storage import tables

GOALS: dict[str, Literal["min", "max"]] = {"loss": "min", "accuracy": "max"}
"""Of which metrics one value is the best, and whether that is the least or the greatest."""


@dataclass(frozen=True)
class Score:
    """A metric's last value, and its best finite one with the first step that has it: None where there is none."""

    last: float | None
    best: float | None = None
    step: int | None = None


Scores = Mapping[str, Score]
"""By series, such as `test.accuracy`."""


def of_jobs(connection: Connection, job_ids: Collection[str]) -> dict[str, dict[str, Score]]:
    """The scores of each of these jobs that has any, in the order of their names."""
    column, found = tables.scores.c, defaultdict[str, dict[str, Score]](dict)
    query = select(column.job_id, column.series, column.last, column.best, column.step)
    for job_id, series, *values in connection.execute(query.where(column.job_id.in_(job_ids)).order_by(column.series)):
        found[job_id][series] = Score(*values)
    return found


def keep(connection: Connection, job_id: str, scores: Scores) -> None:
    """Put these in the place of what was said of the job before."""
    drop(connection, job_id)
    if scores:
        rows = [{"job_id": job_id, "series": series, **asdict(score)} for series, score in scores.items()]
        connection.execute(insert(tables.scores), rows)


def drop(connection: Connection, job_id: str) -> None:
    """Forget them: what they are of is hidden, and whoever goes on with the job says them anew."""
    connection.execute(delete(tables.scores).where(tables.scores.c.job_id == job_id))
