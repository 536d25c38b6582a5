"""What takes how much room."""

from fastapi import APIRouter

from api.dependencies import TheDatabase, TheSettings
from api.schemas.storage import Storage
from api.storage import storage

router = APIRouter(tags=["storage"])


@router.get("/storage")
def look(settings: TheSettings, database: TheDatabase) -> Storage:
    """What takes how much room, by kind and by job; how much is free; and which limits jobs are kept within."""
    return storage(settings, database)
