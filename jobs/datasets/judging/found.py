"""What was found in a dataset's file, as a plain value that goes through JSON and comes back the same."""

import json
from dataclasses import asdict, dataclass
from math import isfinite, prod
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter, ValidationError

from jobs.datasets.judging.limits import (
    MAX_CLASS_NAME,
    MAX_CLASSES,
    MAX_DECODED,
    MAX_EXAMPLES,
    MAX_FAULTS,
    MAX_FEATURES,
    MAX_SIDE,
    MAX_TOLD,
)
from jobs.errors import readable

Format = Literal["npz", "folders", "parquet", "csv", "idx"]
Dtype = Literal["uint8", "float32"]
ITEM_SIZES: dict[Dtype, int] = {"uint8": 1, "float32": 4}
CHANNELS = (1, 3)

_Count = Annotated[int, Field(ge=0, le=MAX_EXAMPLES)]


@dataclass(frozen=True)
class Found:
    """A dataset's facts: its examples' form, its classes, and how its training examples are distributed."""

    shape: tuple[int, ...]
    """Of one example: [C, H, W] of an image with C 1 or 3, or [F] features."""
    dtype: Dtype
    """uint8 for images, float32 for features."""
    classes: tuple[str, ...]
    """Their names in the order of their labels; digits where the file has no names."""
    train_counts: tuple[_Count, ...]
    """Of each class, how many training examples there are."""
    test_counts: tuple[_Count, ...]
    mean: tuple[float, ...]
    """Over the training examples: of each channel, or of each feature, in the units of the file."""
    sd: tuple[float, ...]
    warnings: tuple[str, ...]
    source_format: Format

    def to_json(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), allow_nan=False)

    @classmethod
    def of_json(cls, text: str | bytes) -> "Found":
        """What `to_json` wrote. Raises ValueError for anything else, be it facts that contradict each other."""
        try:
            found = TypeAdapter(cls).validate_json(text, strict=True)
        except ValidationError as error:
            raise ValueError(f"this is not what is found in a dataset: {error.errors()[0]['msg']}") from None
        found.check()
        return found

    def check(self) -> None:
        """Raise ValueError where these facts contradict each other, or are beyond the limits."""
        broken = [claim for claim, holds in _claims(self).items() if not holds]
        if broken:
            raise ValueError(f"it is not so that {broken[0]}")


def is_name(name: str) -> bool:
    """Whether a class can be called so: not too long, and without control characters.

    >>> is_name("größe"), is_name(""), is_name("\x1b[31m")
    (True, False, False)
    """
    return 0 < len(name) <= MAX_CLASS_NAME and readable(name) == name


def _claims(found: Found) -> dict[str, bool]:
    """What is true of every `Found`."""
    number = len(found.classes)
    examples = sum(found.train_counts) + sum(found.test_counts)
    fits = {"uint8": _is_image, "float32": _is_features}[found.dtype](found.shape)
    return {
        "the shape is that of images or of features": fits,
        "there are two classes or more": 2 <= number <= MAX_CLASSES,
        "each class has a name of its own": len(set(found.classes)) == number and all(map(is_name, found.classes)),
        "warnings are bounded": len(found.warnings) <= MAX_FAULTS
        and all(len(warning) <= MAX_TOLD for warning in found.warnings),
        "each class has its numbers": len(found.train_counts) == len(found.test_counts) == number,
        "each class has a training example": min(found.train_counts, default=0) > 0,
        "there is a test example": sum(found.test_counts) > 0,
        "not too much is decoded": examples * prod(found.shape) * ITEM_SIZES[found.dtype] <= MAX_DECODED,
        "each channel or feature has its mean and sd": len(found.mean) == len(found.sd) == found.shape[0],
        "mean and sd are finite": all(map(isfinite, (*found.mean, *found.sd))),
    }


def _is_image(shape: tuple[int, ...]) -> bool:
    return len(shape) == 3 and shape[0] in CHANNELS and all(1 <= side <= MAX_SIDE for side in shape[1:])


def _is_features(shape: tuple[int, ...]) -> bool:
    return len(shape) == 1 and 1 <= shape[0] <= MAX_FEATURES
