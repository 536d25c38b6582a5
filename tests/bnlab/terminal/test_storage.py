"""What takes how much room, in lines."""

from typing import Any

from bnlab.terminal.storage import lines_of

JOB = {"id": "1m8dwpq2dsdw8", "name": None, "status": "succeeded", "retain": False, "bytes": 1_500_000}
NO_JOBS = {"jobs": 0, "bytes": 0}
FOUND: dict[str, Any] = {
    "bytes": {"series": 2_000_000, "database": 999},
    "total": 2_000_999,
    "free": 3 * 10**12,
    "jobs": {"may_go": {"jobs": 2, "bytes": 2_000_000}, "retained": NO_JOBS, "going_on": NO_JOBS},
    "largest": [{**JOB, "name": "one\x1b[2J"}, JOB],
    "keep": {"days": 2.5, "jobs": None, "gb": 200.0},
}


def test_every_kind_has_a_line_and_every_job_in_characters_that_can_be_seen() -> None:
    assert lines_of(FOUND) == [
        "series            2.0 MB",
        "database       999 bytes",
        "together          2.0 MB",
        "free              3.0 TB",
        "",
        "jobs: 2 may go (2.0 MB), 0 to be retained (0 bytes), 0 going on (0 bytes)",
        "kept: at most 2.5 days, 200 GB",
        "",
        "1m8dwpq2dsdw8     1.5 MB  succeeded one\\x1b[2J",
        "1m8dwpq2dsdw8     1.5 MB  succeeded",
    ]


def test_without_limits_and_jobs_it_says_that_everything_is_kept() -> None:
    told = lines_of({**FOUND, "largest": [], "keep": {"days": None, "jobs": None, "gb": None}})
    assert told[-1] == "kept: everything, until somebody deletes it"
