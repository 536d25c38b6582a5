"""What every part of a job document is made of."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, PositiveInt

Count = Annotated[PositiveInt, Field(le=1_000_000)]
Size = Annotated[PositiveInt, Field(le=1024)]  # of a kernel or a stride, in pixels
Padding = Annotated[int, Field(ge=0, le=1024)]  # pixels at each side


class Document(BaseModel):
    """A part of a job document: values do not change, unknown fields are errors, and "1" is not a number."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, use_attribute_docstrings=True)
