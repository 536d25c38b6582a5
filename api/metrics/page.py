"""The page that Prometheus reads: what is told of the house, and of the requests to this process."""

import time
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import version
from threading import Lock
from typing import Generic, TypeVar

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily, Metric
from prometheus_client.registry import Collector

from api.metrics.reading import Reading, read, read_stored
from api.metrics.requests import BOUNDS, Requests
from jobs.storage.database import Database
from jobs.storage.schema_version import NEWEST

READ_AGAIN = 1.0  # seconds after which the database is asked anew
ADDED_UP_AGAIN = 60.0  # seconds after which what is stored is added up anew: it takes the longer the more there is

Value = TypeVar("Value")
Labelled = Mapping[tuple[str, ...], float]
"""By the values of its labels the value of a metric."""


class Remembered(Generic[Value]):
    """What was read last, for so many seconds; of several who ask at once one reads."""

    def __init__(self, seconds: float, read: Callable[[], Value]) -> None:
        self._seconds, self._read = seconds, read
        self._lock = Lock()
        self._found: tuple[float, Value] | None = None

    def get(self) -> Value:
        """What was read, now or so short a time ago."""
        with self._lock:
            if self._found is None or time.monotonic() - self._found[0] >= self._seconds:
                self._found = (time.monotonic(), self._read())
            return self._found[1]


class Page(Collector):
    """The page of one server. No label names a job, a user or a host: its length does not grow with what it counts."""

    def __init__(self, database: Database, requests: Requests) -> None:
        self._reading = Remembered(READ_AGAIN, lambda: read(database))
        self._stored = Remembered(ADDED_UP_AGAIN, lambda: read_stored(database))
        self._requests = requests
        self._registry = CollectorRegistry(auto_describe=False)
        self._registry.register(self)

    def text(self) -> bytes:
        """The page in Prometheus' text format, version 0.0.4."""
        return generate_latest(self._registry)

    def collect(self) -> Iterator[Metric]:
        """Every metric, with its values."""
        reading = self._reading.get()
        yield from _of_jobs(reading)
        yield from _of_workers(reading)
        yield from _of_room(reading, self._stored.get())
        yield from _of_requests(self._requests)
        said = {"version": version("bnlab"), "schema": NEWEST}
        yield _gauge("build_info", "The release of the server and of its tables.", {tuple(said.values()): 1}, *said)


def _of_jobs(reading: Reading) -> Iterator[Metric]:
    queue = reading.queue
    yield _gauge("jobs", "Jobs by where they stand.", {(status,): n for status, n in reading.jobs.items()}, "status")
    said = "How long the job that is claimed next has been queued; 0: none is."
    yield _gauge("oldest_queued_seconds", said, {(): queue.oldest_seconds or 0.0})
    yield _gauge("steps_per_second", "Training steps a second of all running jobs.", {(): queue.steps_per_second})
    standing: Labelled = {(reason,): number for reason, number in reading.standing.items()}
    yield _gauge("standing_jobs", "Running jobs that stand still, by why.", standing, "reason")
    attempts = CounterMetricFamily("bnlab_attempts", "Attempts that have ended, by how.", labels=["outcome"])
    said = "Jobs that have ended, by how, and those that failed by why; those that were deleted since count too."
    ended = CounterMetricFamily("bnlab_jobs_ended", said, labels=["status", "code"])
    for total, number in sorted(reading.totals.items()):
        if total.counter == "attempts":
            attempts.add_metric([total.label], number)
        else:
            ended.add_metric([total.label, total.code], number)
    yield from (attempts, ended)


def _of_workers(reading: Reading) -> Iterator[Metric]:
    said = "Workers that are alive, by the best device they have: free ones can claim, those in trouble do not."
    yield _gauge("workers", said, reading.workers, "device", "state")
    said = "Jobs that the workers can train at a time, by device, and by what becomes of each such slot."
    yield _gauge("slots", said, reading.slots, "device", "state")


def _of_room(reading: Reading, stored: Mapping[str, int]) -> Iterator[Metric]:
    said = "What is kept, by kind; added up once a minute."
    yield _gauge("stored_bytes", said, {(kind,): size for kind, size in stored.items()}, "kind")
    yield _gauge("free_bytes", "Room on the disk of the data folder.", {(): reading.free_bytes})
    yield _gauge("disk_bytes", "Size of the disk of the data folder.", {(): reading.disk_bytes})


def _of_requests(requests: Requests) -> Iterator[Metric]:
    said = "How long requests to this process took, without streams and without those that ask to wait."
    family = HistogramMetricFamily("bnlab_http_request_seconds", said, labels=["method", "route", "status"])
    for kind, (sums, seconds) in requests.counts().items():
        buckets = [(_bound(bound), number) for bound, number in zip(BOUNDS, sums, strict=True)]
        family.add_metric([kind.method, kind.route, kind.status], buckets, seconds)
    yield family
    yield _gauge("streams", "Streams of events that are open in this process.", {(): requests.streams})


def _gauge(name: str, said: str, values: Labelled, *labels: str) -> Metric:
    family = GaugeMetricFamily(f"bnlab_{name}", said, labels=labels)
    for each, value in values.items():
        family.add_metric(each, value)
    return family


def _bound(bound: float) -> str:
    return "+Inf" if bound == float("inf") else str(bound)
