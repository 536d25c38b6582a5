"""Settings come from the environment, and a variable that is meant to be one and is none stops every program."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic_settings import SettingsError

from jobs.settings import read_settings

UVICORN = ("-m", "uvicorn", "api.main:app", "--port", "0")
CELERY = ("-m", "celery", "-A", "worker.app", "worker", "-P", "threads")
PROGRAMS = {
    "server": UVICORN,
    "worker": CELERY,
    "trainer": ("-m", "worker.trainer"),
    "health check": ("-m", "worker.health"),
    "datasets": ("-m", "jobs.datasets", "fetch", "synthetic"),
    "datasets into a folder": ("-m", "jobs.datasets", "fetch", "synthetic", "--data", "."),
    "command line": ("-c", "from bnlab.cli.main import main; main()", "jobs"),
}


@pytest.fixture(autouse=True)
def no_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever runs the tests may have some in the environment."""
    for name in os.environ:
        if name.startswith("BNLAB_"):
            monkeypatch.delenv(name)


def run(tmp_path: Path, *command: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Python with these variables, in a folder of its own, to its end."""
    own = {**os.environ, "BNLAB_DATA": str(tmp_path / "data"), "PYTHONPATH": os.getcwd(), **variables}
    return subprocess.run(
        [sys.executable, *command], cwd=tmp_path, env=own, capture_output=True, text=True, timeout=120, check=False
    )


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_misspelt_setting_ends_a_program_in_one_line_before_it_does_anything(tmp_path: Path, program: str) -> None:
    ran = run(tmp_path, *PROGRAMS[program], BNLAB_ACCES="token", BNLAB_PORT="many")
    assert ran.returncode == 1
    (line,) = ran.stderr.splitlines()
    assert line.startswith("bnlab: BNLAB_PORT: ")
    assert line.endswith("; BNLAB_ACCES is no setting: the nearest one is BNLAB_ACCESS")
    assert (ran.stdout, list(tmp_path.iterdir())) == ("", [])


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("BNLAB_DATABASE", "BNLAB_DATABASE_URL"),
        ("BNLAB_MAX_STEP", "BNLAB_MAX_STEPS"),
        ("BNLAB_FAILPOINT", "BNLAB_FAILPOINTS"),
        ("bnlab_hosts", "BNLAB_HOST"),
        ("BNLAB_", "BNLAB_URL"),
        ("BNLAB_ALLOWED-HOSTS", "BNLAB_ALLOWED_HOSTS"),
    ],
)
def test_what_begins_like_a_setting_and_is_none_is_named_with_the_nearest_one(
    monkeypatch: pytest.MonkeyPatch, name: str, nearest: str
) -> None:
    monkeypatch.setenv(name, "1")
    with pytest.raises(SettingsError) as refused:
        read_settings()
    assert str(refused.value) == f"{name} is no setting: the nearest one is {nearest}"


def test_settings_in_either_case_and_the_variables_of_the_tests_are_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BNLAB_TEST_STACK", "BNLAB_FAILPOINTS", "bnlab_port", "BNLAB_SLOTS", "TORCH", "MYBNLAB_X", "BNLABX"):
        monkeypatch.setenv(name, "3")
    settings = read_settings()
    assert (settings.port, settings.slots) == (3, 3)


def test_what_is_given_goes_before_the_environment_unless_it_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BNLAB_PORT", "1")
    assert [read_settings(port=port).port for port in (2, None)] == [2, 1]


def test_a_worker_takes_its_slots_and_queues_from_the_settings(tmp_path: Path) -> None:
    shown = "from worker.app import app; print(app.conf.worker_concurrency, *app.amqp.queues.consume_from)"
    assert run(tmp_path, "-c", shown).stdout == "1 bnlab bnlab.cuda\n"
    assert run(tmp_path, "-c", shown, BNLAB_SLOTS="3", BNLAB_QUEUES="bnlab").stdout == "3 bnlab\n"
    refused = run(tmp_path, "-c", shown, BNLAB_SLOTS="0")
    assert refused.stderr == "bnlab: BNLAB_SLOTS: must be a whole number of at least 1, not 0\n"
