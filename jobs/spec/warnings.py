"""What a person should look at again in a document that can be run."""

import os
from collections.abc import Iterator, Sequence

from bn.architecture.layers import BatchNormLayer, Weighted
from bn.architecture.measures import measures_something
from bn.architecture.named import Place, places
from bn.architecture.plan import Placed, Plan
from bn.architecture.presets import Layers
from jobs.sentences import listed
from jobs.spec.document import JobSpec
from jobs.spec.pointers import pointer

NAMED = 5  # layers in a warning
LISTED = ("architecture", "layers")


def warnings(spec: JobSpec, network: Plan) -> Iterator[str]:
    """What is odd about a document that can be run, and what to write instead, in sentences."""
    if spec.normalization is not None:
        if all(placed.normalization is None for placed in network.layers):
            yield "batch_norm changes nothing: it normalizes at nonlinearities of layers with weights; here is none"
        if isinstance(spec.architecture, Layers):  # the layers of a preset are as its definition has them
            yield from _passed_over(list(_bare(network.sequence, LISTED, None)))
    chooses = spec.training.stop is not None or spec.evaluation.keep == "best"
    if chooses and spec.chosen_by.startswith("test"):
        yield (
            f"{spec.chosen_by} decides what is kept: of the test set it then says too much of what the network does "
            'with new examples; "data": {"validation": 0.1} holds some out to decide by'
        )
    cores = os.cpu_count() or 1
    if spec.resources.threads > cores:
        yield f"{spec.resources.threads} threads are more than the {cores} cores here: those that share one wait for it"
    for diagnostic in spec.recording.diagnostics:
        if not measures_something(diagnostic.name, network):
            yield f"diagnostic '{diagnostic.name}' measures nothing: this network has not what it is of"


def _passed_over(found: list[tuple[str, Place]]) -> Iterator[str]:
    if found:
        names = listed([f"{name} ({pointer(place)})" for name, place in found], NAMED)
        yield (
            f"no batch normalization at {names}: no nonlinearity follows directly; "
            'write "batch_norm": "inherit" there to have it, or "batch_norm": false to say that there is to be none'
        )


def _bare(sequence: Sequence[Placed], place: Place, after: Placed | None) -> Iterator[tuple[str, Place]]:
    """The layers of a sequence that batch normalization passes over though they do not say so, with their places.

    `after` computes next behind the sequence; nothing: it gives the network's output, which is not to be normalized.
    """
    for index, placed in enumerate(sequence):
        following = next(filter(_computes, sequence[index + 1 :]), after)
        if _says_nothing(placed) and following is not None and not isinstance(following.layer, BatchNormLayer):
            yield placed.name, (*place, index)
        for branch, at in zip(placed.branches, places(placed.layer), strict=True):
            yield from _bare(branch, (*place, index, *at), placed if placed.has_tap else following)


def _says_nothing(placed: Placed) -> bool:
    """Whether a layer has weights, no nonlinearity of its own, and no word on batch normalization."""
    return isinstance(placed.layer, Weighted) and not placed.has_tap and placed.layer.batch_norm is None


def _computes(placed: Placed) -> bool:
    """Whether this has weights, a nonlinearity or normalization, or holds other layers: not a pool, nor dropout."""
    return bool(placed.branches) or placed.has_tap or isinstance(placed.layer, Weighted | BatchNormLayer)
