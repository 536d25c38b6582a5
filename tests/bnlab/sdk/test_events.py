"""Jobs live, through the SDK."""

from collections.abc import Iterator
from contextlib import ExitStack, closing

import pytest

from api.app import create_app
from bnlab import ApiError, Client
from bnlab.sdk.connection import Connection
from bnlab.sdk.events import follow
from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended, Job
from jobs.series.format.schema import TRAIN
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.storage.database import open_database
from jobs.storage.objects.opening import open_objects
from tests.support import recorded_jobs
from tests.support.serving import served


def test_a_stream_has_the_rows_and_ends_with_its_jobs(client: Client, finished: Job) -> None:
    events = list(client.stream(finished.id, names=["train.loss"]))
    rows = [event.data for event in events if event.kind == "rows"]
    assert [step for row in rows for step in row["train"]["step"]] == list(range(1, 201))
    assert (events[-1].kind, events[-1].data["status"]) == ("end", "succeeded")


def test_what_a_server_that_restarts_records_meanwhile_is_not_missed(settings: Settings) -> None:
    with closing(open_database(settings)) as database:
        job = recorded_jobs.start(database, settings)
        hold = Hold(job.id, 1)
        writer = Writer(Held(database, open_objects(settings), hold))
        writer.append(TRAIN, recorded_jobs.rows(range(1, 11), ("loss",)))
        writer.commit()
        with ExitStack() as both:
            with served(create_app(settings)) as first:
                client = both.enter_context(Client(str(first.base_url)))
                stream = client.stream(job.id)
                rows = next(event for event in stream if event.kind == "rows").data
                assert rows["train"]["step"] == list(range(1, 11))
            writer.append(TRAIN, recorded_jobs.rows(range(11, 16), ("loss",)))
            writer.commit()
            attempts.end(database, hold, Ended("succeeded"))
            with served(create_app(settings), first.base_url.port or 0):
                rest = list(stream)
    missed = [event.data["train"]["step"] for event in rest if event.kind == "rows"]
    assert missed == [list(range(11, 16))]
    assert rest[-1].kind == "end"


def test_a_server_whose_database_is_away_is_asked_again_and_not_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bnlab.sdk.events.PAUSES", (0.0, 0.0, 0.0))
    asked = []

    class Away(Connection):
        def lines(self, *arguments: object) -> Iterator[str]:
            asked.append(arguments)
            if len(asked) == 2:
                return iter([])  # closed without a word, once
            raise ApiError(503, "database_unavailable", "the database cannot do this now")

    with pytest.raises(ApiError, match="cannot do this now"):
        list(follow(Away("http://127.0.0.1:1", ""), ["a"]))
    assert len(asked) == 4


def test_a_job_that_is_not_there_is_not_streamed(client: Client) -> None:
    with pytest.raises(ApiError) as refused:
        next(client.stream("none"))
    assert refused.value.status == 404
