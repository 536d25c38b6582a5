"""What the answers of the series look like, for the OpenAPI document alone: they are written column by column."""

from typing import Any, Literal

from api.schemas.jobs import Answer
from jobs.lifecycle.job import Status

Column = list[float | None]
"""A number a row; null where it is not finite: `nonfinite` has its name."""

NotFinite = Literal["NaN", "Infinity", "-Infinity"]

NonfiniteRun = tuple[int, int, NotFinite | dict[NotFinite, int]]

BucketColumn = Literal["value", "min", "max", "mean"]


class Recorded(Answer):
    """What every answer of a series begins with."""

    job: str
    status: Status
    attempt: int
    complete: bool
    """Whether every step of the job is recorded, none missing and none twice, whatever part of it is shown here."""
    watermark: int | None
    """The last committed step: as `after`, it asks for what is new. Null: nothing is recorded yet."""
    sampled: bool
    """Whether rows were joined to buckets, because the range has more of them than `points`."""
    bucket_width: int | None = None
    """Steps in a bucket, a power of two; there when `sampled`."""
    next: int | None
    """The `from` of the next page; null: this is the last."""
    nonfinite: dict[str, list[NonfiniteRun]]
    """By series, the runs of rows that are not finite: first step, last step, and the value of every row between them;
    where runs were joined, because a thinned answer has too many, how many rows between them have which value."""


class Metrics(Recorded):
    """`step`, `time` and one column a metric. Of a bucket: its last value, and `.min`, `.max`, `.mean` beside it."""

    train: dict[str, Column]
    validation: dict[str, Column | list[str]] | None = None
    """Where a part of the training set is held out."""
    test: dict[str, Column | list[str]]
    """Where the network has batch normalization, `statistics` says by which: running, algorithm2 or pooled."""


class Activations(Recorded):
    """The inside of the network."""

    step: list[int]
    layers: dict[str, dict[str, Column]]
    """By layer and statistic."""
    units: dict[str, Any] | None = None
    """`step`, and by layer and unit the percentiles over the probe: with `units=true`."""
    histograms: dict[str, Any] | None = None
    """`step`, and by layer `lo`, `hi` and 64 `counts` a row, of a bucket added up: with `histograms=true`."""
    sample: dict[str, int]
    """By layer, of how many values percentiles, `saturated` and histograms are."""


class Diagnostics(Recorded):
    """What the diagnostics that the job asked for have measured."""

    diagnostics: dict[str, dict[str, Any]]
    """By diagnostic `step`, by layer its measures, and those of the whole network beside them."""


class SeriesOfJob(Answer):
    """What is named of one of several jobs."""

    status: Status
    attempt: int
    complete: bool
    """Whether every step of these tables is recorded, whatever part of it is shown here."""
    watermark: int | None
    """The last committed step. Null: nothing is recorded yet."""
    sampled: bool
    """Whether rows were joined to buckets, because the range has more of them than `points`."""
    bucket_width: int | None = None
    """Steps in a bucket, a power of two; there when `sampled`."""
    tables: dict[str, dict[str, Column]]
    """By table `step`, on request `time`, and each series by its full name: `train.loss`, and with the other columns
    `train.loss.min`, `.max`, `.mean`. Where nothing was joined, all of them are the value."""
    nonfinite: dict[str, list[NonfiniteRun]]
    """By series, the runs of rows that are not finite, as in the answers of one job."""


class SeveralSeries(Answer):
    """Series of several jobs, in the order in which these were asked for."""

    columns: tuple[BucketColumn, ...]
    digits: int | None
    """To how many significant digits the numbers are rounded; null: they are exact."""
    jobs: dict[str, SeriesOfJob]
    gone: tuple[str, ...]
    """The jobs that were deleted."""
    damaged: dict[str, str]
    """The jobs that cannot be read, each with the reason."""


class Matrix(Answer):
    """Series of one job's table: a row of `values` for each of them, a column for each step."""

    job: str
    status: Status
    attempt: int
    complete: bool
    """Whether every step of the table is recorded, whatever part of it is shown here."""
    watermark: int | None
    sampled: bool
    bucket_width: int | None = None
    """Steps in a bucket, a power of two; there when `sampled`."""
    column: BucketColumn
    """What of a bucket the values are."""
    digits: int | None
    """To how many significant digits they are rounded; null: they are exact."""
    step: list[int]
    time: list[float] | None = None
    names: list[str]
    """Of each row the series, in the order of the network's layers."""
    layers: list[str | None]
    """Of each row the layer, of units with the unit's number behind it; null: it is of the whole network."""
    values: list[Column]
    """Null where a value is not finite."""
    nonfinite: dict[str, list[NonfiniteRun]]
    """By series, the runs of rows that are not finite."""


class Point(Answer):
    """A value, and the step at which it was recorded."""

    step: int | None
    value: float | None
    """Null where it is not finite, or of the extremes of a series without a finite value."""


class InBrief(Answer):
    """A series in a line: of how many values, the first, the last, the least and the greatest one."""

    count: int
    first: Point
    last: Point
    min: Point
    max: Point
    nonfinite: int


class SeriesInBrief(Answer):
    """What `summary=true` answers: every series of some tables in a line, in place of rows."""

    job: str
    status: Status
    attempt: int
    complete: bool
    """Whether every step of these tables is recorded."""
    watermark: int | None
    summary: dict[str, dict[str, InBrief]]
    """By table and series."""


class Finding(Answer):
    """Something that is wrong with a training."""

    rule: str
    """Its name, by which docs/using/findings.md explains it."""
    sentence: str
    layer: str | None
    """Where it is, or began; null: it is of the whole network."""
    step: int | None
    """The step that it began with, of an evaluation that one; null: it is of the document."""
    question: str
    """What the rule asks."""
    threshold: str
    """What the rule takes for wrong."""
    remedy: str
    """What to try."""


class Findings(Answer):
    """What a job's rows up to `watermark` show. One that follows from another one is left out."""

    job: str
    status: Status
    attempt: int
    watermark: int | None
    findings: tuple[Finding, ...]
    """Causes before what they cause; none: no rule found anything."""
    rules: tuple[str, ...]
    """The rules that were asked."""
