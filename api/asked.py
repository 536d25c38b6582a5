"""What the lists are asked for: parameters, checked and turned into filters, orders and fields."""

import re
from datetime import UTC, datetime
from typing import Annotated

from fastapi import Depends, Query
from pydantic import TypeAdapter, ValidationError

from api.dependencies import ID, PATTERN
from api.http.lists import listed
from api.rows import FIELDS, LEAN
from jobs.errors import InvalidQuery
from jobs.lifecycle.job import Status
from jobs.lists.conditions import condition_of
from jobs.lists.filters import ExperimentFilter, Filter
from jobs.lists.orders import NEWEST_FIRST, Order, order_of
from jobs.sentences import suggestion

PART = f"{ID.removesuffix('{13}')}{{3,13}}"  # of an id, or the whole of it
MOST_LISTED = 1000

Part = Annotated[
    str | None,
    Query(alias="id", description="Only those whose id begins or ends so.", json_schema_extra={"pattern": f"^{PART}$"}),
]
Name = Annotated[str | None, Query(description="Only those whose name begins so.")]
Time = TypeAdapter(datetime)
Since = Annotated[str | None, Query(description="Only those made after that: RFC 3339, or seconds since 1970.")]
Until = Annotated[str | None, Query(description="Only those made before that.")]
Cursor = Annotated[str | None, Query(description="An earlier answer's `next`: the page behind that one.")]
Limit = Annotated[int, Query(ge=1, le=MOST_LISTED, description="At most so many.")]


async def _filter(
    part: Part = None,
    name: Name = None,
    tag: Annotated[tuple[str, ...], Query(description="Only those with this tag; several: with all of them.")] = (),
    status: Annotated[
        tuple[Status, ...], Query(description="Only those that stand there; several: at one of them.")
    ] = (),
    dataset: Annotated[str | None, Query(description="Only those trained on it.")] = None,
    architecture: Annotated[
        str | None, Query(description="Only those of this preset; `layers`: those described layer by layer.")
    ] = None,
    batch_norm: Annotated[
        bool | None, Query(description="Only those with batch normalization anywhere in the network, or without.")
    ] = None,
    experiment: Annotated[
        str | None, Query(description="Only those of this experiment, by its id.", json_schema_extra=PATTERN)
    ] = None,
    created_after: Since = None,
    created_before: Until = None,
    where: Annotated[
        tuple[str, ...],
        Query(
            description="Only those whose last value of a metric is such, as in test.accuracy>0.9; of its best value: "
            "best.test.accuracy>0.9. Several: all of them."
        ),
    ] = (),
) -> Filter:
    if experiment is not None and not re.fullmatch(ID, experiment):
        raise InvalidQuery("experiment", f"'{experiment[:80]}' is no id of an experiment")
    return Filter(
        part=_checked_part(part),
        name=name,
        tags=tag,
        statuses=status,
        dataset=dataset,
        architecture=architecture,
        batch_norm=batch_norm,
        experiment=experiment,
        created_after=_seconds("created_after", created_after),
        created_before=_seconds("created_before", created_before),
        where=tuple(condition_of(text) for text in where),
    )


async def _experiment_filter(
    part: Part = None, name: Name = None, created_after: Since = None, created_before: Until = None
) -> ExperimentFilter:
    return ExperimentFilter(
        _checked_part(part), name, _seconds("created_after", created_after), _seconds("created_before", created_before)
    )


async def _order(
    sort: Annotated[
        str | None,
        Query(description="A column or a metric, as in test.accuracy or best.test.loss; - before it: greatest first."),
    ] = None,
) -> Order:
    return NEWEST_FIRST if sort is None else order_of(sort)


async def _fields(
    fields: Annotated[
        str | None, Query(description="What each row has, separated by commas; `id` it always has.")
    ] = None,
) -> tuple[str, ...]:
    if fields is None:
        return LEAN
    names = listed(fields)
    for name in names:
        if name not in FIELDS:
            told = f"'{name[:80]}' is no field of a job{suggestion(name, FIELDS)}"
            raise InvalidQuery("fields", f"{told}; there is: {', '.join(FIELDS)}")
    return names


def _checked_part(part: str | None) -> str | None:
    if part is not None and not re.fullmatch(PART, part):
        told = "3 to 13 digits and small letters without i, l, o, u"
        raise InvalidQuery("id", f"'{part[:80]}' is no part of an id: {told}")
    return part


def _seconds(parameter: str, text: str | None) -> float | None:
    """Seconds since 1970; a time without its zone is in UTC. Raises InvalidQuery."""
    if text is None:
        return None
    try:
        time = Time.validate_python(text)
    except ValidationError:
        told = f"'{text[:80]}' is no time: one such is 2026-01-31T12:00:00Z, or seconds since 1970"
        raise InvalidQuery(parameter, told) from None
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


TheFilter = Annotated[Filter, Depends(_filter)]
"""Which jobs are listed; 422 for what no job can be."""

TheExperimentFilter = Annotated[ExperimentFilter, Depends(_experiment_filter)]
"""Which experiments are listed."""

TheOrder = Annotated[Order, Depends(_order)]
"""In which order; 422 for what nothing is in the order of."""

TheFields = Annotated[tuple[str, ...], Depends(_fields)]
"""What each row has; 422 for what none has."""
