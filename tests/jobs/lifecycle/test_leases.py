"""What attempts hold, by a clock that no wall clock moves."""

import time

import pytest
from sqlalchemy import update

from jobs.lifecycle import attempts, leases
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.job import Ended
from jobs.storage import tables
from jobs.storage.database import Database


def test_what_is_held_on_a_host_is_named_with_its_worker(database: Database, held: Hold) -> None:
    assert leases.running_on(database, "here") == ((held, "w"),)
    assert leases.running_on(database, "elsewhere") == ()
    attempts.end(database, held, Ended("drained"))
    assert leases.running_on(database, "here") == ()


def test_how_long_an_attempt_took_is_of_no_wall_clock(
    database: Database, held: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr("time.time", lambda: 0.0)
        attempts.end(database, held, Ended("drained"))
    assert 0.0 <= leases.seconds_spent(database, held.job_id) < 1e6


def test_an_attempt_that_was_found_lost_took_no_longer_than_its_lease(database: Database, held: Hold) -> None:
    with database.write() as connection:  # as if it had begun, and been killed, hours ago
        moved = {"lease_until": tables.jobs.c.lease_until - 9000}
        connection.execute(update(tables.jobs).values(moved))
        connection.execute(update(tables.attempts).values(claimed=tables.attempts.c.claimed - 9000))
    attempts.end(database, held, Ended("lost", reason="its worker is gone"))
    assert leases.seconds_spent(database, held.job_id) == pytest.approx(attempts.LEASE, abs=5)


def test_a_hold_is_overdue_once_its_lease_is_over(
    database: Database, held: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert leases.overdue(database) == ()
    monkeypatch.setattr("jobs.lifecycle.attempts.LEASE", -1.0)
    attempts.beat(database, held)
    assert leases.overdue(database) == (held,)


def test_a_wall_clock_that_jumps_moves_no_lease(
    database: Database, held: Hold, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert leases.overdue(database) == ()
    for jump in (-1e6, 1e6):
        with monkeypatch.context() as patched:
            patched.setattr(time, "time", lambda jump=jump: 1.8e9 + jump)
            assert leases.overdue(database) == ()
            attempts.beat(database, held)
    assert leases.overdue(database) == ()


@pytest.mark.parametrize("since_boot", [0.0, 1e9])
def test_a_lease_from_before_a_reboot_is_over_where_the_clock_is_the_machines(
    database: Database, held: Hold, monkeypatch: pytest.MonkeyPatch, since_boot: float
) -> None:
    monkeypatch.setattr(time, "clock_gettime", lambda _: since_boot)
    assert leases.overdue(database) == ((held,) if database.engine.dialect.name == "sqlite" else ())
