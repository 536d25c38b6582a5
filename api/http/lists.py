"""Parameters that list things by commas."""

from typing import Annotated

from fastapi import Depends, Query

from jobs.errors import InvalidQuery

MOST_JOBS = 100


def listed(text: str) -> tuple[str, ...]:
    """What stands between commas, each once.

    >>> listed("train.loss, ,test.loss,train.loss")
    ('train.loss', 'test.loss')
    """
    return tuple(dict.fromkeys(filter(None, (part.strip() for part in text.split(",")))))


async def _job_ids(
    jobs: Annotated[str, Query(description=f"Jobs' ids, separated by commas, at most {MOST_JOBS}.")],
) -> tuple[str, ...]:
    job_ids = listed(jobs)
    if not 1 <= len(job_ids) <= MOST_JOBS:
        raise InvalidQuery("jobs", f"{len(job_ids)} jobs; from 1 to {MOST_JOBS} can be asked for at once")
    return job_ids


TheJobIds = Annotated[tuple[str, ...], Depends(_job_ids)]
"""The ids of several jobs; 422 where there is none, or too many."""
