"""What a job starts from beside its seed: the network of another job, and which of its layers are not trained."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from bn.architecture.document import WHOLE, Document, Pattern
from bn.architecture.plan import Plan
from bn.architecture.shapes import Shape
from bn.architecture.tensors import is_like, layer_of, layers_like, tensor_shapes
from jobs.errors import FieldError
from jobs.sentences import suggestion
from jobs.spec.training import Training

Patterns = Annotated[tuple[Pattern, ...], Field(max_length=100)]


class Initial(Document):
    """The network of another job, from which the training starts."""

    job: Annotated[str, Field(max_length=200)]
    checkpoint: Literal["final", "best", "last"] = "final"
    """`best`: as it was at its best evaluation; `last`: the newest that is stored, though the job still runs."""
    layers: Annotated[Patterns, Field(min_length=1)] = ("*",)
    """The layers that are taken over, by patterns of their names; the others are drawn from the seed."""
    frozen: Patterns = ()
    """The layers that are not trained; batch normalization there normalizes by its running statistics."""
    batch_norm: Literal["copy", "reset"] = "copy"
    """`reset`: batch normalization starts anew, as in a network that was never trained."""
    optimizer: Literal["reset", "copy"] = "reset"
    """`copy`: what the optimizer remembers is taken over, and batches and dropout go on behind the other job's."""
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")] | None = None
    """Of the object that has the network: it is this one or none; null: whatever the job has now."""
    step: Annotated[int, Field(ge=0), WHOLE] | None = None
    """After which the other job had that network, those counted that it went on behind; it is found with it."""

    @property
    def steps_before(self) -> int:
        """How many steps the run goes on behind, as far as batches, dropout and the optimizer are concerned."""
        return (self.step or 0) if self.optimizer == "copy" else 0


@dataclass(frozen=True)
class StoredNetwork:
    """A stored network that a job may start from."""

    step: int
    sha256: str
    shapes: dict[str, Shape]
    training: Training | None
    """How the job was trained, where what its optimizer remembers is stored too."""
    steps_before: int
    """How many steps of yet another job that one went on behind."""
    non_finite: str | None
    """The first tensor that has a value that is not finite."""


def unfit(initial: Initial, source: StoredNetwork, network: Plan, training: Training) -> Iterator[FieldError]:
    """Why a job cannot start from a stored network, by field."""
    shapes = tensor_shapes(network)
    names = sorted({layer_of(name) for name in shapes})
    for field in ("layers", "frozen"):
        for i, pattern in enumerate(getattr(initial, field)):
            if not layers_like((pattern,), network):
                told = f"no layer with weights is called '{pattern}'{suggestion(pattern, names)}"
                yield FieldError(f"/initial/{field}/{i}", f"{told}; there is: {', '.join(names)}")
    if layers_like(initial.frozen, network) == frozenset(names):
        yield FieldError("/initial/frozen", "every layer is frozen: nothing is left to train")
    if source.non_finite is not None:
        message = f"the network of job {initial.job} has values that are not finite, first in '{source.non_finite}'"
        yield FieldError("/initial/job", message)
    copied = layers_like(initial.layers, network)
    yield from _other_tensors(
        initial, source, {name: each for name, each in shapes.items() if layer_of(name) in copied}
    )
    if initial.optimizer == "copy":
        yield from _no_memory(initial, source, training, everything=copied == frozenset(names))


def _other_tensors(initial: Initial, source: StoredNetwork, wanted: dict[str, Shape]) -> Iterator[FieldError]:
    """Tensors of the layers that are taken over that are missing, unexpected, or of another shape."""
    for name, shape in wanted.items():
        if name not in source.shapes:
            yield FieldError("/initial/layers", f"job {initial.job} has no tensor '{name}'")
        elif source.shapes[name] != shape:
            told = f"'{name}' has the shape {list(source.shapes[name])} in job {initial.job}, and {list(shape)} here"
            yield FieldError("/initial/layers", told)
    for name in source.shapes:
        if name not in wanted and is_like(initial.layers, layer_of(name)):
            yield FieldError("/initial/layers", f"job {initial.job} has a tensor '{name}' that this network has not")


def _no_memory(
    initial: Initial, source: StoredNetwork, training: Training, *, everything: bool
) -> Iterator[FieldError]:
    if not everything or initial.frozen or initial.batch_norm == "reset":
        message = "what the optimizer remembers is of a whole network: take over all layers, and freeze and reset none"
        yield FieldError("/initial/optimizer", message)
    if source.training is None:
        message = f"no checkpoint of job {initial.job} has this network with what its optimizer remembers; say 'reset'"
        yield FieldError("/initial/optimizer", message)
        return
    before, here = source.training.optimizer.kind, training.optimizer.kind
    if before != here:
        message = f"job {initial.job} was trained by '{before}', and this one is by '{here}'; say 'reset'"
        yield FieldError("/initial/optimizer", message)
    elif source.training.weight_decay != training.weight_decay:
        message = f"job {initial.job} was trained with another weight_decay, which its optimizer's memory is ordered by"
        yield FieldError("/initial/optimizer", f"{message}; say 'reset'")
