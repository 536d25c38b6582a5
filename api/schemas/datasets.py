"""What the answers about datasets look like."""

from datetime import datetime
from typing import Literal

from api.schemas.jobs import Answer


class Described(Answer):
    """What is said of a dataset wherever it is shown."""

    name: str
    description: str
    created: datetime | None
    """When it was uploaded; null: every server has it."""
    shape: tuple[int, ...]
    """Of one example: channels, height and width of an image, or how many features it has."""
    dtype: Literal["uint8", "float32"]
    """`uint8` of images, `float32` of features."""
    train: int
    test: int
    sha256: str
    """Of its content, as a job's `data.sha256` names it."""
    available: bool
    """Whether it is here, or needs no files; a worker on another host may have its own folder of fetched ones."""


class DatasetAnswer(Described):
    """A dataset in the list; `/datasets/{name}` has the rest."""

    classes: int


class Datasets(Answer):
    """The datasets that every server has, and those that were uploaded to this one."""

    datasets: tuple[DatasetAnswer, ...]


class ClassAnswer(Answer):
    """A class, in the order of the labels."""

    name: str
    train: int
    """How many training examples it has."""
    test: int | None
    """How many test examples; null: of a dataset that every server has, it is not said."""


class DatasetFacts(Described):
    """What is known of a dataset: of one that was uploaded, what was found in it."""

    classes: tuple[ClassAnswer, ...]
    mean: tuple[float, ...] | None
    """Over the training examples, of each channel or feature; null: of a dataset that every server has."""
    sd: tuple[float, ...] | None
    warnings: tuple[str, ...]
    """What a person should look at again in the file."""
    source_format: Literal["npz", "folders", "parquet", "csv", "idx"] | None
    """What the file was; null: of a dataset that every server has."""
    bytes: int
    """What it takes here."""
