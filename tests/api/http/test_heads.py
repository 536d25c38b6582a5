"""HEAD answers as GET does, without the body."""

import httpx
import pytest

from jobs.lifecycle.job import Job

OF_EACH_ANSWER = {"date", "x-request-id", "transfer-encoding"}


def headers(answer: httpx.Response) -> dict[str, str]:
    return {name: value for name, value in answer.headers.items() if name not in OF_EACH_ANSWER}


PATHS = (
    *(
        "/",
        "/docs",
        "/openapi.json",
        "/swagger/swagger-ui.css",
        "/healthz",
        "/readyz",
        "/architectures",
        "/datasets",
        "/datasets/mnist",
        "/workers",
    ),
    *("/jobs", "/jobs/nobody", "/jobs/ID", "/jobs/ID/verify", "/experiments", "/experiments/nobody", "/nowhere"),
    *("/jobs/ID/metrics", "/jobs/ID/metrics?points=1", "/jobs/ID/metrics?format=csv"),
    *("/jobs/ID/activations?format=parquet", "/jobs/ID/diagnostics", "/series?jobs=ID&names=*.loss", "/stream?jobs=ID"),
)


@pytest.mark.parametrize("encoding", ["identity", "gzip"])
def test_head_has_the_headers_of_get_and_no_body(client: httpx.Client, finished: Job, encoding: str) -> None:
    for path in PATHS:
        url, asked = path.replace("ID", finished.id), {"Accept-Encoding": encoding}
        head, get = client.head(url, headers=asked), client.get(url, headers=asked)
        assert (head.status_code, headers(head), head.content) == (get.status_code, headers(get), b""), path


def test_the_head_of_a_stream_that_goes_on_ends_at_once_and_the_next_request_is_answered(
    client: httpx.Client, running: Job
) -> None:
    head = client.head(f"/stream?jobs={running.id}")
    assert (head.status_code, head.headers["content-type"]) == (200, "text/event-stream; charset=utf-8")
    assert client.get("/healthz").status_code == 200


def test_who_has_the_answer_is_told_so_by_head_too(client: httpx.Client, finished: Job) -> None:
    url = f"/jobs/{finished.id}/metrics"
    tag = client.get(url).headers["etag"]
    assert client.head(url, headers={"If-None-Match": tag}).status_code == 304
