"""What a reader without bnlab needs to know of a model beside its tensors, as plain JSON values."""

from collections.abc import Mapping
from typing import Any

from bn.architecture.layers import BatchNormLayer
from bn.architecture.plan import Placed
from jobs.models.model import Model

MATRIX = "whitening"
"""The name of the tensor by which inputs are whitened; a layer's tensors have their layer's name in front."""


def described(model: Model) -> dict[str, Any]:
    """Whose it is, what its classes are called, what is done to inputs, and its layers.

    `preprocessing`: a threshold where it binarizes, then (value - shift) * scale by channel or feature, or by value
    where there are as many as an input has, in the order [C, H, W]; and where it names a `matrix`, which is a tensor
    [D, D] of no layer, the flattened input times that. `architecture`: the shape of an input, and the layers in order,
    each with its name, kind, options, and what BN does there. All of it is said of the tensors at hand: of a folded
    model there is no BN left but a scale and a shift here and there.
    """
    done = model.preprocessing
    return {
        "job": model.job_id,
        "step": model.step,
        "classes": list(model.classes),
        "preprocessing": done.plain() | ({} if done.matrix is None else {"matrix": MATRIX}),
        "architecture": {
            "input": list(model.plan.input),
            "layers": [_layer(placed, model.tensors) for placed in model.plan.sequence],
        },
    }


def _layer(placed: Placed, tensors: Mapping[str, Any]) -> dict[str, Any]:
    elsewhere = OF_OTHERS | (BATCH_NORM if isinstance(placed.layer, BatchNormLayer) else set())
    described: dict[str, Any] = {"name": placed.name, **placed.layer.model_dump(mode="json", exclude=elsewhere)}
    if "bias" in described:
        described["bias"] = f"{placed.name}.transform.bias" in tensors
    if placed.normalization is not None and f"{placed.name}.batch_norm.running_mean" in tensors:
        options = placed.normalization.model_dump(mode="json", include=BATCH_NORM)
        described["batch_norm"] = {**options, "after_activation": placed.normalizes_last}
    if f"{placed.name}.batch_norm.scale" in tensors:
        described["batch_norm"] = {"folded": True, "after_activation": placed.normalizes_last}
    if placed.branches:
        described["branches"] = [[_layer(inner, tensors) for inner in branch] for branch in placed.branches]
    return described


BATCH_NORM = {"epsilon", "running_decay", "affine", "running_variance", "frozen"}
"""The options of batch normalization that say what it computes."""

OF_OTHERS = {"layers", "shortcut", "branches", "batch_norm", "init", "noise", "placement"}
"""Fields of a layer's document that say how a network starts or is trained, or that stand here in another form."""
