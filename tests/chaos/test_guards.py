"""Each guard is taken out of a copy of the code, in which its own test must then fail: chaos would not notice."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("api", "bn", "bnlab", "jobs", "tests", "worker", "pyproject.toml")
GUARDS: dict[str, tuple[str, str, str, str]] = {
    "the fence: the attempt": (
        *("jobs/lifecycle/attempts.py", "jobs.c.attempt == hold.attempt, ", ""),
        "tests/jobs/lifecycle/test_attempts.py::test_an_attempt_that_was_replaced_can_write_nothing",
    ),
    "the fence: the status": (
        *(
            "jobs/lifecycle/attempts.py",
            ", jobs.c.status == Status.RUNNING)\n\n\ndef write_row",
            ")\n\n\ndef write_row",
        ),
        "tests/jobs/lifecycle/test_attempts.py::test_nothing_is_written_to_a_job_that_has_ended",
    ),
    "one claim a job": (
        *("jobs/lifecycle/moves.py", '            "attempt": tables.jobs.c.attempt + 1,\n', ""),
        "tests/jobs/lifecycle/test_attempts.py::test_an_attempt_that_was_replaced_can_write_nothing",
    ),
    "a move is a legal one": (
        *("jobs/lifecycle/moves.py", ".where(which, legal)", ".where(which)"),
        "tests/jobs/lifecycle/test_moves.py::test_a_move_takes_those_jobs_alone_that_stand_where_it_is_the_next_one",
    ),
    "a move is told": (
        *("jobs/lifecycle/moves.py", "    record(connection, told, _events(to, attempt), by=by, now=now)\n", ""),
        "tests/jobs/lifecycle/test_lifecycle_model.py::test_the_lifecycle_is_that_of_the_model",
    ),
    "one live attempt": (
        *(
            "jobs/storage/migrations/versions/0001_first_release.py",
            "        unique=True,\n",
            "        unique=False,\n",
        ),
        "tests/jobs/lifecycle/test_clients.py::test_a_job_has_one_live_attempt_whatever_a_statement_says",
    ),
    "an end is final": (
        *(
            "jobs/storage/migrations/triggers.py",
            "BEFORE UPDATE OF status ON jobs WHEN",
            "BEFORE UPDATE OF id ON jobs WHEN",
        ),
        "tests/jobs/lifecycle/test_clients.py::test_whatever_a_statement_says_an_end_is_final",
    ),
    "a lease's clock": (
        *("jobs/storage/database.py", "literal(time.clock_gettime(_SINCE_BOOT))", "literal(time.time())"),
        "tests/jobs/lifecycle/test_leases.py::test_a_wall_clock_that_jumps_moves_no_lease",
    ),
    "self-ending in silence": (
        *("worker/control.py", "time.monotonic() - self._last_beat > SILENCE", "False"),
        "tests/worker/test_control.py::test_it_ends_when_it_has_heard_no_beat_for_its_silence_and_no_sooner",
    ),
    "self-ending when abandoned": (
        *("worker/control.py", "        os._exit(ABANDONED)  # it closed", "        pass  # it closed"),
        "tests/worker/test_control.py::test_it_ends_at_once_when_its_socket_closes",
    ),
    "a trainer's lock": (
        *("worker/trainer.py", "if not alone:", "if False:"),
        "tests/worker/supervise/test_locks.py::test_a_trainer_does_not_begin_where_another_process_is_at_its_job",
    ),
    "a successor's look at the lock": (
        *(
            "worker/supervise/lost.py",
            "        if gone:  # else its trainer",
            "        if True:  # else its trainer",
        ),
        "tests/worker/supervise/test_locks.py::test_a_job_whose_worker_is_gone_is_left_to_the_trainer_that_still_holds_it",
    ),
    "a successor's look at the worker": (
        *("worker/supervise/lost.py", "and _is_gone(data, worker, worker_id)", ""),
        "tests/worker/supervise/test_supervisor.py::test_an_attempt_is_taken_up_only_once_its_worker_is_gone",
    ),
    "the watchdog": (
        *("worker/supervise/limits.py", "if used.still > stall_seconds", "if False and used.still > stall_seconds"),
        "tests/worker/supervise/test_limits.py::test_what_stands_still_is_lost_and_its_first_step_has_longer",
    ),
    "retention's second look": (
        *("jobs/lifecycle/retention.py", "jobs.id.in_(job_ids), _may_go()", "jobs.id.in_(job_ids)"),
        "tests/jobs/lifecycle/test_retention.py::test_a_job_that_is_to_be_retained_since_it_was_chosen_stays",
    ),
    "a backup's newer snapshot": (
        *("jobs/storage/backup.py", "        if missing <= gone:", "        if True:"),
        "tests/jobs/storage/test_backup.py::test_what_is_joined_while_it_is_copied_is_there",
    ),
}
"""By what is guarded: the file, the text that guards, what stands in its place without, and the test."""

QUICK = ("one live attempt", "a trainer's lock")
CHOSEN = tuple(GUARDS) if os.environ.get("BNLAB_TEST_ALL_CELLS") else QUICK


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Of the code and its tests."""
    for name in COPIED:
        source, target = ROOT / name, tmp_path / name
        shutil.copytree(source, target) if source.is_dir() else shutil.copy(source, target)
    return tmp_path


def run(copy: Path, *tests: str) -> subprocess.CompletedProcess[str]:
    """These tests, in a copy."""
    command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", "-k", "not postgresql", *tests]
    environment = os.environ | {"PYTHONPATH": str(copy)}
    return subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True, check=False)


def test_with_every_guard_their_tests_pass(copy: Path) -> None:
    done = run(copy, *dict.fromkeys(GUARDS[guard][-1] for guard in CHOSEN))
    assert done.returncode == pytest.ExitCode.OK, done.stdout[-2000:]


@pytest.mark.parametrize("guard", CHOSEN)
def test_without_it_its_test_fails(copy: Path, guard: str) -> None:
    file, present, absent, test = GUARDS[guard]
    text = (copy / file).read_text()
    assert text.count(present) == 1, f"{file} has no such guard: {present}"
    (copy / file).write_text(text.replace(present, absent))
    done = run(copy, test)
    assert done.returncode == pytest.ExitCode.TESTS_FAILED, done.stdout[-2000:] + done.stderr[-2000:]
    assert "1 failed" in done.stdout
