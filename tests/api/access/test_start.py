"""The server's start says where its pages are, and lets a browser in where its token was printed too."""

import json
import logging
from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import text

from api.access.start import say_where
from api.app import create_app
from jobs.logs import JsonLines
from jobs.settings import Settings
from jobs.storage.database import Database, open_database
from tests.support.serving import served


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    with closing(open_database(settings)) as database:
        yield database


def changed(settings: Settings, **changes: object) -> Settings:
    return settings.model_copy(update={"port": 8321, **changes})


def test_an_open_server_names_its_address(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    with served(create_app(changed(settings, access="open"))):
        assert capsys.readouterr().out == "Open bnlab in a browser: http://127.0.0.1:8321/ui/\n"


def test_the_address_of_a_server_that_made_its_token_signs_one_browser_in(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    with served(create_app(changed(settings, access="token"))) as client:
        (line,) = [line for line in capsys.readouterr().out.splitlines() if "/ui/" in line]
        address, _, code = line.removeprefix("Open bnlab in a browser: ").partition("#code=")
        assert address == "http://127.0.0.1:8321/ui/"
        assert client.get("/jobs").status_code == 401
        assert client.post("/session", json={"code": code}).status_code == 204
        assert client.get("/jobs").status_code == 200
        with httpx.Client(base_url=client.base_url, trust_env=False) as second:
            assert second.post("/session", json={"code": code}).is_client_error


@pytest.mark.parametrize("kept", [{"token": SecretStr("chosen")}, {"log": "json"}])
def test_a_log_that_did_not_get_the_token_gets_no_code(
    settings: Settings,
    database: Database,
    kept: dict[str, object],
    capsys: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.INFO, "api.access.start"):
        say_where(changed(settings, access="token", **kept), database)
    said = capsys.readouterr().out + caplog.text
    assert "http://127.0.0.1:8321/ui/ (a browser signs in with 'bnlab open')" in said
    assert "#code=" not in said


def test_a_start_in_json_has_its_action(
    settings: Settings, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, "api.access.start"):
        say_where(changed(settings, log="json"), database)
    line = json.loads(JsonLines().format(caplog.records[-1]))
    assert (line["action"], line["message"]) == ("started", "its pages: http://127.0.0.1:8321/ui/")


def test_where_no_code_can_be_kept_the_server_starts_all_the_same(
    settings: Settings, database: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    with database.write() as connection:
        connection.execute(text("ALTER TABLE codes RENAME TO away"))
    say_where(changed(settings, access="token"), database)
    assert capsys.readouterr().out.endswith("/ui/ (a browser signs in with 'bnlab open')\n")
