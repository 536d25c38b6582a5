"""What answers look like: the models behind the OpenAPI document, but for the series (`api.schemas.series`)."""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from jobs.lifecycle.job import Request, Status
from jobs.spec.engines import Engine


class Answer(BaseModel):
    """A part of an answer."""

    model_config = ConfigDict(frozen=True, from_attributes=True, use_attribute_docstrings=True)


class Progress(Answer):
    """How far the current attempt is."""

    step: int
    """The last step that was recorded; its rows are in the series within half a minute."""
    steps: int
    fraction: float
    steps_per_second: float | None
    eta_seconds: float | None
    """Until the last step at this speed; null where the job does not run or its speed is not known yet."""


class AttemptAnswer(Answer):
    """One worker's hold on a job."""

    number: int
    worker: str
    host: str
    started: datetime
    ended: datetime | None
    outcome: str | None
    """How it ended: succeeded, failed, cancelled, drained, or lost (or returned before it began) and why."""
    output: str | None
    """The last 4 KiB of what its process printed, errors of libraries among it; null: nothing is known."""


class JobErrorAnswer(Answer):
    """Why a job failed."""

    code: str
    message: str
    retryable: bool


class BestAnswer(Answer):
    """The best value of a metric, and the first step that has it."""

    value: float
    step: int


class DamageAnswer(Answer):
    """An object that is missing, or has other bytes than were written."""

    key: str
    reason: str


class VerdictAnswer(Answer):
    """What was read of a job, every byte that is stored of it."""

    objects: int
    bytes: int
    damaged: tuple[DamageAnswer, ...]
    complete: dict[str, bool]
    """By table, whether every row is there that the job was to record."""


class QueuePlace(Answer):
    """Where a queued job stands."""

    ahead: int
    """How many queued jobs are claimed before it; 1000: so many or more."""


class Evaluated(Answer):
    """An evaluation and what was best in it."""

    step: int
    value: float


class StoppedAnswer(Answer):
    """Why a training ended before its last step."""

    why: Literal["patience", "target"]
    metric: str
    step: int
    value: float | None
    """Of the metric then; null: it was not finite."""
    best: Evaluated | None
    """Of the metric until then."""
    message: str


class KeptAnswer(Evaluated):
    """Which network was kept as the best one."""

    metric: str
    sha256: str
    """Of its weights, as they are stored."""


class JobAnswer(Answer):
    """A job."""

    id: str
    name: str | None
    tags: tuple[str, ...]
    """Each once, in the order of the alphabet."""
    status: Status
    created: datetime
    started: datetime | None
    """Of the current attempt."""
    finished: datetime | None
    progress: Progress
    steps_per_epoch: int | None
    """How many mini-batches go through the training set once; null: nobody knows any more how large that was."""
    latest: dict[str, float | None]
    """The last recorded value of each metric, such as `train.loss`; null where it is not finite."""
    best: dict[str, BestAnswer]
    """The least loss and the greatest accuracy so far, such as `test.accuracy`; of what is nowhere finite, nothing."""
    error: JobErrorAnswer | None
    waiting_for: str | None
    """What a queued job waits for, or a running one that stands still."""
    requested: Request | None
    """What the worker of a running job was asked for."""
    parent: str | None
    """The job that this one is a retry of."""
    experiment: str | None
    """The experiment that it belongs to."""
    dataset: str
    architecture: str
    """A preset's name, or `layers`."""
    batch_norm: bool
    """Whether there is batch normalization anywhere in the network."""
    retain: bool
    """Whether it is kept, whatever the retention says."""
    allowed_actions: tuple[str, ...]
    """The verbs that may be used now: `DELETE /jobs/{id}`, and all others posted to `/jobs/{id}/{verb}`."""
    device: str | None
    """Where the job runs, pinned when its first attempt starts."""
    engine: Engine
    """What takes its steps, decided when it was submitted, and pinned when its first attempt starts."""
    engine_reason: str
    """Why it is that one."""
    environment: dict[str, Any] | None
    """What the bits of the current attempt depend on: versions, processor, threads, engine, code."""
    bit_exact: bool
    """Whether the result is, to the bit, that of one undisturbed run in this environment."""
    differs: tuple[str, ...]
    """In what environments differed that the job went on in after interruptions."""
    warnings: tuple[str, ...]
    """What a person should look at again in the document, and what to write instead."""
    weights_sha256: str | None
    """Of the final weights, as they are stored."""
    stopped: StoppedAnswer | None
    """Why and where its evaluations ended it before its last step."""
    kept: KeptAnswer | None
    """The network at its best evaluation, where `evaluation.keep` asks for it and the job has succeeded."""
    block_steps: int
    """The most steps that are computed between two looks at the outside."""
    metadata: dict[str, Any]
    spec: dict[str, Any]
    """The document with every default resolved: posted again, it gives the same series."""
    spec_sha256: str
    """Of the part of it that results depend on."""
    queue: QueuePlace | None
    """Of a queued job, else null."""
    attempts: tuple[AttemptAnswer, ...]
    verification: VerdictAnswer | None = None
    """What a reading of everything that is stored of it found: with `verify=true`."""


class JobRow(Answer):
    """A job in a list: its id, and of what `JobAnswer` has those fields that were asked for."""

    id: str


class JobPage(Answer):
    """Some jobs."""

    jobs: tuple[JobRow, ...]
    next: str | None
    """The `cursor` that gives the next page; null: there are no more."""
    counts: dict[Status, int] | None = None
    """By status how many jobs there are that the other filters let through: with `counts=true`."""


class NoiseFloorAnswer(Answer):
    """About what sampling alone makes of two statistics of a batch normalization, where nothing is amiss."""

    mean_gap: float
    variance_ratio: float


class LayerAnswer(Answer):
    """A layer of a planned network. Shapes and multiply-adds are of one example."""

    name: str
    kind: str
    input: tuple[int, ...]
    output: tuple[int, ...]
    activation: str
    batch_norm: bool
    """Whether batch normalization stands here: at this layer's nonlinearity, or as the layer itself."""
    noise_floor: NoiseFloorAnswer | None
    """Null where there is no batch normalization, or one that is frozen."""
    bias: bool
    """Whether a bias is added: not where batch normalization directly behind would take it away again."""
    parameters: int
    multiply_adds: int


class TapAnswer(Answer):
    """A nonlinearity whose input is measured."""

    layer: str
    shape: tuple[int, ...]
    """Of one example's activations."""
    sample: int
    """How many values of a batch percentiles, `saturated` and histograms are of."""


class ValidatedAnswer(Answer):
    """What a document would run, had it been posted to /jobs."""

    spec: dict[str, Any]
    spec_sha256: str
    warnings: tuple[str, ...]
    block_steps: int
    engine: Engine
    """What would take its steps."""
    engine_reason: str
    parameters: int
    multiply_adds: int
    """Of one example's forward pass."""
    layers: tuple[LayerAnswer, ...]
    taps: tuple[TapAnswer, ...]


class PresetAnswer(Answer):
    """A network that has a name."""

    name: str
    description: str
    options: dict[str, Any]
    """Every option at its default."""
    json_schema: Annotated[dict[str, Any], Field(serialization_alias="schema")]
    dataset: str
    """What `parameters` is counted for: the default dataset, with every option at its default and without BN."""
    parameters: int


class LayerKindAnswer(Answer):
    """A kind of layer for `{"layers": [...]}`."""

    kind: str
    description: str
    json_schema: Annotated[dict[str, Any], Field(serialization_alias="schema")]


class Architectures(Answer):
    """Everything that `architecture` may say."""

    presets: tuple[PresetAnswer, ...]
    layers: tuple[LayerKindAnswer, ...]


class Health(Answer):
    """The process is alive."""

    status: Literal["alive"]


class Readiness(Answer):
    """Every part that a job needs is there."""

    status: Literal["ready"]
    parts: dict[str, str]
