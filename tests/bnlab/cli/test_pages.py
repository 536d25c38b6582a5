"""`bnlab open` against a served API, with a browser that writes down what it is to open."""

from pathlib import Path

import pytest
from pydantic import SecretStr

from api.app import create_app
from bnlab import Client
from jobs.settings import Settings
from tests.support.command_line import bnlab
from tests.support.serving import served


@pytest.fixture
def opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the browser writes what it is to open."""
    browser, opened = tmp_path / "browser", tmp_path / "opened"
    browser.write_text(f'#!/bin/sh\necho "$@" >> "{opened}"\n')
    browser.chmod(0o700)
    monkeypatch.setenv("BROWSER", str(browser))
    return opened


def test_the_pages_of_an_open_server_are_opened_and_their_address_is_printed(client: Client, opened: Path) -> None:
    done = bnlab("open", url=client.url)
    assert (done.returncode, done.stdout, done.stderr) == (0, f"{client.url}/ui/\n", "")
    assert opened.read_text() == done.stdout


def test_where_a_token_is_needed_the_address_signs_a_browser_in(settings: Settings, opened: Path) -> None:
    guarded = settings.model_copy(update={"access": "token", "token": SecretStr("secret")})
    with served(create_app(guarded)) as server:
        url = str(server.base_url)
        done = bnlab("open", "--print", url=url, token="secret")  # noqa: S106 - of this test's server alone
        address, _, code = done.stdout.strip().partition("#code=")
        assert (done.returncode, done.stderr, address) == (0, "", f"{url}/ui/")
        assert not opened.exists()
        assert server.post("/session", json={"code": code}).status_code == 204
        assert server.get("/jobs").status_code == 200
        refused = bnlab("open", url=url)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert "this needs the server's token" in refused.stderr


def test_where_there_is_no_browser_that_is_said(
    client: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("BROWSER", raising=False)
    done = bnlab("open", url=client.url)
    assert (done.returncode, done.stdout) == (0, f"{client.url}/ui/\n")
    assert "no browser was found here" in done.stderr


def test_on_its_machine_the_token_is_the_one_that_the_server_keeps(settings: Settings) -> None:
    guarded = settings.model_copy(update={"access": "token"})
    with served(create_app(guarded)) as server:
        url = str(server.base_url)
        here = {"data": str(settings.data), "port": url.rpartition(":")[2]}
        code = bnlab("open", "--print", **here).stdout.strip().partition("#code=")[2]
        assert server.post("/session", json={"code": code}).status_code == 204
        named = bnlab("open", "--print", url=url, **here)
        assert "this needs the server's token" in named.stderr, "a token is shown to no server that somebody names"
