"""Whether the server lives, and whether it can do its work; and where a browser should go."""

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from api.dependencies import TheDatabase, TheWakeUps
from api.readiness import readiness
from api.schemas import Health, Readiness

router = APIRouter(tags=["health"])


@router.get("/", include_in_schema=False)
async def home() -> RedirectResponse:
    """The documentation, until there are pages."""
    return RedirectResponse("/docs")


@router.get("/healthz")
async def healthz() -> Health:
    """The process answers; it asks nothing else."""
    return Health(status="alive")


@router.get("/readyz")
def readyz(database: TheDatabase, wake_ups: TheWakeUps) -> Readiness:
    """Database, broker and a live worker are there; else 503, whose `parts` say which is not."""
    return readiness(database, wake_ups)
