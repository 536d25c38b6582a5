"""Series of several jobs in one request: what a page of charts shows, or the matrix of a heat map."""

from dataclasses import replace
from typing import Annotated, Any, Literal, get_args

from fastapi import APIRouter, Query, Response

from api.dependencies import TheDatabase, TheObjects
from api.http.freshness import TheTagOfSeveral
from api.http.lists import TheJobIds, listed
from api.routes.series import TheRange, columns_as_json
from api.schemas.series import BucketColumn, Matrix, SeveralSeries
from jobs.errors import InvalidQuery
from jobs.series.answers.names import check_names
from jobs.series.answers.patterns import MOST_SERIES
from jobs.series.answers.rounding import MOST_DIGITS
from jobs.series.answers.several import COLUMNS, POINTS, Asked, matrix, several
from jobs.series.read.cuts import MOST_POINTS

router = APIRouter(tags=["series"])

Wanted = Annotated[
    str,
    Query(
        description="Series by their full names, separated by commas, in which a * stands for any characters: "
        f"test.accuracy,activations.*.p50. At most {MOST_SERIES} of all jobs together; histograms are none of them."
    ),
]
Columns = Annotated[
    str, Query(description=f"What a bucket carries, one or several by commas: {', '.join(get_args(BucketColumn))}.")
]
Points = Annotated[
    int, Query(ge=2, le=MOST_POINTS, description="At most so many rows a table: where there are more, they are joined.")
]
Digits = Annotated[
    int | None,
    Query(ge=1, le=MOST_DIGITS, description="Round to so many significant digits; without it numbers are exact."),
]
Timed = Annotated[bool, Query(description="Also the time of each row, in seconds since 1970.")]
Form = Annotated[
    Literal["tables", "matrix"], Query(description="matrix: of one job, one table and one column, as one array.")
]

SEVERAL: dict[int | str, dict[str, Any]] = {200: {"model": SeveralSeries | Matrix}}


@router.get("/series", responses=SEVERAL)
def series(
    tag: TheTagOfSeveral,
    job_ids: TheJobIds,
    names: Wanted,
    steps: TheRange,
    database: TheDatabase,
    objects: TheObjects,
    points: Points = POINTS,
    columns: Columns = "value",
    digits: Digits = None,
    time: Timed = False,
    form: Form = "tables",
) -> Response:
    """The named series of several jobs, in one answer; a job that lacks one simply does not show it."""
    asked = Asked(listed(names), _columns(columns), replace(steps, points=points), digits, time)
    if form == "matrix":
        if len(job_ids) != 1:
            raise InvalidQuery("jobs", f"{len(job_ids)} jobs; a matrix is of one")
        return columns_as_json(matrix(database, objects, job_ids[0], asked), tag)
    answer = several(database, objects, job_ids, asked)
    return columns_as_json(answer, None if answer["damaged"] else tag)  # what is mended is to be seen


def _columns(text: str) -> tuple[str, ...]:
    columns = listed(text)
    check_names("columns", columns or [""], COLUMNS)
    return columns
