"""What part of a series is asked for: checked, and turned into steps."""

import sys
from dataclasses import dataclass

import numpy as np

from jobs.errors import InvalidQuery
from jobs.series.format.schema import TEST, TRAIN
from jobs.series.read.buckets import PARTS
from jobs.series.read.reader import View

MOST_POINTS = 100_000


@dataclass(frozen=True)
class Cut:
    """A part of a series; None: no such limit.

    From step `start` to `stop`, both included, past the step `after`; from the first to the last step that was recorded
    between `since` and `until` (seconds since 1970); thinned to at most `points` rows a table.
    """

    start: int | None = None
    stop: int | None = None
    after: int | None = None
    since: float | None = None
    until: float | None = None
    points: int | None = None


WHOLE = Cut()


@dataclass(frozen=True)
class Query:
    """What part of a series is wanted: the rows with start <= step <= stop, thinned to `points` unless that is None."""

    start: int
    stop: int
    points: int | None
    parts: tuple[str, ...] = PARTS
    """What is worked out of a bucket."""


def check_cut(cut: Cut, steps: int) -> None:
    """Raise InvalidQuery for what makes no sense whatever a job of so many steps records: a range without a step, a
    watermark that it can never have had, too few or too many points.
    """
    if cut.start is not None and cut.stop is not None and cut.start > cut.stop:
        raise InvalidQuery("from", f"{cut.start} is past to={cut.stop}: the range has no step")
    if cut.since is not None and cut.until is not None and cut.since > cut.until:
        raise InvalidQuery("since", f"{cut.since} is past until={cut.until}: the range has no step")
    if cut.after is not None and cut.after > steps:
        raise InvalidQuery(
            "after", f"{cut.after} is no watermark of this job, which has {steps} steps: of another one?"
        )
    if cut.points is not None and not 2 <= cut.points <= MOST_POINTS:
        raise InvalidQuery("points", f"{cut.points} is not from 2 (the first row stands by itself) to {MOST_POINTS}")


def query_of(view: View, cut: Cut) -> Query:
    """The cut as steps of this series. Raises DamagedObject."""
    start = max(0, cut.start or 0, 0 if cut.after is None else cut.after + 1)
    stop = sys.maxsize if cut.stop is None else min(cut.stop, sys.maxsize)
    if cut.since is not None or cut.until is not None:
        since, until = cut.since or 0.0, np.inf if cut.until is None else cut.until
        tables = [view.rows(table, (), start, stop) for table in (TRAIN, TEST)]
        within = np.concatenate([rows.step[(rows.time >= since) & (rows.time <= until)] for rows in tables])
        start, stop = (int(within.min()), int(within.max())) if len(within) else (1, 0)
    return Query(start, stop, cut.points)
