"""The client's settings are the server's and the worker's, without a line of their code."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic_settings import SettingsError

from bnlab import settings as clients
from bnlab.errors import CannotRun
from jobs import settings as servers
from tests.support.foreign_words import foreign

HOSTS = ["127.0.0.1", "0.0.0.0", "::", "::1", "192.0.2.1", "localhost", "lab.example.org"]
NO_UTF_8 = os.fsdecode(b"80\xff")  # bytes in the environment that are no text
TEXTS = ("", "many", "-1", "0", "1.5", "opne", "TOKN", "9" * 5000, "x" * 100, NO_UTF_8, NO_UTF_8 * 100)
WRONG: list[dict[str, str]] = [
    {"BNLAB_PORT": "many"},
    {"BNLAB_ACCESS": "sometimes"},
    {"BNLAB_SLOTS": "0", "bnlab_max_steps": "many", "BNLAB_DATABASE": "x"},
    {"BNLAB_ACCES": "token"},
    {"BNLAB_": "1", "BNLAB_FAILPOINT": "x", "bnlab_hosts": "x"},
    *({f"BNLAB_{name.upper()}": text} for name in servers.Settings.model_fields for text in TEXTS),
]


def test_there_are_the_same_settings_with_the_same_types_and_defaults() -> None:
    def described(fields: object) -> list[tuple[object, ...]]:
        assert isinstance(fields, dict)
        return [(name, each.annotation, each.metadata, each.default) for name, each in fields.items()]

    assert described(clients.Settings.model_fields) == described(servers.Settings.model_fields)
    assert clients.Settings.model_config == servers.Settings.model_config
    for name in ("PREFIX", "FAILPOINTS", "OF_TESTS"):
        assert getattr(clients, name) == getattr(servers, name)


@pytest.mark.parametrize("variables", WRONG)
def test_what_is_wrong_with_them_is_said_in_the_same_line(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str]
) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    told = said(servers.read_settings, SettingsError)
    assert said(clients.read_settings, CannotRun) == told
    assert not foreign(told)
    for name in variables if told else ():
        assert name.upper() in told.upper()


def said(read: Callable[[], object], refusal: type[Exception]) -> str:
    """What is said of the settings in the environment; nothing: they are fine."""
    try:
        read()
    except refusal as error:
        return str(error)
    return ""


def test_what_was_expected_of_a_setting_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PORT": "many", "ACCESS": "opne", "SLOTS": "0", "STALL_SECONDS": "ten"}.items():
        monkeypatch.setenv(f"BNLAB_{name}", value)
    assert said(clients.read_settings, CannotRun) == (
        "BNLAB_PORT: must be a whole number, not 'many'; "
        "BNLAB_ACCESS: must be 'auto', 'open' or 'token', not 'opne'; the nearest is 'open'; "
        "BNLAB_SLOTS: must be a whole number of at least 1, not 0; BNLAB_STALL_SECONDS: must be a number, not 'ten'"
    )


@pytest.mark.parametrize(
    ("variable", "value", "told"),
    [
        ("BNLAB_KEEP_DAYS", "0", "must be a number greater than 0, not 0"),
        ("BNLAB_KEEP_GB", "-0.5", "must be a number greater than 0, not -0.5"),
        ("BNLAB_KEEP_JOBS", "0", "must be a whole number of at least 1, not 0"),
        ("BNLAB_KEEP_JOBS", "2.5", "must be a whole number, not '2.5'"),
    ],
)
def test_a_limit_that_would_keep_nothing_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, told: str
) -> None:
    monkeypatch.setenv(variable, value)
    assert said(clients.read_settings, CannotRun) == f"{variable}: {told}"


def test_an_empty_limit_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DAYS", "JOBS", "GB"):
        monkeypatch.setenv(f"BNLAB_KEEP_{name}", "")
    for read in (clients.read_settings, servers.read_settings):
        found = read()
        assert (found.keep_days, found.keep_jobs, found.keep_gb) == (None, None, None)


def test_bytes_that_are_no_text_are_refused_in_one_line_that_can_be_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BNLAB_PORT", NO_UTF_8)
    told = said(clients.read_settings, CannotRun)
    assert told.encode(errors="backslashreplace") == rb"BNLAB_PORT: '80\udcff' cannot stand here"


def test_what_is_given_goes_before_the_environment_unless_it_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("bnlab_port", "BNLAB_SLOTS", "BNLAB_DATA", "BNLAB_TEST_STACK", "BNLAB_FAILPOINTS", "MYBNLAB_X"):
        monkeypatch.setenv(name, "3")
    for read in (clients.read_settings, servers.read_settings):
        found = read(slots=2, data=None)
        assert (found.port, found.slots, found.data) == (3, 2, Path("3"))


@pytest.mark.parametrize("host", HOSTS)
def test_this_machine_reaches_a_server_at_the_address_that_the_server_tells(host: str) -> None:
    assert clients.Settings(host=host).local_url == servers.Settings(host=host).local_url
