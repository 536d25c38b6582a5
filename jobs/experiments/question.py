"""What an experiment is to find out: by which number its variants are compared, and what is a difference."""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import BeforeValidator, Discriminator, Field, FiniteFloat, Tag, TypeAdapter

from bn.architecture.document import WHOLE, Document
from jobs.series.format.schema import TABLES
from jobs.spec.pointers import Place
from jobs.spec.training import Goal, of_kind

BASELINE_BEST = "baseline_best"
ACCURACY = "test.accuracy"

Share = Annotated[FiniteFloat, Field(gt=0, le=1)]
Target = Annotated[
    Annotated[Share, Tag("number")] | Annotated[Literal["baseline_best"], Tag("word")],
    Discriminator(lambda value: "word" if isinstance(value, str) else "number"),
]
"""A test accuracy; `baseline_best` is the best mean accuracy that the first variant reaches, at each grid point."""

SeriesName = Annotated[str, Field(max_length=200)]
LATEST = 2**53  # a step
Step = Annotated[int, Field(ge=0, le=LATEST), WHOLE]


class OfSeries(Document):
    """A number of any series, by its table and a dot: test.accuracy, activations.hidden3.saturated."""

    series: SeriesName = ACCURACY
    goal: Goal | None = None
    """Whether less or more of it is better; null: less loss, more accuracy. Of any other series it has to be said."""


class Last(OfSeries):
    """The last value."""

    kind: Literal["last"] = "last"


class Mean(OfSeries):
    """The mean over a range of steps, both ends included."""

    kind: Literal["mean"]
    from_step: Step | None = None
    """null: from the first one on."""
    to_step: Step | None = None
    """null: to the last one."""


class StepsTo(Document):
    """The steps to a test accuracy; fewer are better."""

    kind: Literal["steps_to"]
    target: Target
    """One of the document's `targets`."""


class AreaAbove(Document):
    """The mean of 1 - test accuracy over the whole training; less is better."""

    kind: Literal["area_above"]


Primary = Annotated[
    Annotated[Last | Mean | StepsTo | AreaAbove, Field(discriminator="kind")],
    BeforeValidator(
        of_kind("last"),
        json_schema_input_type=Literal["last", "area_above"] | Last | Mean | StepsTo | AreaAbove,
    ),
]
PRIMARY: TypeAdapter[Last | Mean | StepsTo | AreaAbove] = TypeAdapter(Primary)


def goal_of_series(series: str, goal: Goal | None = None) -> Goal | None:
    """Whether less or more of a series is better: as it is said or, of accuracies and losses, as they are.

    >>> [goal_of_series(name) for name in ("test.accuracy", "drift.accuracy_batch", "train.loss", "rank.hidden1.rank")]
    ['max', 'max', 'min', None]
    """
    name = series.rpartition(".")[2].partition("_")[0]
    return goal or {"accuracy": "max", "loss": "min"}.get(name)  # type: ignore[return-value]


def is_higher_better(primary: Primary) -> bool:
    """Whether the greater of two values of it is the better one."""
    return isinstance(primary, OfSeries) and goal_of_series(primary.series, primary.goal) == "max"


def faults_of(primary: Primary, targets: tuple[float | str, ...]) -> Iterator[tuple[Place, str]]:
    """What cannot be meant, by where it stands in the experiment's document."""
    if isinstance(primary, StepsTo) and primary.target not in targets:
        yield ("primary", "target"), f"'{primary.target}' is none of the experiment's targets: add it to them"
    if isinstance(primary, OfSeries):
        table, _, name = primary.series.partition(".")
        if table not in TABLES or not name:
            yield ("primary", "series"), f"this begins with no table and a dot; there is: {', '.join(TABLES)}"
        elif goal_of_series(primary.series, primary.goal) is None:
            yield ("primary", "goal"), "say whether less ('min') or more ('max') of this series is better"
    if isinstance(primary, Mean):
        first, last = primary.from_step or 0, LATEST if primary.to_step is None else primary.to_step
        if first > last:
            yield ("primary", "to_step"), f"this lies before 'from_step', {first}"
