"""What a job document may name: architectures and datasets."""

from fastapi import APIRouter

from api import answers
from api.dependencies import TheSettings
from api.schemas.jobs import Architectures, Datasets

router = APIRouter(tags=["catalogue"])


@router.get("/architectures")
def architectures() -> Architectures:
    """The presets with their options, and the kinds of layers for `{"layers": [...]}`."""
    return answers.architectures()


@router.get("/datasets")
def datasets(settings: TheSettings) -> Datasets:
    """The datasets, and whether their files are here."""
    return answers.datasets(settings.data)
