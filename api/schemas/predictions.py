"""The schemas of what a network is asked, and of what it says."""

from typing import Any

from pydantic import BaseModel, Field

from jobs.models.chosen import Checkpoint
from jobs.models.onnx_file import Moments


class InputsDocument(BaseModel):
    """Inputs as the dataset has them."""

    inputs: list[Any] = Field(
        description="[N, C, H, W] or [N, C*H*W] of pixels from 0 to 255, [N, H, W] where there is one channel, or "
        "[N, F] of features; a single example without N too. At most 1,000."
    )


class Predictions(BaseModel):
    """What a network says of inputs, in their order."""

    job: str
    step: int = Field(description="The step after which the network was as it was asked.")
    checkpoint: Checkpoint
    normalization: Moments = Field(description="By what BN normalized.")
    among: int = Field(description="How many inputs of the test part were in the batch beside them.")
    classes: list[str] = Field(description="In the order of the probabilities.")
    predicted: list[str | None] = Field(description="The most probable class; null where the logits are not finite.")
    probabilities: list[list[float | None]] = Field(description="[N, classes]: the softmax of the logits.")
    logits: list[list[float | None]] = Field(description="[N, classes]; null: not finite.")


class Mistake(BaseModel):
    """A test input whose most probable class is not its own."""

    index: int = Field(description="In the test part.")
    label: str = Field(description="Its own class.")
    predicted: str
    probability: float = Field(description="Of the predicted class.")
    label_probability: float
    input: list[Any] = Field(description="As the dataset has it: [C, H, W] of 0 to 255, or [F].")


class Mistakes(BaseModel):
    """What a network gets wrong of its dataset's test part."""

    job: str
    step: int = Field(description="The step after which the network was as it was asked.")
    checkpoint: Checkpoint
    classes: list[str]
    tested: int = Field(description="How many test inputs it was asked about.")
    of: int = Field(description="How many test inputs there are.")
    wrong: int = Field(description="How many of the tested it gets wrong.")
    not_finite: int = Field(description="Of how many it says nothing, as its logits are not finite: no mistakes.")
    mistakes: list[Mistake] = Field(description="The most convinced first, of equals the first in the test part.")
