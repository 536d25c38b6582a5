"""What Prometheus reads of this server."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse
from prometheus_client import CONTENT_TYPE_PLAIN_0_0_4

from api.dependencies import ThePage

router = APIRouter(tags=["health"])

TEXT: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/plain": {"schema": {"type": "string"}}}, "description": "Prometheus' text format, 0.0.4."}
}


@router.get("/metrics", responses=TEXT, response_class=PlainTextResponse)
def metrics(page: ThePage) -> Response:
    """Jobs, workers, room and requests in numbers, for Prometheus; see docs/running/monitoring.md."""
    return Response(page.text(), media_type=CONTENT_TYPE_PLAIN_0_0_4)
