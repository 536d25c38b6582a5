"""Jobs live: what a client is told of a job that is recorded while it looks on."""

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import httpx
import numpy as np

from api.live.looks import LOGGED
from api.live.streams import Seen, next_event
from jobs.lifecycle import attempts, clients
from jobs.lifecycle.artifacts import Artifact
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.events import record as record_events
from jobs.lifecycle.events import warning
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Ended, Job, Status
from jobs.lifecycle.printed import printed
from jobs.series.answers.live import Glance
from jobs.series.format.schema import TEST, TRAIN
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.storage import keys
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support import recorded_jobs
from tests.support.documents import resolved

Event = tuple[str, str, dict[str, Any]]  # id, name, data


@contextmanager
def listening(client: httpx.Client, path: str, last: str = "") -> Iterator[Iterator[Event]]:
    """The events of a stream, each once it is there."""
    headers = {"Last-Event-ID": last} if last else {}
    with client.stream("GET", path, headers=headers, timeout=30) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        yield _events(response.iter_lines())


def _events(lines: Iterator[str]) -> Iterator[Event]:
    fields: dict[str, str] = {}
    for line in lines:
        name, _, value = line.partition(": ")
        if line:
            fields[name] = value
        elif "event" in fields:
            yield fields["id"], fields["event"], json.loads(fields["data"])
            fields = {}


def until(events: Iterator[Event], kind: str) -> Event:
    """The next event of a kind."""
    return next(event for event in events if event[1] == kind)


def record(writer: Writer, first: int, last: int) -> None:
    writer.append(TRAIN, recorded_jobs.rows(range(first, last + 1), ("loss", "accuracy")))
    writer.commit()


def test_rows_come_as_they_are_recorded_each_once_and_then_the_end(
    client: httpx.Client, database: Database, running: Job, writer: Writer
) -> None:
    record(writer, 1, 50)
    with listening(client, f"/stream?jobs={running.id}") as events:
        _, _, first = until(events, "rows")
        record(writer, 51, 120)
        _, _, second = until(events, "rows")
        writer.append(TRAIN, recorded_jobs.rows(range(121, 201), ("loss", "accuracy")))
        writer.append(TEST, recorded_jobs.rows([200], ("loss", "accuracy")))
        writer.commit()
        attempts.end(database, Hold(running.id, 1), Ended("succeeded"))
        rest = list(events)
    third = rest[0][2]
    assert first["train"]["step"] + second["train"]["step"] + third["train"]["step"] == list(range(1, 201))
    assert (first["after"], first["watermark"], second["after"], third["watermark"]) == (-1, 50, 50, 200)
    assert third["test"]["step"] == [200]
    exact = client.get(f"/jobs/{running.id}/metrics").json()
    assert second["train"]["loss"] == exact["train"]["loss"][50:120]
    assert ("status", "succeeded") in [(kind, data.get("status")) for _, kind, data in rest]
    assert (rest[-1][1], rest[-1][2]["status"]) == ("end", "succeeded")


def test_a_stream_goes_on_after_the_last_event_that_arrived(client: httpx.Client, running: Job, writer: Writer) -> None:
    record(writer, 1, 50)
    with listening(client, f"/stream?jobs={running.id}") as events:
        last, _, _ = until(events, "rows")
    record(writer, 51, 60)
    with listening(client, f"/stream?jobs={running.id}", last) as events:
        _, kind, rows = next(events)
    assert (kind, rows["train"]["step"]) == ("rows", list(range(51, 61)))


def test_a_client_is_told_what_to_forget_where_an_attempt_goes_on_from_before(
    client: httpx.Client, database: Database, running: Job, writer: Writer
) -> None:
    stored = writer._held.objects.put(keys.of_checkpoint(running.id, 1, 40), b"the run")
    writer.append(TRAIN, recorded_jobs.rows(range(1, 41), ("loss", "accuracy")))
    writer.commit(checkpoint=Artifact("checkpoint", 40, stored))
    record(writer, 41, 50)
    with listening(client, f"/stream?jobs={running.id}") as events:
        until(events, "rows")
        assert until(events, "checkpoint")[2]["step"] == 40
        attempts.end(database, Hold(running.id, 1), Ended("lost", reason="killed"))
        job = recorded_jobs.take(database)
        again = Writer(Held(database, writer._held.objects, Hold(job.id, 2)))
        record(again, 41, 45)
        _, _, reset = until(events, "reset")
        _, _, rows = until(events, "rows")
    assert (reset["attempt"], reset["step"]) == (2, 40)
    assert rows["train"]["step"] == list(range(41, 46))


def test_what_happens_comes_as_events_each_once_also_to_who_comes_back(
    client: httpx.Client, database: Database, running: Job
) -> None:
    path = f"/stream?jobs={running.id}"
    with listening(client, path) as events:
        last, _, first = until(events, "log")
    assert [each["message"] for each in first["events"]] == ["queued", "running on here"]
    attempts.beat(database, Hold(running.id, 1), printed(b"one", 3, 0))
    with listening(client, path, last) as events:
        _, _, second = until(events, "log")
        attempts.end(database, Hold(running.id, 1), Ended("lost", reason="killed"))
        _, _, third = until(events, "log")
        clients.ask(database, running.id, "cancel")
        rest = list(events)
    told = [first, second, third, *(data for _, kind, data in rest if kind == "log")]
    found = client.get(f"/jobs/{running.id}/events").json()["events"]
    assert [each for data in told for each in data["events"]] == found
    assert [each["type"] for each in found] == ["status", "status", "output", "warning", "status", "status"]
    assert rest[-1][1] == "end"


def test_what_is_much_comes_in_parts_and_before_the_end(client: httpx.Client, database: Database, running: Job) -> None:
    with database.write() as connection:
        some = [warning(str(i)) for i in range(2 * LOGGED)]
        record_events(connection, {running.id: 1}, some, by="worker w1", now=time.time())
    attempts.end(database, Hold(running.id, 1), Ended("cancelled"))
    with listening(client, f"/stream?jobs={running.id}") as events:
        sizes = [len(data["events"]) for _, kind, data in events if kind == "log"]
    assert sizes == [LOGGED, LOGGED, 3]


def test_an_id_of_an_earlier_release_goes_on_too(client: httpx.Client, running: Job, writer: Writer) -> None:
    record(writer, 1, 50)
    with listening(client, f"/stream?jobs={running.id}", f"{running.id}:1:40") as events:
        _, _, rows = until(events, "rows")
        assert rows["train"]["step"] == list(range(41, 51))
        assert until(events, "log")[2]["events"][0]["number"] == 1


def test_who_comes_back_after_a_new_attempt_is_told_too(
    client: httpx.Client, database: Database, running: Job, writer: Writer
) -> None:
    record(writer, 1, 50)
    with listening(client, f"/stream?jobs={running.id}") as events:
        last, _, _ = until(events, "rows")
    attempts.end(database, Hold(running.id, 1), Ended("lost", reason="killed"))
    recorded_jobs.take(database)
    with listening(client, f"/stream?jobs={running.id}", last) as events:
        _, kind, data = next(events)
    assert (kind, data["step"], data["attempt"]) == ("reset", -1, 2)


def test_who_is_far_behind_gets_buckets(client: httpx.Client, running: Job, writer: Writer) -> None:
    record(writer, 1, 5000)
    with listening(client, f"/stream?jobs={running.id}") as events:
        _, _, rows = until(events, "rows")
    assert (rows["sampled"], rows["bucket_width"], rows["watermark"]) == (True, 8, 5000)
    assert len(rows["train"]["step"]) <= 1000
    assert {"loss", "loss.min", "loss.max", "loss.mean"} <= rows["train"].keys()


def test_a_stream_of_a_series_that_alternates_with_nan_stays_small(
    client: httpx.Client, running: Job, writer: Writer
) -> None:
    rows = recorded_jobs.rows(range(1, 20_001), ("loss", "accuracy"))
    rows.columns["loss"][::2] = np.nan
    writer.append(TRAIN, rows)
    writer.commit()
    with listening(client, f"/stream?jobs={running.id}") as events:
        _, _, told = until(events, "rows")
    found = told["nonfinite"]["train.loss"]
    assert len(found) <= 1000
    assert sum(1 if isinstance(value, str) else value["NaN"] for _, _, value in found) == 10_000


def test_only_the_named_series_come(client: httpx.Client, finished: Job) -> None:
    path = f"/stream?jobs={finished.id}&names=train.loss,activations.hidden1.p50"
    with listening(client, path) as events:
        _, _, rows = until(events, "rows")
    assert list(rows["train"]) == ["step", "time", "loss"]
    assert list(rows["activations"]) == ["step", "time", "hidden1.p50"]
    assert "test" not in rows
    assert rows["nonfinite"] == {"train.loss": [[10, 10, "NaN"]]}


def test_a_name_that_is_given_twice_comes_once(client: httpx.Client, running: Job, writer: Writer) -> None:
    record(writer, 1, 1500)
    with listening(client, f"/stream?jobs={running.id}&names=train.loss,train.loss") as events:
        _, _, rows = until(events, "rows")
    assert rows["sampled"]
    assert len(rows["train"]["loss"]) == len(rows["train"]["step"])


def test_several_jobs_come_in_one_stream_and_go_on_after_its_last_event(
    client: httpx.Client, database: Database, settings: Settings, finished: Job
) -> None:
    other = recorded_jobs.start(database, settings)
    path = f"/stream?jobs={finished.id},{other.id}&names=train.loss"
    with listening(client, path) as events:
        last, _, rows = until(events, "rows")
        assert rows["job"] == finished.id
        recorded_jobs.finish(database, settings, other)
        ended = [data["job"] for _, kind, data in events if kind == "end"]
    assert ended == [finished.id, other.id]
    with listening(client, path, last) as events:
        assert [data["job"] for _, kind, data in events if kind == "rows"] == [other.id]


def test_a_job_that_is_deleted_meanwhile_ends_its_stream(
    client: httpx.Client, database: Database, settings: Settings, running: Job
) -> None:
    with listening(client, f"/stream?jobs={running.id}") as events:
        next(events)
        attempts.end(database, Hold(running.id, 1), Ended("cancelled"))
        clients.remove(database, open_objects(settings), running.id)
        last = list(events)[-1]
    assert (last[1], last[2]) == ("end", {"job": running.id, "status": "deleted"})
    with listening(client, f"/stream?jobs={running.id}") as events:
        assert [(kind, told["status"]) for _, kind, told in events] == [("end", "deleted")]
    other = recorded_jobs.start(database, settings)
    with listening(client, f"/stream?jobs={running.id},{other.id}") as events:  # the other goes on
        _, _, told = until(events, "end")
        assert (told["job"], told["status"]) == (running.id, "deleted")
        assert until(events, "status")[2]["job"] == other.id


def test_a_last_event_from_beyond_what_is_recorded_is_cut_back(
    client: httpx.Client, running: Job, writer: Writer
) -> None:
    record(writer, 1, 50)
    with listening(client, f"/stream?jobs={running.id}", f"{running.id}:1:99999") as events:
        _, kind, data = next(events)
    assert (kind, data["step"]) == ("reset", 50)


def test_the_end_is_told_last() -> None:
    job = Job("a", Status.SUCCEEDED, 1, resolved(training={"steps": 9}), 0.0, step=9)
    now, seen = Glance(job, 9, 7, 5), Seen()
    for kind, after in (
        ("rows", {"attempt": 1, "watermark": 9}),
        ("status", {"status": Status.SUCCEEDED}),
        ("checkpoint", {"checkpoint": 7}),
        ("log", {"event": 5}),
        ("progress", {"step": 9}),
    ):
        assert next_event(seen, now) == kind
        seen = replace(seen, **after)
    assert next_event(seen, now) == "end"
