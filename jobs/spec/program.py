"""What a training step computes, apart from its numbers: jobs whose programs are equal share a compiled step."""

from typing import Any

from bn.architecture.plan import Placed
from bn.architecture.tensors import layers_like, rate_factors
from jobs.spec.resolved import Resolved

NUMBERS = {"init"}  # of a layer: they say what the weights begin with
OF_INFERENCE = {"population"}  # of BN
OF_INPUTS = ("per_pixel", "whiten")  # which say in what shape, or as what, a step is given its inputs


def program_of(resolved: Resolved) -> dict[str, Any]:
    """As plain JSON. Not in it: the seed, rates and their schedule, initial weights, names, and what is not a step."""
    spec, training = resolved.spec, resolved.spec.training
    factors = rate_factors(training.rate_factors, resolved.plan)
    frozen = sorted(layers_like(spec.initial.frozen, resolved.plan)) if spec.initial else []
    return {
        **({"frozen": frozen} if frozen else {}),
        "layers": [_layer(placed) for placed in resolved.plan.sequence],
        **({spec.data.normalize: True} if spec.data.normalize in OF_INPUTS else {}),
        "batch": [spec.data.batch_size, *resolved.plan.input],
        "optimizer": training.optimizer.model_dump(mode="json", exclude={"learning_rate"}),
        **({"rate_factors": factors} if factors else {}),
        "weight_decay": None if training.weight_decay is None else training.weight_decay.model_dump(mode="json"),
        "clip_gradient_norm": training.clip_gradient_norm,
        "label_smoothing": training.label_smoothing,
        "sample": spec.recording.sample,
        "threads": spec.resources.threads,
    }


def _layer(placed: Placed) -> dict[str, Any]:
    norm = placed.normalization
    return {
        "options": placed.layer.model_dump(mode="json", exclude=NUMBERS | {"layers", "shortcut", "branches"}),
        "batch_norm": None if norm is None else norm.model_dump(mode="json", exclude=OF_INFERENCE),
        "bias": placed.has_bias,
        "output": placed.output,
        "branches": [[_layer(inner) for inner in branch] for branch in placed.branches],
    }
