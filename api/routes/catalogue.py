"""What networks a job document may name."""

from fastapi import APIRouter

from api import answers
from api.schemas.jobs import Architectures

router = APIRouter(tags=["catalogue"])


@router.get("/architectures")
def architectures() -> Architectures:
    """The presets with their options, and the kinds of layers for `{"layers": [...]}`."""
    return answers.architectures()
