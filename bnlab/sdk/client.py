"""The SDK: a server's jobs and their series, as the plain values that its answers hold."""

import time
from collections.abc import Iterator, Sequence
from types import TracebackType
from typing import Any, Self

from bnlab.errors import ApiError
from bnlab.sdk import events, pages
from bnlab.sdk.connection import Connection
from bnlab.sdk.datasets import Datasets
from bnlab.sdk.events import Event
from bnlab.sdk.experiments import Experiments
from bnlab.sdk.models import Models
from bnlab.sdk.predictions import Predictions
from bnlab.sdk.recorded import Recorded
from bnlab.sdk.requests import Document, body_of, job_path
from bnlab.settings import read_settings

Job = dict[str, Any]
"""A job as `GET /jobs/{id}` shows it: `id`, `status`, `progress`, `latest`, `error`, `spec`, ..."""

ENDED = frozenset({"succeeded", "failed", "cancelled"})
"""The statuses that are final."""

LONGEST_WAIT = 25.0  # seconds, less than a connection waits for an answer

WHOLE = 100_000
"""The most `points` that the server gives: as many evaluations no job has in practice."""


class Client(Recorded, Models, Predictions, Experiments, Datasets):
    """A server, without arguments the one of BNLAB_URL and BNLAB_TOKEN, or else of BNLAB_HOST and BNLAB_PORT.

    Every method raises ApiError where the server refuses, and Unreachable where none answers.

        with Client() as client:
            job = client.submit(architecture="mlp", batch_norm=True)
            client.wait(job["id"])
            train = pandas.DataFrame(client.metrics(job["id"])["train"])
    """

    def __init__(self, url: str | None = None, token: str | None = None) -> None:
        settings = read_settings()
        self._connection = Connection(
            settings.server_url if url is None else url, token or settings.token.get_secret_value()
        )
        self.url = self._connection.url

    def submit(self, document: Document | None = None, /, *, like: str | None = None, **fields: Any) -> Job:
        """Queue a job: a document, or its fields one by one. Every field has a default.

        like: a job's id; the document is then a JSON merge patch (RFC 7396) of that job's.
        """
        return self._connection.post("/jobs", body_of(document, fields), {"like": like})

    def validate(
        self, document: Document | None = None, /, *, like: str | None = None, **fields: Any
    ) -> dict[str, Any]:
        """What `submit` would run, every default resolved, with each layer's shapes; nothing is queued."""
        return self._connection.post("/jobs/validate", body_of(document, fields), {"like": like})

    def job(self, job_id: str, *, wait: float | None = None) -> Job:
        """A job as it stands; with `wait` once that changes, at the latest after so many seconds, 25 at the most."""
        return self._connection.get(job_path(job_id), {"wait": None if wait is None else min(wait, LONGEST_WAIT)})

    def jobs(
        self,
        *,
        status: str | Sequence[str] = (),
        part: str | None = None,
        name: str | None = None,
        tags: Sequence[str] = (),
        dataset: str | None = None,
        architecture: str | None = None,
        batch_norm: bool | None = None,
        experiment: str | None = None,
        created_after: str | float | None = None,
        created_before: str | float | None = None,
        where: str | Sequence[str] = (),
        sort: str | None = None,
        fields: Sequence[str] = (),
        limit: int = 20,
    ) -> list[Job]:
        """At most `limit` jobs, newest first or as `sort` says (`-test.accuracy`: the greatest first).

        part: how their ids begin or end; name: how their names begin; tags: they have all of them; times: RFC 3339, or
        seconds since 1970; where: conditions such as `test.accuracy>0.9` or `best.test.loss<0.2`, of which all hold;
        fields: what each row has, such as `spec`, in place of the usual.
        """
        asked = {
            "status": status,
            "id": part,
            "name": name,
            "tag": tags,
            "dataset": dataset,
            "architecture": architecture,
            "batch_norm": batch_norm,
            "experiment": experiment,
            "created_after": created_after,
            "created_before": created_before,
            "where": where,
            "sort": sort,
            "fields": ",".join(fields) or None,
        }
        return pages.listed(self._connection, "/jobs", asked, limit)

    def follow(self, job_id: str, poll: float = 0.5) -> Iterator[Job]:
        """The job as it stands, every `poll` seconds; the last time when it has ended."""
        while (job := self.job(job_id))["status"] not in ENDED:
            yield job
            time.sleep(poll)
        yield job

    def stream(self, *job_ids: str, names: Sequence[str] = ()) -> Iterator[Event]:
        """What happens to jobs, live, until each has ended: `rows` of metrics, or of the series that are named.

        See `bnlab.sdk.events`; a connection that breaks off is made again, and nothing is missed.
        """
        return events.follow(self._connection, job_ids, names)

    def events(
        self,
        job_id: str,
        *,
        after: int = 0,
        level: str | None = None,
        type: str | None = None,  # noqa: A002 - so the route calls it
        follow: bool = False,
    ) -> Iterator[dict[str, Any]]:
        """What happened to a job, the oldest first: `number`, `time`, `type`, `level`, `message`, `data`, ...

        after: only what has a greater number. level: at least `info`, `warning` or `error`. type: only `status`,
        `checkpoint`, `resumed`, `warning`, `output` or `error`. follow: go on until the job has ended.
        """
        asked = {"after": after, "level": level, "type": type}
        return events.of_log(self._connection, job_id, asked, goes_on=follow)

    def wait(self, job_id: str, timeout: float | None = None, poll: float = 0.5) -> Job:
        """The job once it has ended, however that was. Raises TimeoutError after `timeout` seconds; the job goes on."""
        deadline = None if timeout is None else time.monotonic() + timeout
        for job in self.follow(job_id, poll):
            if job["status"] not in ENDED and deadline is not None and time.monotonic() > deadline:
                raise TimeoutError(f"job {job_id} is still {job['status']} after {timeout:g} seconds")
        return job

    def cancel(self, job_id: str) -> Job:
        """Cancel a job at once; ask the worker of a running one to stop."""
        return self._connection.post(f"{job_path(job_id)}/cancel")

    def pause(self, job_id: str) -> Job:
        """Take a job out of the queue; a running one leaves its worker at a checkpoint."""
        return self._connection.post(f"{job_path(job_id)}/pause")

    def resume(self, job_id: str) -> Job:
        """Queue a paused job again: it goes on at its checkpoint."""
        return self._connection.post(f"{job_path(job_id)}/resume")

    def retry(self, job_id: str, *, from_scratch: bool = False) -> Job:
        """A new job of the document of one that failed or was cancelled, which goes on at its last checkpoint."""
        start = "scratch" if from_scratch else "checkpoint"
        return self._connection.post(f"{job_path(job_id)}/retry?from={start}")

    def delete(self, job_id: str) -> None:
        """Delete a job that has ended, with everything that it recorded."""
        self._connection.delete(job_path(job_id))

    def relabel(self, job_id: str, **changed: Any) -> Job:
        """Change `name`, `tags`, `metadata` (a merge patch, RFC 7396) or `retain` of a job; None: as if never given."""
        return self._connection.patch(job_path(job_id), body_of(None, changed))

    def storage(self) -> dict[str, Any]:
        """What takes how much room: `answer["bytes"]` by kind, `largest` jobs, what is `free`, and the limits."""
        return self._connection.get("/storage", {})

    def is_alive(self) -> bool:
        """Whether a bnlab server answers."""
        return bool(self._connection.get("/healthz", {})["status"] == "alive")

    def is_ready(self) -> bool:
        """Whether the server's database, broker and at least one worker are there."""
        return set(self.readiness().values()) == {"ok"}

    def readiness(self) -> dict[str, str]:
        """Of each part that a job needs `ok`, or what ails it: `answer["worker"]`."""
        try:
            return dict(self._connection.get("/readyz", {})["parts"])
        except ApiError as error:
            if error.code != "not_ready":
                raise
            return dict(error.parts)

    def workers(self) -> dict[str, Any]:
        """Who trains what, how many jobs wait, and what room there is: `answer["workers"][0]["jobs"]`."""
        return self._connection.get("/workers", {})

    def pages_url(self) -> str:
        """Where the server's pages are; where it asks for a token, with a code by which one browser signs in.

        The code is made for this call, and good once, for ten minutes.
        """
        code = self._connection.post("/session/codes")["code"]
        return f"{self.url}/ui/#code={code}" if code else f"{self.url}/ui/"

    def close(self) -> None:
        """Close the connection; `with` does it too."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self.close()
