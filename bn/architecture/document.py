"""What every part of a job document is made of."""

from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, FiniteFloat, PositiveInt

SMALLEST = 2.0**-126  # the smallest number that float32 holds with all its digits
GREATEST = 1e30  # of a constant: its square root, its inverse and what it is added to stay finite in float32


def whole(value: Any) -> Any:
    """A whole number that is written as a float, as an int: JSON knows one kind of number. Anything else as it is.

    >>> whole(1e3), whole(1.5), whole(True)
    (1000, 1.5, True)
    """
    return int(value) if type(value) is float and value.is_integer() else value


def _in_float32(value: float) -> float:
    if not SMALLEST <= value <= GREATEST:
        raise ValueError(
            f"must be a number from {SMALLEST:.3g} to {GREATEST:g}, not {value:g}: networks compute in float32, "
            "where a smaller one loses its digits or becomes 0, and a greater one makes what it divides vanish"
        )
    return value


WHOLE = BeforeValidator(whole)
"""What the type of every whole number ends with."""

Count = Annotated[PositiveInt, Field(le=1_000_000), WHOLE]
Size = Annotated[PositiveInt, Field(le=1024), WHOLE]  # of a kernel or a stride, in pixels
Padding = Annotated[int, Field(ge=0, le=1024), WHOLE]  # pixels at each side

Pattern = Annotated[str, Field(min_length=1, max_length=200)]  # of names of layers, as `is_like` reads it

Epsilon = Annotated[
    FiniteFloat,
    Field(gt=0, json_schema_extra={"minimum": SMALLEST, "maximum": GREATEST}),
    AfterValidator(_in_float32),
]
"""What is added to keep a denominator away from 0, such as an epsilon: it must be more than 0 in float32 too."""


class Document(BaseModel):
    """A part of a job document: values do not change, unknown fields are errors, and "1" is not a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
