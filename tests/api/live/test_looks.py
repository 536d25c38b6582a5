"""The looks that streams wait for: whatever one meets, the streams go on; the trainer is told that somebody looks."""

import asyncio
import time

import httpx
import pytest
from sqlalchemy import update

from api.live.looks import Live
from api.live.streams import Seen, events
from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Job
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.storage import tables
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.api.live.test_streams import listening, record, until


def test_a_look_that_nobody_foresaw_is_logged_and_said_and_the_streams_go_on(
    client: httpx.Client, database: Database, running: Job, caplog: pytest.LogCaptureFixture
) -> None:
    def set_status(status: str) -> None:
        with database.write() as connection:
            connection.execute(update(tables.jobs).values(status=status))

    with listening(client, f"/stream?jobs={running.id}") as events:
        assert until(events, "status")[2]["status"] == "running"
        set_status("no status of ours")
        while (parts := client.get("/readyz").json()["parts"]).get("streams") is None:
            time.sleep(0.05)
        assert parts["streams"] == "their last look failed: ValueError"
        set_status("paused")
        assert until(events, "status")[2]["status"] == "paused"
        assert "streams" not in client.get("/readyz").json()["parts"]
    assert "'no status of ours' is not a valid Status" in caplog.text


def test_a_database_that_is_away_leaves_streams_a_sign_of_life(database: Database, settings: Settings) -> None:
    async def first_two() -> list[bytes]:
        never_looked = Live(database, open_objects(settings))
        stream = events(never_looked, database, {"a": Seen()}, ())
        return [await anext(stream), await anext(stream)]

    assert asyncio.run(first_two()) == [b"retry: 1000\n\n", b": nothing new\n\n"]


def test_while_somebody_looks_on_the_trainer_is_told(
    client: httpx.Client, database: Database, running: Job, writer: Writer
) -> None:
    hold = Hold(running.id, 1)
    assert not attempts.record_progress(database, hold, 1, None, {})
    record(writer, 1, 5)
    with listening(client, f"/stream?jobs={running.id}") as events:
        until(events, "rows")
        assert attempts.record_progress(database, hold, 6, None, {})
        assert until(events, "progress")[2]["step"] in (5, 6)
