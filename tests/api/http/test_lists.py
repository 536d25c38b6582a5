"""Jobs that a query lists."""

import httpx
import pytest

from jobs.lifecycle.job import Job
from tests.support.serving import assert_problem


@pytest.mark.parametrize("path", ["/stream?", "/series?names=train.loss&"])
def test_from_one_to_a_hundred_jobs_are_asked_for_at_once(client: httpx.Client, path: str) -> None:
    for jobs, number in ((",", 0), ("", 0), (",".join(map(str, range(101))), 101)):
        refused = assert_problem(client.get(f"{path}jobs={jobs}"), 422, "invalid_query")
        assert refused["detail"] == f"jobs: {number} jobs; from 1 to 100 can be asked for at once"


def test_a_job_that_is_listed_twice_is_there_once(client: httpx.Client, finished: Job) -> None:
    answer = client.get(f"/series?names=train.loss&jobs={finished.id}, {finished.id},")
    assert list(answer.json()["jobs"]) == [finished.id]
