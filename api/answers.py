"""Turns the values of `jobs` and `bn.architecture` into answers."""

from pathlib import Path
from typing import Any, get_args

from api.schemas import jobs as schemas
from bn.architecture.layers import Layer
from bn.architecture.plan import Placed, plan
from bn.architecture.presets import PRESETS
from jobs.datasets.catalogue import CATALOGUE, Entry
from jobs.datasets.loading import available
from jobs.lifecycle.job import ACTIONS, Attempt, Job, Status
from jobs.spec.document import Data
from jobs.spec.resolved import Resolved


def job_answer(job: Job, attempts: tuple[Attempt, ...]) -> schemas.JobAnswer:
    """The whole job."""
    return schemas.JobAnswer.model_validate({**_job_fields(job), "attempts": attempts})


def job_page(jobs: tuple[Job, ...], limit: int) -> schemas.JobPage:
    """The first `limit` of the jobs; that there are more of them shows that there is another page."""
    shown = jobs[:limit]
    summaries = tuple(schemas.JobSummary.model_validate(_job_fields(job)) for job in shown)
    return schemas.JobPage(jobs=summaries, next=shown[-1].id if len(jobs) > limit else None)


def progress(job: Job) -> schemas.Progress:
    """How far the job is, and when it will have taken its last step."""
    speed = job.steps_per_second if job.status is Status.RUNNING else None
    return schemas.Progress(
        step=job.step,
        steps=job.steps,
        fraction=job.step / job.steps,
        steps_per_second=job.steps_per_second,
        eta_seconds=(job.steps - job.step) / speed if speed else None,
    )


def validated(resolved: Resolved) -> schemas.ValidatedAnswer:
    """What a document would run."""
    network, samples = resolved.plan, resolved.samples
    return schemas.ValidatedAnswer(
        spec=resolved.document,
        spec_sha256=resolved.sha256,
        warnings=resolved.warnings,
        block_steps=resolved.block_steps,
        engine=resolved.engine.engine,
        engine_reason=resolved.engine.reason,
        parameters=network.parameters,
        multiply_adds=network.multiply_adds,
        layers=tuple(_layer(placed) for placed in network.layers),
        taps=tuple(
            schemas.TapAnswer(layer=tap.name, shape=tap.output, sample=samples[tap.name]) for tap in network.taps
        ),
    )


def architectures() -> schemas.Architectures:
    """The presets, and the kinds of layers for a list."""
    return schemas.Architectures(
        presets=tuple(_preset(name) for name in PRESETS),
        layers=tuple(kind for layer in get_args(get_args(Layer)[0]) for kind in _layer_kinds(layer)),
    )


def datasets(data_folder: Path) -> schemas.Datasets:
    """The catalogue, and which of it is here."""
    return schemas.Datasets(datasets=tuple(_dataset(entry, data_folder) for entry in CATALOGUE.values()))


def _job_fields(job: Job) -> dict[str, Any]:
    resolved = job.resolved
    return {
        **vars(job),
        "spec": resolved.document,
        "spec_sha256": resolved.sha256,
        "steps": resolved.steps,
        "block_steps": resolved.block_steps,
        "warnings": resolved.warnings,
        "engine": resolved.engine.engine,
        "engine_reason": resolved.engine.reason,
        "progress": progress(job),
        "steps_per_epoch": resolved.steps_per_epoch,
        "latest": {series: score.last for series, score in job.scores.items()},
        "best": {
            series: schemas.BestAnswer(value=score.best, step=score.step)
            for series, score in job.scores.items()
            if score.best is not None and score.step is not None
        },
        "allowed_actions": ACTIONS[job.status],
        "bit_exact": job.bit_exact,
    }


def _dataset(entry: Entry, data_folder: Path) -> schemas.DatasetAnswer:
    return schemas.DatasetAnswer(
        **vars(entry.dataset),
        description=entry.description,
        available=available(entry.dataset.name, data_folder),
    )


def _layer(placed: Placed) -> schemas.LayerAnswer:
    return schemas.LayerAnswer(
        name=placed.name,
        kind=placed.layer.kind,
        input=placed.input,
        output=placed.output,
        activation=placed.activation,
        batch_norm=placed.normalization is not None,
        bias=placed.has_bias,
        parameters=placed.parameters,
        multiply_adds=placed.multiply_adds,
    )


def _preset(name: str) -> schemas.PresetAnswer:
    options = PRESETS[name]()
    dataset = CATALOGUE[Data().dataset].dataset
    return schemas.PresetAnswer(
        name=name,
        description=type(options).__doc__ or "",
        options=options.model_dump(mode="json"),
        json_schema=type(options).model_json_schema(),
        dataset=dataset.name,
        parameters=plan(options, None, dataset.shape, dataset.classes).parameters,
    )


def _layer_kinds(layer: Any) -> list[schemas.LayerKindAnswer]:
    kinds = get_args(layer.model_fields["kind"].annotation)
    schema, description = layer.model_json_schema(), layer.__doc__ or ""
    return [schemas.LayerKindAnswer(kind=kind, description=description, json_schema=schema) for kind in kinds]
