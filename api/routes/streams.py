"""Jobs live, as server-sent events: `rows`, `status`, `progress`, `checkpoint`, `reset` and `end`."""

from contextlib import suppress
from typing import Annotated, Any

from fastapi import APIRouter, Header, Query
from fastapi.responses import StreamingResponse
from starlette.concurrency import run_in_threadpool

from api.dependencies import TheDatabase, TheLive
from api.http.lists import TheJobIds, listed
from api.live.streams import events, last_seen
from jobs.errors import Gone
from jobs.lifecycle import lookup
from jobs.series.answers.live import chosen
from jobs.series.answers.names import check_expected
from jobs.series.format.manifest import read_manifest
from jobs.storage.database import Database

router = APIRouter(tags=["series"])

SeriesNames = Annotated[str, Query(description="Series, separated by commas: train.loss,activations.hidden1.p50.")]
After = Annotated[str, Query(description="The same where no header can be sent; the header wins.")]
LastEvent = Annotated[str, Header(description="The id of the last event that arrived: the stream goes on after it.")]

STREAM: dict[int | str, dict[str, Any]] = {
    200: {"content": {"text/event-stream": {"schema": {"type": "string"}}}, "description": "Events, until the end."}
}


@router.get("/stream", responses=STREAM, response_class=StreamingResponse)
async def stream(
    job_ids: TheJobIds,
    database: TheDatabase,
    live: TheLive,
    names: SeriesNames = "",
    after: After = "",
    last_event_id: LastEvent = "",
) -> StreamingResponse:
    """Jobs as they go on, in one stream: rows are those of `/metrics`, or of the series that are named."""
    wanted, seen = listed(names), last_seen(job_ids, last_event_id or after)
    for job_id in job_ids:
        with suppress(Gone):  # of several, one that was deleted ends by itself
            await run_in_threadpool(_check, database, job_id, wanted)
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}  # nothing between keeps events back
    return StreamingResponse(events(live, database, seen, wanted), media_type="text/event-stream", headers=headers)


def _check(database: Database, job_id: str, wanted: tuple[str, ...]) -> None:
    manifest = read_manifest(database, job_id)
    if wanted:
        job = lookup.get(database, job_id)
        chosen(job.resolved, manifest, wanted)
        check_expected(job, manifest, wanted)
