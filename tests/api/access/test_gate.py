"""Who may call, and from where."""

import asyncio
import socket
from typing import Any

import httpx
import pytest
from pydantic import SecretStr

from api.access.gate import token_needed
from api.app import create_app
from jobs.settings import Access, Settings
from tests.support.serving import assert_problem, served

MACHINE = socket.gethostname()


def ask(settings: Settings, url: str, method: str = "GET", **request: Any) -> httpx.Response:
    """The answer to a request that reached this machine at the address of the URL."""

    async def send() -> httpx.Response:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(create_app(settings))) as client:
            return await client.request(method, url, **request)

    return asyncio.run(send())


@pytest.mark.parametrize(
    "host",
    [
        "localhost",
        "LOCALHOST:8000",
        "127.0.0.1:8000",
        "127.8.8.8",
        "[::1]:8000",
        "192.168.1.5:8000",
        "[2001:db8::1]",
        MACHINE,
        f"{MACHINE}:8000",
        "lab.example.org",
        "Other.Example.Org:443",
    ],
)
def test_this_machine_is_called_by_its_names_and_addresses(settings: Settings, host: str) -> None:
    named = settings.model_copy(update={"allowed_hosts": "lab.example.org, other.example.org"})
    assert ask(named, "http://127.0.0.1:8000/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.example.com",
        "evil.example.com:8000",
        "localhost.evil.example.com",
        "127.0.0.1.nip.io",
        "[::1",
        "a b",
        "127.0.0.1/docs?",
        "evil@localhost",
        "::1",
    ],
)
def test_a_foreign_host_name_is_refused(settings: Settings, host: str) -> None:
    answer = ask(settings, "http://127.0.0.1:8000/healthz", headers={"host": host})
    assert "BNLAB_ALLOWED_HOSTS" in str(assert_problem(answer, 421, "unknown_host")["detail"])


ORIGINS = [
    ("POST", None, None),
    ("POST", "http://127.0.0.1:8000", None),
    ("POST", "http://127.0.0.1:9000", "foreign_origin"),
    ("POST", "http://localhost:8000", "foreign_origin"),
    ("POST", "https://evil.example.com", "foreign_origin"),
    ("POST", "null", "foreign_origin"),
    ("POST", "http://[", "foreign_origin"),
    ("POST", "", "foreign_origin"),
    ("DELETE", "https://evil.example.com", "foreign_origin"),
    ("GET", "https://evil.example.com", None),
]


@pytest.mark.parametrize(("method", "origin", "refused"), ORIGINS)
def test_only_pages_of_this_server_may_write(
    client: httpx.Client, method: str, origin: str | None, refused: str | None
) -> None:
    here = f"{client.base_url.host}:{client.base_url.port}"
    headers = {} if origin is None else {"origin": origin.replace("127.0.0.1:8000", here)}
    answer = client.request(method, "/jobs", headers=headers)
    if refused:
        assert_problem(answer, 403, refused)
    else:
        assert answer.status_code != 403


def test_no_other_page_is_told_that_it_may_read(client: httpx.Client) -> None:
    asked = {"origin": "https://evil.example.com", "access-control-request-method": "POST"}
    for answer in (client.get("/jobs", headers=asked), client.options("/jobs", headers=asked)):
        assert not [name for name in answer.headers if name.startswith("access-control-")]


NEEDED: list[tuple[Access, str, str | None, bool]] = [
    ("auto", "127.0.0.1", None, False),
    ("auto", "127.0.0.1", "127.0.0.1", False),
    ("auto", "localhost", "127.0.0.1", False),
    ("auto", "::1", "::1", False),
    ("auto", "127.0.0.1", "192.168.1.5", True),  # uvicorn was told otherwise than the settings
    ("auto", "0.0.0.0", "127.0.0.1", True),
    ("auto", "::", None, True),
    ("auto", "192.168.1.5", "192.168.1.5", True),
    ("auto", "lab.example.org", None, True),
    ("open", "0.0.0.0", "192.168.1.5", False),
    ("token", "127.0.0.1", "127.0.0.1", True),
]


@pytest.mark.parametrize(("access", "host", "server", "needed"), NEEDED)
def test_a_token_is_needed_beyond_loopback(access: Access, host: str, server: str | None, needed: bool) -> None:
    assert token_needed(Settings(access=access, host=host), server) is needed


@pytest.mark.parametrize(
    ("header", "status"),
    [
        (None, 401),
        ("Bearer", 401),
        ("Bearer wrong", 401),
        ("Basic correct-horse", 401),
        ("correct-horse", 401),
        ("Bearer correct-horse-battery", 401),
        ("Bearer körrekt", 401),
        ("Bearer correct-horse", 200),
        ("bearer correct-horse", 200),
    ],
)
def test_the_token_must_be_shown(settings: Settings, header: str | None, status: int) -> None:
    closed = settings.model_copy(update={"access": "token", "token": SecretStr("correct-horse")})
    headers = [] if header is None else [(b"authorization", header.encode())]
    with served(create_app(closed)) as client:
        answer = client.get("/jobs", headers=headers)
    if status == 401:
        assert_problem(answer, 401, "token_required")
        assert answer.headers["www-authenticate"] == 'Bearer realm="bnlab"'
    assert answer.status_code == status


def test_a_connection_from_beyond_loopback_needs_the_token_whatever_the_settings_say(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert_problem(ask(settings, "http://192.168.1.5:8000/jobs"), 401, "token_required")
    token = (settings.data / "token").read_text()
    assert token in capsys.readouterr().out


SIGNS = [
    {"Forwarded": "for=192.168.1.5"},
    {"X-Forwarded-For": "192.168.1.5"},
    {"X-Forwarded-Proto": "https"},
    {"X-Forwarded-Prefix": ""},
    {"x-real-ip": "127.0.0.1"},
    {"Via": "1.1 lab"},
]


def test_what_a_proxy_passes_on_to_an_open_loopback_server_needs_the_token(settings: Settings) -> None:
    with served(create_app(settings)) as client:
        assert client.get("/jobs").status_code == 200
        for sign in SIGNS:
            assert client.get("/healthz", headers=sign).status_code == 200
            for method, path in (("GET", "/jobs"), ("POST", "/jobs"), ("GET", "/stream?jobs=1"), ("DELETE", "/jobs/1")):
                assert_problem(client.request(method, path, headers=sign), 401, "token_required")
            shown = {"Authorization": f"Bearer {(settings.data / 'token').read_text()}"}
            assert client.get("/jobs", headers=sign | shown).status_code == 200


def test_a_server_that_was_opened_is_open_through_a_proxy_too(settings: Settings) -> None:
    opened = settings.model_copy(update={"access": "open"})
    with served(create_app(opened)) as client:
        assert client.get("/jobs", headers={"X-Forwarded-For": "192.168.1.5"}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/healthz", "/docs", "/openapi.json"])
def test_what_shows_nothing_of_this_server_needs_no_token(settings: Settings, path: str) -> None:
    closed = settings.model_copy(update={"access": "token"})
    assert ask(closed, f"http://127.0.0.1:8000{path}").status_code in (200, 307)


@pytest.mark.parametrize(
    "path", ["/jobs", "/jobs/1", "/datasets", "/architectures", "/workers", "/metrics", "/readyz", "/nowhere", "//docs"]
)
def test_everything_else_needs_it(settings: Settings, path: str) -> None:
    closed = settings.model_copy(update={"access": "token"})
    assert_problem(ask(closed, f"http://127.0.0.1:8000{path}"), 401, "token_required")


def test_a_host_that_looks_like_an_open_path_opens_nothing(settings: Settings) -> None:
    closed = settings.model_copy(update={"access": "token", "token": SecretStr("correct-horse"), "host": "0.0.0.0"})
    for host in ("127.0.0.1/docs?", "127.0.0.1/docs#", "127.0.0.1\\docs"):
        assert ask(closed, "http://127.0.0.1:8000/jobs", headers={"host": host}).status_code in (401, 421)


def test_every_request_has_a_name_of_its_own(settings: Settings) -> None:
    first, second = (ask(settings, "http://127.0.0.1:8000/healthz") for _ in range(2))
    assert first.headers["x-request-id"] != second.headers["x-request-id"]
