"""What jobs measured, as a condition: `test.accuracy>0.9` of the last value, `best.test.accuracy>=0.9` of the best."""

import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from math import isfinite
from typing import Any, Literal

from sqlalchemy import ColumnElement, FromClause, exists

from jobs.errors import InvalidQuery
from jobs.lifecycle.scores import GOALS
from jobs.sentences import suggestion
from jobs.series.format.columns import METRICS
from jobs.storage import tables

BEST = "best."  # before the name of a series: its best value, instead of its last

SERIES = tuple(f"{table}.{name}" for table, names in METRICS.items() for name in names)
MEASURES = (*SERIES, *(f"{BEST}{series}" for series in SERIES if series.partition(".")[2] in GOALS))
"""Everything that jobs are compared by."""

COMPARED: dict[str, Callable[[Any, float], Any]] = {
    "<=": operator.le,
    ">=": operator.ge,
    "!=": operator.ne,
    "<": operator.lt,
    ">": operator.gt,
    "=": operator.eq,
}

_CONDITION = re.compile(r"\s*([^<>=!\s]+)\s*(<=|>=|!=|=|<|>)\s*(\S+)\s*")


@dataclass(frozen=True)
class Measure:
    """The last or the best value of a series."""

    series: str
    which: Literal["last", "best"]

    def column(self, scores: FromClause) -> ColumnElement[float]:
        """Where the table of scores has it, under whatever name that is in a query."""
        column: ColumnElement[float] = scores.c[self.which]
        return column


@dataclass(frozen=True)
class Condition:
    """A measure compared with a number; a job without a finite value does not meet it."""

    measure: Measure
    comparison: str
    number: float

    def holds(self) -> ColumnElement[bool]:
        """The same of the row of a job."""
        scores = tables.scores.alias()  # a list that is in the order of a measure has the table already
        of_job = (scores.c.job_id == tables.jobs.c.id) & (scores.c.series == self.measure.series)
        return exists().where(of_job, COMPARED[self.comparison](self.measure.column(scores), self.number))


def measure_of(name: str, parameter: str) -> Measure:
    """The measure of a name. Raises InvalidQuery, with the nearest, for one that no job has.

    >>> measure_of("best.test.accuracy", "sort")
    Measure(series='test.accuracy', which='best')
    """
    if name not in MEASURES:
        told = f"'{name[:80]}' is nothing that jobs measure{suggestion(name, MEASURES)}"
        raise InvalidQuery(parameter, f"{told}; there is: {', '.join(SERIES)}; and the best losses and accuracies")
    return Measure(name.removeprefix(BEST), "best" if name.startswith(BEST) else "last")


def condition_of(text: str) -> Condition:
    """The condition that a text is. Raises InvalidQuery.

    >>> condition_of("test.accuracy > 0.9")
    Condition(measure=Measure(series='test.accuracy', which='last'), comparison='>', number=0.9)
    """
    found = _CONDITION.fullmatch(text)
    if found is None:
        raise InvalidQuery("where", f"'{text[:80]}' is no condition; one such is test.accuracy>0.9, with {_all()}")
    name, comparison, number = found.groups()
    return Condition(measure_of(name, "where"), comparison, _number(number))


def _number(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = float("nan")
    if not isfinite(number):
        raise InvalidQuery("where", f"'{text[:80]}' is no number to compare with")
    return number


def _all() -> str:
    return " ".join(COMPARED)
