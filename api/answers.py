"""Turns the values of `jobs` and `bn.architecture` into answers."""

from collections.abc import Iterable
from dataclasses import asdict
from math import prod
from typing import Any, get_args

from api.schemas import jobs as schemas
from api.values import best_of, latest_of, progress, time_of
from bn.architecture.layers import Layer
from bn.architecture.noise_floor import NoiseFloor
from bn.architecture.plan import Placed, plan
from bn.architecture.presets import PRESETS
from jobs.datasets.catalogue import CATALOGUE
from jobs.lifecycle.job import ACTIONS, Attempt, Job
from jobs.lifecycle.labels import facets
from jobs.spec.document import Data
from jobs.spec.resolved import Resolved

ALIAS = {"dataset_name": "dataset"}  # a column, as answers call it


def job_answer(job: Job, attempts: Iterable[Attempt]) -> dict[str, Any]:
    """The whole job, as `api.schemas.jobs.JobAnswer` describes it."""
    resolved, document = job.resolved, job.resolved.document
    return {
        "id": job.id,
        "status": job.status,
        "created": time_of(job.created),
        "started": time_of(job.started),
        "finished": time_of(job.finished),
        "progress": progress(job.status, job.step, job.steps, job.steps_per_second),
        "latest": latest_of(job.scores),
        "best": best_of(job.scores),
        "error": job.error,
        "waiting_for": job.waiting_for,
        "requested": job.requested,
        "allowed_actions": ACTIONS[job.status],
        "parent": job.parent,
        "experiment": job.experiment,
        **{ALIAS.get(name, name): value for name, value in facets(document).items()},
        "device": job.device,
        "engine": resolved.engine.engine,
        "engine_reason": resolved.engine.reason,
        "environment": job.environment,
        "bit_exact": job.bit_exact,
        "differs": job.differs,
        "warnings": resolved.warnings,
        "weights_sha256": job.weights_sha256,
        "stopped": job.stopped,
        "kept": job.kept,
        "block_steps": resolved.block_steps,
        "steps_per_epoch": resolved.steps_per_epoch or None,
        "metadata": document["metadata"],
        "spec": document,
        "spec_sha256": resolved.sha256,
        "queue": None if job.ahead is None else {"ahead": job.ahead},
        "attempts": [
            {**vars(each), "started": time_of(each.started), "ended": time_of(each.ended)} for each in attempts
        ],
    }


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
        layers=tuple(_layer(placed, resolved.spec.data.batch_size) for placed in network.layers),
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


def _layer(placed: Placed, batch_size: int) -> schemas.LayerAnswer:
    return schemas.LayerAnswer(
        name=placed.name,
        kind=placed.layer.kind,
        input=placed.input,
        output=placed.output,
        activation=placed.activation,
        batch_norm=placed.normalization is not None,
        noise_floor=_noise_floor(placed, batch_size),
        bias=placed.has_bias,
        parameters=placed.parameters,
        multiply_adds=placed.multiply_adds,
    )


def _noise_floor(placed: Placed, batch_size: int) -> schemas.NoiseFloorAnswer | None:
    if placed.normalization is None or placed.normalization.frozen:
        return None
    channels, *places = placed.output
    return schemas.NoiseFloorAnswer(**asdict(NoiseFloor.of(channels, batch_size * prod(places))))


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
