"""What a job asks for: the document that a client posts, with every default; it imports pydantic alone."""

import json
from typing import Annotated, Literal, Self

from pydantic import (
    BeforeValidator,
    Discriminator,
    Field,
    FiniteFloat,
    JsonValue,
    PositiveInt,
    Tag,
    field_validator,
    model_validator,
)

from bn.architecture.document import WHOLE, Document
from bn.architecture.measures import DIAGNOSTIC_NAMES, DiagnosticName
from bn.architecture.normalization import BatchNorm, spell_out
from bn.architecture.presets import Architecture, Mlp
from jobs.spec.initial import Initial
from jobs.spec.training import LARGEST, Evaluated, Number, Training

DEFAULT_STEPS = 10_000
DEFAULT_PROBE = 1000  # test examples
BINARIZED = "mnist"  # the dataset that is binarized unless its job says otherwise
Text = Annotated[str, Field(max_length=200)]


class JobBatchNorm(BatchNorm):
    """Batch normalization at every nonlinearity of a network."""

    population: Literal["running", "algorithm2", "pooled"] = "running"
    """What inference normalizes by at the end, when the last evaluation is made and the weights are kept: the running
    averages, or statistics measured on the training set. Every other evaluation is by the running averages."""


BatchNormChoice = Annotated[
    Annotated[Literal[False], Tag("off")] | Annotated[JobBatchNorm, Tag("on")],
    Discriminator(lambda value: "off" if value is False else "on"),
    BeforeValidator(
        lambda value: False if value is None else spell_out(value),
        json_schema_input_type=bool | Literal["keras"] | JobBatchNorm | None,
    ),
]


class Augmentation(Document):
    """What happens to each training image at random, anew in every epoch; never to a test image."""

    shift: Annotated[int, Field(ge=0, le=16), WHOLE] = 2
    """Moved by up to so many pixels along each axis; pixels of 0 come in."""
    flip: bool = False
    """Mirrored left to right, one time in two."""


class Validation(Document):
    """A part of the training set that nothing is trained on: by it is decided when to stop, and what to keep."""

    share: Annotated[FiniteFloat, Field(gt=0, lt=1)] = 0.1
    """Of the examples of each class."""
    seed: Annotated[int, Field(ge=0, le=LARGEST), WHOLE] = 0
    """By which they are drawn."""


class Data(Document):
    """What the network is trained on."""

    dataset: Text = "mnist"
    batch_size: Annotated[PositiveInt, Field(le=100_000), WHOLE] = 60
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    """Of the dataset's content: what is trained on is this or nothing; null: whatever bears the name now."""
    binarize: bool | None = None
    """A pixel is 1 from half of full scale up, else 0; null: true for `mnist`, as the paper has it, else false."""
    normalize: Literal["none", "unit", "standardize", "per_pixel", "whiten"] | None = None
    """`unit`: pixels from 0 to 1; `standardize`: each channel, or feature, minus its mean over the training set, over
    its sd; `per_pixel`: so each pixel, and 0 where it is always the same; `whiten`: so that all values of an input are
    uncorrelated there and have variance 1; null: `none` where pixels are binarized, else `standardize`."""
    augment: Augmentation | None = None
    validation: Annotated[
        Validation | None,
        BeforeValidator(
            lambda value: {"share": value} if type(value) in (int, float) else value,
            json_schema_input_type=float | Validation | None,
        ),
    ] = None
    """What is held out of the training set; a number is the share."""
    train_samples: Number | None = None
    """Only the first so many training examples, of those that are not held out; null: all."""

    @property
    def held_out_share(self) -> float | None:
        """Of the training examples of each class; None where nothing is held out."""
        return self.validation.share if self.validation else None


class Evaluation(Document):
    """When the network is evaluated on the whole test set, and the validation part, beside step 0 and the end."""

    every: Number | None = None
    """Steps from one to the next; null: 500, where there is no `growth`."""
    growth: Annotated[FiniteFloat, Field(ge=1.01, le=100)] | None = None
    """In place of `every`: each step is so many times the one before it, from step 1 on."""
    keep: Literal["final", "best"] = "final"
    """`best`: the network as it was at its best evaluation is kept beside the last one. Which is the best, says the
    metric of `training.stop`, else the accuracy on the validation part, or on the test set where there is none."""
    probabilities: bool = False
    """Keep the trained network's class probabilities on the test set, which an ensemble averages."""

    @model_validator(mode="after")
    def _one_grid(self) -> Self:
        if self.every is not None and self.growth is not None:
            raise ValueError("give 'every' or 'growth', not both")
        return self


class Diagnostic(Document):
    """A measure of what batch normalization does, taken between steps; none of them changes the training."""

    name: DiagnosticName
    every: Number = 500
    """Steps from one to the next, beside step 0 and the end."""


class Recording(Document):
    """What is measured inside the network. `loss`, `accuracy` and `gradient_norm` are recorded at every step."""

    activations_every: Number = 1
    histograms_every: Number = 50
    sample: Annotated[int, Field(ge=1024, le=8192), WHOLE] = 1024
    """The most values of a tap that percentiles, `saturated` and histograms are of."""
    units: Annotated[int, Field(ge=0, le=1024), WHOLE] = 1
    """How many units a layer are followed on the probe."""
    probe_size: Annotated[PositiveInt, Field(le=10_000), WHOLE] | None = None
    """Test examples, from the first on, that make up the probe; null: 1000, or all where there are fewer."""
    probe_every: Number = 100
    diagnostics: Annotated[tuple[Diagnostic, ...], Field(max_length=len(DIAGNOSTIC_NAMES), strict=False)] = ()
    """Measured on the first `batch_size` training examples."""

    @field_validator("diagnostics")
    @classmethod
    def _each_once(cls, value: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        names = [diagnostic.name for diagnostic in value]
        for name in names:
            if names.count(name) > 1:
                raise ValueError(f"'{name}' is there twice")
        return value


class Resources(Document):
    """Where the job runs. The number of threads is part of the result: it changes the bits."""

    device: Literal["auto", "cpu", "cuda"] = "auto"
    threads: Annotated[PositiveInt, Field(le=256), WHOLE] = 1
    engine: Literal["auto", "eager", "compiled"] = "auto"
    """`eager` takes a step operation by operation, `compiled` as one program that is compiled once; `auto`: compiled
    where that saves more time than compiling takes. The last bits of a result depend on it."""


class Limits(Document):
    """What a job may use before it is ended; null: as much as it takes."""

    wall_seconds: Annotated[FiniteFloat, Field(gt=0)] | None = None
    """Of training in all its attempts, loading included."""
    memory_mb: Annotated[int, Field(ge=100, le=LARGEST), WHOLE] | None = None
    """Of its process, in MiB."""


class Labels(Document):
    """What a job is called, and whether it is kept: no result depends on it, and it may be changed at any time."""

    name: Text | None = None
    tags: Annotated[tuple[Text, ...], Field(max_length=50)] = ()
    metadata: dict[str, JsonValue] = Field(default_factory=dict)
    retain: bool = False
    """Keep it, however old it gets: no retention deletes it."""

    @field_validator("metadata")
    @classmethod
    def _is_json(cls, value: dict[str, JsonValue]) -> dict[str, JsonValue]:
        json.dumps(value, allow_nan=False)  # NaN and infinity, which Python's readers let through, are not JSON
        return value


class JobSpec(Labels):
    """A job: an empty document is complete, and trains the paper's network on MNIST without batch normalization."""

    architecture: Architecture = Mlp()
    batch_norm: BatchNormChoice = False
    data: Data = Data()
    training: Training = Training()
    evaluation: Evaluation = Evaluation()
    recording: Recording = Recording()
    resources: Resources = Resources()
    limits: Limits = Limits()
    initial: Initial | None = None
    """Null: every weight is drawn from the seed."""
    reproducible: Literal["reported", "strict"] = "reported"
    """`strict`: rather fail than go on, after an interruption, where the bits may be others; else the job says so."""

    @property
    def steps(self) -> int:
        """The number of steps of a resolved document."""
        return self.training.steps or DEFAULT_STEPS

    @property
    def chosen_by(self) -> Evaluated:
        """By which metric is decided which evaluation is the best."""
        if self.training.stop is not None:
            return self.training.stop.metric
        return "test.accuracy" if self.data.validation is None else "validation.accuracy"

    @property
    def normalization(self) -> JobBatchNorm | None:
        """The batch normalization of every nonlinearity, or None."""
        return self.batch_norm or None
