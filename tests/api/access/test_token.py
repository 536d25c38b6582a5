"""The token is made once, kept to its owner, and printed as a line that works."""

import shlex
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from pydantic import SecretStr

from api.access.token import the_token
from api.app import create_app
from jobs.settings import Settings
from tests.support.requirements import require_any
from tests.support.serving import served


@pytest.fixture
def closed(settings: Settings) -> Settings:
    return settings.model_copy(update={"access": "token"})


def made_in(data: Path) -> list[Path]:
    """What has come into a data folder, beside the datasets that were there."""
    return [path for path in data.iterdir() if path.name != "datasets"]


def test_a_token_that_was_set_is_taken_and_not_kept(closed: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    given = Settings(data=closed.data, token=SecretStr("chosen"))
    assert the_token(given) == "chosen"
    assert made_in(closed.data) == []
    assert capsys.readouterr().out == ""


def test_a_token_is_made_once_and_only_its_owner_can_read_it(
    closed: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    token = the_token(closed)
    assert len(token) >= 32
    assert token in capsys.readouterr().out
    assert the_token(closed) == token
    assert capsys.readouterr().out == ""
    assert [(path.name, path.stat().st_mode & 0o777) for path in made_in(closed.data)] == [("token", 0o600)]


def test_those_who_make_it_at_once_get_the_same_one(closed: Settings) -> None:
    with ThreadPoolExecutor(16) as threads:
        assert len(set(threads.map(the_token, [closed] * 64))) == 1
    assert [path.name for path in made_in(closed.data)] == ["token"]


def test_a_line_break_behind_a_token_that_someone_wrote_does_not_count(closed: Settings) -> None:
    (closed.data / "token").write_text("by hand\n")
    assert the_token(closed) == "by hand"


def test_the_line_that_is_printed_works_as_pasted(closed: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    require_any("curl")
    with served(create_app(closed)) as client:
        printed = capsys.readouterr().out
        line = next(text for text in printed.splitlines() if "curl" in text).strip()
        here = line.replace(f":{closed.port}/", f":{client.base_url.port}/")
        shown = subprocess.run(
            [*shlex.split(here), "--noproxy", "*", "-s", "-w", "%{http_code}"],
            capture_output=True,
            text=True,
            check=True,
        )
        assert shown.stdout.endswith("202")
        assert client.get("/jobs").status_code == 401
