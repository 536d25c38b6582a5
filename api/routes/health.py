"""Whether the server lives, and whether it can do its work; and where a browser should go."""

from fastapi import APIRouter
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.responses import HTMLResponse, RedirectResponse

from api.access.gate import SWAGGER
from api.dependencies import TheDatabase, TheLive, TheWakeUps
from api.readiness import readiness
from api.schemas.jobs import Health, Readiness

router = APIRouter(tags=["health"])


@router.get("/", include_in_schema=False)
async def home() -> RedirectResponse:
    """The pages, for a browser; programs know their routes."""
    return RedirectResponse("ui/")


@router.get("/docs", include_in_schema=False)
async def docs() -> HTMLResponse:
    """Every route and option, to read and to try; its script comes from here, so that it works without a network.

    What it loads is named relative to it: a proxy may have all of this under a path of its own.
    """
    return get_swagger_ui_html(
        openapi_url="openapi.json",
        title="bnlab",
        swagger_js_url=f".{SWAGGER}/swagger-ui-bundle.js",
        swagger_css_url=f".{SWAGGER}/swagger-ui.css",
        swagger_favicon_url=f".{SWAGGER}/favicon-32x32.png",
    )


@router.get("/healthz")
async def healthz() -> Health:
    """The process answers; it asks nothing else."""
    return Health(status="alive")


@router.get("/readyz")
def readyz(database: TheDatabase, wake_ups: TheWakeUps, live: TheLive) -> Readiness:
    """Database, broker and a live worker are there; else 503, whose `parts` say which is not."""
    return readiness(database, wake_ups, live)
