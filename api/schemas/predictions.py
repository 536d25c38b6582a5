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
