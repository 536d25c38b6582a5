"""By which rule a network is trained: optimizers, schedules of the learning rate, and what changes a gradient."""

from collections.abc import Callable
from math import cos, pi
from typing import Annotated, Any, Literal, Self

from pydantic import BeforeValidator, Discriminator, Field, FiniteFloat, PositiveInt, Tag, model_validator

from bn.architecture.document import WHOLE, Document, Epsilon, Pattern

LARGEST = 2**53 - 1  # the largest whole number that every JSON reader knows exactly
Number = Annotated[PositiveInt, Field(le=LARGEST), WHOLE]
Positive = Annotated[FiniteFloat, Field(gt=0, le=1e30)]
Share = Annotated[FiniteFloat, Field(ge=0, lt=1)]
Factor = Annotated[FiniteFloat, Field(gt=0, le=1)]
RateFactor = Annotated[FiniteFloat, Field(gt=0, le=1e6)]


class Sgd(Document):
    """Plain stochastic gradient descent: w - learning_rate * gradient."""

    kind: Literal["sgd"] = "sgd"
    learning_rate: Positive = 0.1


class Momentum(Document):
    """v = momentum * v + gradient; w - learning_rate * v (Polyak 1964)."""

    kind: Literal["momentum"]
    learning_rate: Positive = 0.1
    momentum: Share = 0.9


class Nesterov(Document):
    """v = momentum * v + gradient; w - learning_rate * (gradient + momentum * v) (Sutskever et al. 2013)."""

    kind: Literal["nesterov"]
    learning_rate: Positive = 0.1
    momentum: Annotated[Share, Field(gt=0)] = 0.9


class Adam(Document):
    """Kingma and Ba 2015; as `adamw` with the weight decay beside the gradient (Loshchilov and Hutter 2019)."""

    kind: Literal["adam", "adamw"]
    learning_rate: Positive = 0.001
    beta1: Share = 0.9
    beta2: Share = 0.999
    epsilon: Epsilon = 1e-8


def of_kind(default: str) -> Callable[[Any], Any]:
    """A name stands for its kind with every default; options without a kind are of the default one."""

    def spell_out(value: Any) -> Any:
        named = {"kind": value} if isinstance(value, str) else value
        return {"kind": default, **named} if isinstance(named, dict) else named

    return spell_out


Optimizer = Annotated[
    Annotated[Sgd | Momentum | Nesterov | Adam, Field(discriminator="kind")],
    BeforeValidator(
        of_kind("sgd"),
        json_schema_input_type=Literal["sgd", "momentum", "nesterov", "adam", "adamw"]
        | Sgd
        | Momentum
        | Nesterov
        | Adam,
    ),
]


class Warmed(Document):
    """What every schedule of the learning rate has."""

    warmup_steps: Annotated[int, Field(ge=0, le=LARGEST), WHOLE] = 0
    """Over so many steps the rate rises linearly to what the schedule gives; the schedule itself starts behind them."""


class Constant(Warmed):
    """The same rate at every step, once it is warm."""

    kind: Literal["constant"] = "constant"


class Decay(Warmed):
    """Times `factor` every so many steps: `step` at once, `exponential` a little at each step."""

    kind: Literal["step", "exponential"]
    every: Number
    factor: Factor = 0.1


class Cosine(Warmed):
    """Down to `final` times the rate at the last step, along half a cosine (Loshchilov and Hutter 2017)."""

    kind: Literal["cosine"]
    final: Annotated[FiniteFloat, Field(ge=0, le=1)] = 0.0


RateSchedule = Annotated[
    Annotated[Constant | Decay | Cosine, Field(discriminator="kind")],
    BeforeValidator(
        of_kind("constant"), json_schema_input_type=Literal["constant", "cosine"] | Constant | Decay | Cosine
    ),
]


class WeightDecay(Document):
    """An L2 penalty: rate * w beside the gradient of w; with `adamw`, learning_rate * rate * w taken off w."""

    rate: Annotated[FiniteFloat, Field(ge=0, le=1e30)]
    batch_norm: bool = False
    """Whether the scale and shift of batch normalization decay too; biases, whose place the shift takes, always do."""


Evaluated = Literal["validation.loss", "validation.accuracy", "test.loss", "test.accuracy"]
"""What is measured at an evaluation."""

Goal = Literal["min", "max"]


class Decided(Document):
    """What every rule to stop by has: it is decided by what is recorded of evaluations alone."""

    metric: Evaluated
    goal: Goal | None = None
    """Whether the least or the greatest value is the best; null: the least loss, the greatest accuracy."""


class Patience(Decided):
    """Stop when the metric has not become better for a while."""

    patience: Number
    """After so many evaluations in a row that are not better than the best before them."""
    min_delta: Annotated[FiniteFloat, Field(ge=0, le=1e30)] = 0.0
    """By more than this must a value be better."""


class Target(Decided):
    """Stop when the metric is good enough."""

    target: FiniteFloat
    """At the first evaluation that is as good as this."""


def _rule(value: Any) -> str:
    return "target" if isinstance(value, Target) or (isinstance(value, dict) and "target" in value) else "patience"


Stop = Annotated[
    Annotated[Patience, Tag("patience")] | Annotated[Target, Tag("target")],
    Discriminator(_rule),
]


def goal_of(metric: Evaluated, goal: Goal | None = None) -> Goal:
    """Which values of a metric are the better ones.

    >>> goal_of("test.loss"), goal_of("validation.accuracy")
    ('min', 'max')
    """
    return goal or ("min" if metric.endswith("loss") else "max")


class Training(Document):
    """How long, by which rule, and from which seed."""

    steps: Number | None = None
    """Number of mini-batches; null: from `epochs`, else 10,000."""
    epochs: Number | None = None
    """Passes over the training set, instead of `steps`."""
    stop: Stop | None = None
    """What ends it earlier; a training that was stopped has succeeded."""
    optimizer: Optimizer = Sgd()
    schedule: RateSchedule = Constant()
    rate_factors: Annotated[dict[Pattern, RateFactor], Field(max_length=100)] = Field(default_factory=dict)
    """By a pattern of layers' names, what the rate of their weights and biases is multiplied by: `{"hidden*": 4}`.
    Batch normalization's scale and shift keep the rate."""
    weight_decay: Annotated[
        WeightDecay | None,
        BeforeValidator(
            lambda value: {"rate": value} if type(value) in (int, float) else value,  # true and false are no rates
            json_schema_input_type=float | WeightDecay | None,
        ),
    ] = None
    """A number is the rate."""
    clip_gradient_norm: Positive | None = None
    """The greatest norm of the gradient over all trained values; a longer one is scaled down to it."""
    label_smoothing: Share = 0.0
    """The share of each label that goes to all classes alike, in the training's loss alone (Szegedy et al. 2016)."""
    on_non_finite: Literal["fail", "continue"] = "fail"
    """When the loss is no longer a finite number: fail, naming the step and the layer, or train on."""
    seed: Annotated[int, Field(ge=0, le=LARGEST), WHOLE] = 0

    @model_validator(mode="after")
    def _one_length(self) -> Self:
        if self.steps is not None and self.epochs is not None:
            raise ValueError("give 'steps' or 'epochs', not both")
        return self


def learning_rate(training: Training, steps: int, step: int) -> float:
    """The rate of the update at a step, which counts from 1, of a training of `steps`.

    >>> rates = Training(schedule=Decay(kind="step", every=2, factor=0.5, warmup_steps=2))
    >>> [learning_rate(rates, 8, step) for step in range(1, 9)]
    [0.05, 0.1, 0.1, 0.1, 0.05, 0.05, 0.025, 0.025]
    """
    schedule = training.schedule
    warmup = schedule.warmup_steps
    rate = training.optimizer.learning_rate
    if step <= warmup:
        return rate * step / warmup
    return rate * _FACTOR[schedule.kind](schedule, step - warmup - 1, steps - warmup - 1)


def _cosine(schedule: Cosine, taken: int, last: int) -> float:
    return schedule.final + (1 - schedule.final) * (1 + cos(pi * taken / max(last, 1))) / 2


# Of the schedule, the steps taken since it began, and those until the last one.
_FACTOR: dict[str, Callable[[Any, int, int], float]] = {
    "constant": lambda _schedule, _taken, _last: 1.0,
    "step": lambda schedule, taken, _last: schedule.factor ** (taken // schedule.every),
    "exponential": lambda schedule, taken, _last: schedule.factor ** (taken / schedule.every),
    "cosine": _cosine,
}
