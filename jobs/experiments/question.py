"""What an experiment is to find out: by which number its variants are compared, and what is a difference."""

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Discriminator, Field, FiniteFloat, JsonValue, Tag, TypeAdapter

from bn.architecture.document import WHOLE, Document
from jobs.spec.training import Goal, of_kind

BASELINE_BEST = "baseline_best"
ACCURACY = "test.accuracy"
HELD_OUT = "validation.accuracy"
SEED = "/training/seed"

Share = Annotated[FiniteFloat, Field(gt=0, le=1)]
Target = Annotated[
    Annotated[Share, Tag("number")] | Annotated[Literal["baseline_best"], Tag("word")],
    Discriminator(lambda value: "word" if isinstance(value, str) else "number"),
]
"""A test accuracy; `baseline_best` is the best mean accuracy that the first variant reaches, at each grid point."""

SeriesName = Annotated[str, Field(max_length=200)]
LATEST = 2**53  # a step
Step = Annotated[int, Field(ge=0, le=LATEST), WHOLE]
Axis = Annotated[str, Field(max_length=1000)]
"""An axis of the grid, by its pointer."""
Axes = Axis | Annotated[list[Axis], Field(min_length=1)]


class OfSeries(Document):
    """A number of any series, by its table and a dot: test.accuracy, activations.hidden3.saturated."""

    series: SeriesName = ACCURACY
    goal: Goal | None = None
    """Whether less or more of it is better; null: less loss, more accuracy. Of any other series it has to be said."""


class Last(OfSeries):
    """The last value."""

    kind: Literal["last"] = "last"


class OverSteps(OfSeries):
    """A number of all values in a range of steps, both ends included."""

    from_step: Step | None = None
    """null: from the first one on."""
    to_step: Step | None = None
    """null: to the last one."""


class Mean(OverSteps):
    """The mean over a range of steps."""

    kind: Literal["mean"]


class Rms(OverSteps):
    """The root of the mean square over a range of steps."""

    kind: Literal["rms"]


class Wander(Document):
    """How far a unit's median wanders over the training, by the width of its distribution: the mean over a layer's
    recorded units of sd(p50) / mean(p85 - p15)."""

    kind: Literal["wander"]
    series: SeriesName
    """The table `units`, a dot and a layer: units.hidden3."""
    goal: Goal = "min"


class StepsTo(Document):
    """The steps to a test accuracy; fewer are better."""

    kind: Literal["steps_to"]
    target: Target
    """One of the document's `targets`."""


class AreaAbove(Document):
    """The mean of 1 - test accuracy over the whole training; less is better."""

    kind: Literal["area_above"]


class Largest(Document):
    """The largest value of an axis at which a training has learned; more is better, and compared as a ratio.

    It is known by bounds: at least the value at which it has learned, less than the next one of the grid.
    """

    kind: Literal["largest"]
    over: Axis
    """Its values are numbers above 0."""


class Range(Document):
    """How far the test accuracy at the end ranges along an axis, its greatest less its least; less is better."""

    kind: Literal["range"]
    over: Axis


class Gain(Document):
    """What an axis gains in test accuracy at the end: at the best of its other values, less that `without`.

    The best is the one that the other seeds' validation likes best. Variants that differ in it interact with the axis.
    """

    kind: Literal["gain"]
    over: Axis
    without: JsonValue
    """One of the axis' values: that of doing without."""
    goal: Goal
    """Whether less ("min") or more ("max") of a gain is better."""


class Tune(Document):
    """Each variant is compared at its best setting of some axes.

    It is chosen seed by seed, by what the other seeds have on the validation part, so that no seed's own luck flatters
    it. A seed counts where it came to an end at every setting.
    """

    over: Annotated[
        tuple[Axis, ...],
        Field(min_length=1, strict=False),
        BeforeValidator(lambda value: [value] if isinstance(value, str) else value, json_schema_input_type=Axes),
    ]
    """Axes of the grid, or one."""
    by: SeriesName = HELD_OUT
    """Of the validation part, its last value: validation.accuracy, the more the better, or validation.loss."""


OfOne = Last | Mean | Rms | Wander | StepsTo | AreaAbove
"""What a single training has as a number."""
AlongAxis = Largest | Range | Gain
"""What several trainings of a seed have together, along an axis of the grid."""
AnyPrimary = OfOne | AlongAxis

Primary = Annotated[
    Annotated[AnyPrimary, Field(discriminator="kind")],
    BeforeValidator(of_kind("last"), json_schema_input_type=Literal["last", "area_above"] | AnyPrimary),
]
PRIMARY: TypeAdapter[AnyPrimary] = TypeAdapter(Primary)


def goal_of_series(series: str, goal: Goal | None = None) -> Goal | None:
    """Whether less or more of a series is better: as it is said or, of accuracies and losses, as they are.

    >>> [goal_of_series(name) for name in ("test.accuracy", "drift.accuracy_batch", "train.loss", "rank.hidden1.rank")]
    ['max', 'max', 'min', None]
    """
    name = series.rpartition(".")[2].partition("_")[0]
    return goal or {"accuracy": "max", "loss": "min"}.get(name)  # type: ignore[return-value]


def is_higher_better(primary: AnyPrimary) -> bool:
    """Whether the greater of two values of it is the better one."""
    if isinstance(primary, OfSeries):
        return goal_of_series(primary.series, primary.goal) == "max"
    return isinstance(primary, Largest) or (isinstance(primary, Wander | Gain) and primary.goal == "max")


def is_ratio(primary: AnyPrimary) -> bool:
    """Whether variants are compared by how many times one's number is the other's, and not by their difference."""
    return isinstance(primary, StepsTo | Largest)


def is_without(gain: Gain, value: JsonValue) -> bool:
    """Whether a value of the axis is the one of doing without; 0 and 0.0 are one, and false is none of them."""
    return value == gain.without and isinstance(value, bool) == isinstance(gain.without, bool)


def stored(document: dict[str, Any]) -> dict[str, Any]:
    """The question of a stored document, as values; what an earlier release did not ask has its default."""
    asked = {"targets": tuple(document["targets"])}
    primary = PRIMARY.validate_python(document["primary"]) if "primary" in document else Last()
    tune = Tune.model_validate(document["tune"]) if document.get("tune") else None
    return asked | {"primary": primary, "tune": tune}
