"""The nginx of docs/running/access.md in front of a real server: who gets through, under which name and prefix."""

import re
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from api.app import create_app
from bnlab import Client
from jobs.settings import Access, Settings
from tests.support.requirements import require_any
from tests.support.serving import assert_problem, served

NAME = "lab.example.org"
TOKEN = "correct-horse"  # noqa: S105 - of this test's server alone
BARE = "server { listen 8080; location /bnlab/ { proxy_pass http://127.0.0.1:8000/; } }"
(DOCUMENTED,) = re.findall(
    r"```nginx\n(.*?)```", (Path(__file__).parents[2] / "docs" / "running" / "access.md").read_text(), re.DOTALL
)


@contextmanager
def nginx(folder: Path, server: str, upstream: int) -> Iterator[str]:
    """An nginx with that server, on a free port and in front of the port `upstream`; gives the URL with its prefix."""
    program = require_any("nginx")
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    server = server.replace("127.0.0.1:8000", f"127.0.0.1:{upstream}").replace(
        "listen 8080", f"listen 127.0.0.1:{port}"
    )
    own = " ".join(
        f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    configuration, errors = folder / "nginx.conf", folder / "errors"
    configuration.write_text(f"pid {folder}/pid; events {{}} http {{ access_log off; {own} {server} }}")
    with subprocess.Popen([program, "-g", "daemon off;", "-c", str(configuration), "-e", str(errors)]) as process:
        try:
            while not _listens(port):
                assert process.poll() is None, errors.read_text()
                time.sleep(0.02)
            yield f"http://127.0.0.1:{port}/bnlab"
        finally:
            process.terminate()


@contextmanager
def proxied(folder: Path, settings: Settings, server: str, access: Access) -> Iterator[str]:
    """A server behind an nginx; gives the URL at which that is asked for it."""
    changed = {"access": access, "token": SecretStr(TOKEN), "allowed_hosts": NAME}
    with (
        served(create_app(settings.model_copy(update=changed))) as direct,
        nginx(folder, server, direct.base_url.port or 0) as url,
    ):
        yield url


def ask(url: str, **headers: str) -> httpx.Response:
    return httpx.get(url, headers={"Host": NAME, **headers}, trust_env=False)


def test_the_documented_proxy_lets_through_whoever_shows_the_token_and_takes_the_prefix_off(
    tmp_path: Path, settings: Settings
) -> None:
    with proxied(tmp_path, settings, DOCUMENTED, "token") as url:
        assert_problem(ask(f"{url}/jobs"), 401, "token_required")
        assert ask(f"{url}/jobs", Authorization=f"Bearer {TOKEN}").json() == {"jobs": [], "next": None}
        assert_problem(ask(f"{url}/healthz", Host="evil.example.com"), 421, "unknown_host")
        written = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        for origin, status in ((f"http://{NAME}", 202), ("http://evil.example.com", 403)):
            headers = {"Host": NAME, "Origin": origin, **written}
            assert httpx.post(f"{url}/jobs", content="{}", headers=headers, trust_env=False).status_code == status


def test_client_and_stream_work_through_the_documented_proxy(tmp_path: Path, settings: Settings) -> None:
    with proxied(tmp_path, settings, DOCUMENTED, "token") as url, Client(url, TOKEN) as client:
        job_id = client.submit()["id"]
        events = client.stream(job_id)
        assert next(events).data["job"] == job_id  # while the job has not ended: nothing waits for a buffer to be full
        client.cancel(job_id)
        assert [event.kind for event in events][-1] == "end"


def test_a_browser_signs_in_through_the_documented_proxy_for_the_paths_under_its_prefix_alone(
    tmp_path: Path, settings: Settings
) -> None:
    with proxied(tmp_path, settings, DOCUMENTED, "token") as url, Client(url, TOKEN) as client:
        address, _, code = client.pages_url().partition("#code=")
        assert address == f"{url}/ui/"
        with httpx.Client(trust_env=False) as browser:
            browser.post(f"{url}/session", json={"code": code}).raise_for_status()
            assert browser.get(f"{url}/jobs").json()["jobs"] == []
            assert [cookie.path for cookie in browser.cookies.jar] == ["/bnlab"]
            browser.delete(f"{url}/session").raise_for_status()
            assert_problem(browser.get(f"{url}/jobs"), 401, "token_required")


@pytest.mark.parametrize(("server", "access"), [(DOCUMENTED, "auto"), (BARE, "token")], ids=["documented", "bare"])
def test_a_proxy_on_this_machine_opens_nothing_that_it_says_it_passed_on_nor_a_server_with_a_token(
    tmp_path: Path, settings: Settings, server: str, access: Access
) -> None:
    with proxied(tmp_path, settings, server, access) as url:
        assert_problem(ask(f"{url}/jobs"), 401, "token_required")
        assert ask(f"{url}/jobs", Authorization=f"Bearer {TOKEN}").status_code == 200


def _listens(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
