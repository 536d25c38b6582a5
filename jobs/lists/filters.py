"""Which jobs, or experiments, a list is of: every filter is part of the query, before a page is cut."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, func, or_, select

from jobs.lifecycle.job import Status
from jobs.lists.conditions import Condition
from jobs.storage import tables


@dataclass(frozen=True)
class Filter:
    """What is asked of the jobs of a list; a part that is None or empty asks nothing."""

    part: str | None = None  # their ids begin or end so
    name: str | None = None  # their names begin so
    tags: tuple[str, ...] = ()  # they have all of these
    statuses: tuple[Status, ...] = ()  # they stand at one of these
    dataset: str | None = None
    architecture: str | None = None  # a preset's name, or `layers`
    batch_norm: bool | None = None  # anywhere in the network
    experiment: str | None = None
    created_after: float | None = None  # seconds since 1970
    created_before: float | None = None
    where: tuple[Condition, ...] = ()

    def clauses(self) -> Iterator[ColumnElement[bool]]:
        """The same of the row of a job."""
        jobs = tables.jobs.c
        equal = {
            jobs.dataset_name: self.dataset,
            jobs.architecture: self.architecture,
            jobs.batch_norm: self.batch_norm,
        }
        yield from (column == value for column, value in equal.items() if value is not None)
        if self.statuses:
            yield jobs.status.in_(self.statuses)
        for tag in self.tags:
            yield jobs.id.in_(select(tables.tags.c.job_id).where(tables.tags.c.tag == tag))
        if self.experiment is not None:
            members = tables.members.c
            yield jobs.id.in_(select(members.job_id).where(members.experiment_id == self.experiment))
        yield from common(dict(tables.jobs.c.items()), self)
        yield from (condition.holds() for condition in self.where)


@dataclass(frozen=True)
class ExperimentFilter:
    """What is asked of the experiments of a list."""

    part: str | None = None
    name: str | None = None
    created_after: float | None = None
    created_before: float | None = None

    def clauses(self) -> Iterator[ColumnElement[bool]]:
        """The same of the row of an experiment."""
        yield from common(dict(tables.experiments.c.items()), self)


def common(column: Mapping[str, Column[Any]], asked: Filter | ExperimentFilter) -> Iterator[ColumnElement[bool]]:
    """What jobs and experiments are both asked for."""
    if asked.part is not None:
        yield begins_or_ends(column["id"], asked.part)
    if asked.name is not None:
        # LIKE would take capitals for small letters on SQLite.
        yield func.substr(column["name"], 1, len(asked.name)) == asked.name
    if asked.created_after is not None:
        yield column["created"] > asked.created_after
    if asked.created_before is not None:
        yield column["created"] < asked.created_before


def begins_or_ends(ids: Column[str], part: str) -> ColumnElement[bool]:
    """Whether an id begins or ends with a part of one."""
    return or_(ids.startswith(part, autoescape=True), ids.endswith(part, autoescape=True))
