"""Lists agree with a reading of every job, whatever is asked; pages neither skip nor repeat."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from jobs.errors import InvalidQuery
from jobs.lifecycle.job import Status
from jobs.lists.conditions import COMPARED, condition_of
from jobs.lists.cursors import ListOf
from jobs.lists.filters import ExperimentFilter, Filter
from jobs.lists.orders import NEWEST_FIRST, Order, order_of
from jobs.lists.pages import Page, counts_of_jobs, page_of_experiments, page_of_jobs
from tests.jobs.lists.conftest import NAMES, TAGS, House, Listed, fill
from tests.support.listed import ids_of

WHERE = st.builds(
    "{}{}{}".format,
    st.sampled_from(["test.accuracy", "train.loss", "best.test.accuracy", "best.train.loss", "test.loss"]),
    st.sampled_from(list(COMPARED)),
    st.sampled_from(["0.25", "0.5", " 0.75", "-1e3"]),
)
FILTERS = st.builds(
    Filter,
    name=st.sampled_from([None, None, *[name for name in NAMES if name is not None]]),
    tags=st.lists(st.sampled_from(TAGS), max_size=2).map(tuple),
    statuses=st.lists(st.sampled_from(list(Status)), max_size=3).map(tuple),
    dataset=st.sampled_from([None, None, "mnist", "of nobody"]),
    architecture=st.sampled_from([None, None, "mlp", "layers"]),
    batch_norm=st.sampled_from([None, None, True, False]),
    experiment=st.sampled_from([None, None, "0exp1"]),
    created_after=st.sampled_from([None, None, 1.7e9 + 10]),
    created_before=st.sampled_from([None, None, 1.7e9 + 30]),
    where=st.lists(WHERE.map(condition_of), max_size=2).map(tuple),
)
KEYS = ("created", "started", "name", "status", "step", "test.accuracy", "best.train.loss", "test.loss")
ORDERS = st.builds(Order, st.sampled_from(KEYS), st.booleans())


def meets(job: Listed, asked: Filter) -> bool:
    """The same, in plain Python."""
    equal: dict[str, Any] = {
        name: getattr(asked, name) for name in ("dataset", "architecture", "batch_norm", "experiment")
    }
    return (
        all(wanted is None or getattr(job, name) == wanted for name, wanted in equal.items())
        and (asked.name is None or (job.name is not None and job.name.startswith(asked.name)))
        and set(asked.tags) <= job.tags
        and (not asked.statuses or job.status in asked.statuses)
        and (asked.created_after is None or job.created > asked.created_after)
        and (asked.created_before is None or job.created < asked.created_before)
        and all(
            (value := measured(job, f"{'best.' * (each.measure.which == 'best')}{each.measure.series}")) is not None
            and COMPARED[each.comparison](value, each.number)
            for each in asked.where
        )
    )


def measured(job: Listed, name: str) -> Any:
    series = name.removeprefix("best.")
    score = job.scores.get(series)
    return None if score is None else score.best if name.startswith("best.") else score.last


def value_of(job: Listed, key: str) -> Any:
    return getattr(job, key) if key in ("started", "name", "status", "step") else measured(job, key)


def read(house: House, listed: ListOf[Filter], limit: int, meanwhile: Callable[[], None] = lambda: None) -> list[str]:
    """The ids of a list, page by page."""
    found: list[str] = []
    cursor: str | None = None
    while True:
        with house.database.read() as connection:
            page: Page = page_of_jobs(connection, listed, ("status",), limit=limit, cursor=cursor)
        assert len(page.rows) == limit or page.next is None
        found += [row.id for row in page.rows]
        if (cursor := page.next) is None:
            return found
        meanwhile()


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=FILTERS, order=ORDERS, limit=st.sampled_from([1, 7, 50, 1000]))
def test_a_list_has_the_jobs_that_meet_the_filter_in_order_whatever_its_pages(
    house: House, asked: Filter, order: Order, limit: int
) -> None:
    by_id = {job.id: job for job in house.jobs}
    found = [each for each in read(house, ListOf(asked, order), limit) if each in by_id]  # the next test adds others
    assert sorted(found) == sorted(job.id for job in house.jobs if meets(job, asked))
    if order.key == "created":
        assert found == sorted(found, reverse=order.descending)
        return
    values = [value_of(by_id[each], order.key) for each in found]
    known = [(value, each) for value, each in zip(values, found, strict=True) if value is not None]
    without = found[len(known) :]
    assert all(value is None for value in values[len(known) :])
    assert without == sorted(without, reverse=order.descending)
    if order.key != "name":  # of which the database knows its own alphabet
        assert known == sorted(known, reverse=order.descending)


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(asked=FILTERS)
def test_jobs_are_counted_by_status_whatever_status_is_asked_for(house: House, asked: Filter) -> None:
    with house.database.read() as connection:
        counts = counts_of_jobs(connection, asked)
    wanted = Counter(job.status for job in house.jobs if meets(job, replace(asked, statuses=())))
    assert counts == dict.fromkeys(Status, 0) | wanted


@pytest.mark.parametrize("sort", ["-created", "-test.accuracy", "name", "step"])
def test_what_is_submitted_meanwhile_makes_no_page_skip_or_repeat(house: House, sort: str) -> None:
    before, seeds = set(ids_of(house.database)), iter(range(1, 1000))
    found = read(house, ListOf(Filter(), order_of(sort)), 20, lambda: add_two(house, next(seeds)))
    assert len(found) == len(set(found))
    assert before <= set(found)


def add_two(house: House, seed: int) -> None:
    fill(house.database, 2, seed)


def test_a_cursor_is_of_its_list_alone(house: House) -> None:
    listed = ListOf(Filter(dataset="mnist"), order_of("-test.accuracy"))
    with house.database.read() as connection:
        page = page_of_jobs(connection, listed, (), limit=3, cursor=None)
        for other in (ListOf(Filter(dataset="mnist"), NEWEST_FIRST), ListOf(Filter(), listed.order)):
            with pytest.raises(InvalidQuery, match="it is of another list"):
                page_of_jobs(connection, other, (), limit=3, cursor=page.next)
        with pytest.raises(InvalidQuery, match="is no cursor"):
            page_of_jobs(connection, listed, (), limit=3, cursor="0j1d3q9f7k2mc")


def test_experiments_come_in_pages_too(house: House) -> None:
    listed = ListOf(ExperimentFilter(created_before=1.0))
    with house.database.read() as connection:
        first = page_of_experiments(connection, listed, limit=1, cursor=None)
        second = page_of_experiments(connection, listed, limit=1, cursor=first.next)
    assert [row.id for page in (first, second) for row in page.rows] == ["0exp1", "0exp0"]
    assert second.next is None
