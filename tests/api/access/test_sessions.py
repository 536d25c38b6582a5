"""Signing in: a code becomes a cookie, which opens what the token opens, and nothing that looks like it does."""

import logging
from collections.abc import Iterator
from http.cookies import SimpleCookie

import httpx
import pytest
from pydantic import SecretStr
from sqlalchemy import update
from starlette.requests import Request

from api.access.gate import TRIES
from api.access.sessions import LIFETIME, cookie_name, is_session, new_session
from api.app import create_app
from jobs.errors import DataFolderUnusable
from jobs.settings import Settings
from jobs.storage import tables
from jobs.storage.database import Database
from tests.support.serving import assert_problem, served

TOKEN = {"Authorization": "Bearer correct-horse"}
NOW = 1.8e9


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"access": "token", "token": SecretStr("correct-horse")})


def code_of(client: httpx.Client) -> str:
    """A new code."""
    answer = client.post("/session/codes", headers=TOKEN)
    assert (answer.status_code, answer.json()["expires_seconds"]) == (201, 600)
    return str(answer.json()["code"])


@pytest.fixture
def signed_in(client: httpx.Client) -> Iterator[httpx.Client]:
    """A browser that has signed in."""
    with httpx.Client(base_url=client.base_url, trust_env=False) as browser:
        assert browser.post("/session", json={"code": code_of(client)}).status_code == 204
        yield browser


def asked(host: str, scheme: str = "http") -> Request:
    """A request of that host."""
    return Request({"type": "http", "scheme": scheme, "path": "/", "headers": [(b"host", host.encode())]})


def test_a_code_signs_in_and_the_cookie_opens_what_the_token_opens(
    client: httpx.Client, signed_in: httpx.Client
) -> None:
    assert_problem(client.get("/jobs"), 401, "token_required")
    assert signed_in.get("/jobs").json()["jobs"] == []
    job = signed_in.post("/jobs", json={}, headers={"Origin": str(signed_in.base_url), "Sec-Fetch-Site": "same-origin"})
    assert job.status_code == 202
    with signed_in.stream("GET", f"/stream?jobs={job.json()['id']}") as events:
        assert events.status_code == 200
        assert next(events.iter_lines())


def test_the_cookie_is_for_this_port_and_out_of_reach_of_scripts_and_other_sites(client: httpx.Client) -> None:
    answer = client.post("/session", json={"code": code_of(client)})
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert cookie.key == f"bnlab-{client.base_url.port}"
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "lax", "")
    assert (cookie["max-age"], cookie["path"]) == (str(LIFETIME), "")
    assert "correct-horse" not in answer.headers["set-cookie"]


def test_the_cookie_of_a_connection_that_is_encrypted_goes_over_no_other(client: httpx.Client) -> None:
    passed_on = {"X-Forwarded-Proto": "https", "Host": "127.0.0.1"}  # as a proxy with TLS says it
    answer = client.post("/session", json={"code": code_of(client)}, headers=passed_on)
    (cookie,) = SimpleCookie(answer.headers["set-cookie"]).values()
    assert (cookie.key, cookie["secure"]) == ("bnlab-443", True)


@pytest.mark.parametrize(
    ("host", "scheme", "name"),
    [
        ("localhost:8000", "http", "bnlab-8000"),
        ("[::1]:8200", "http", "bnlab-8200"),
        ("lab.example.org", "http", "bnlab-80"),
        ("lab.example.org", "https", "bnlab-443"),
        ("localhost:many", "http", "bnlab-80"),
        ("localhost:99999", "http", "bnlab-80"),
    ],
)
def test_the_cookie_has_the_port_that_the_browser_asked(host: str, scheme: str, name: str) -> None:
    assert cookie_name(asked(host, scheme)) == name


def test_a_code_that_was_used_or_never_was_one_signs_nobody_in(client: httpx.Client) -> None:
    code = code_of(client)
    assert client.post("/session", json={"code": code}).status_code == 204
    client.cookies.clear()
    for wrong in (code, code[:-1], ""):
        answer = client.post("/session", json={"code": wrong})
        assert "run 'bnlab open' for another" in str(assert_problem(answer, 403, "code_spent")["detail"])
        assert "set-cookie" not in answer.headers
    assert_problem(client.get("/jobs"), 401, "token_required")


def test_a_code_that_is_too_old_signs_nobody_in(client: httpx.Client, database: Database) -> None:
    code = code_of(client)
    with database.write() as connection:
        connection.execute(update(tables.codes).values(expires=tables.codes.c.expires - 600))
    assert_problem(client.post("/session", json={"code": code}), 403, "code_spent")


@pytest.mark.parametrize("body", ["", "{}", "[]", '"code"', '{"code": 5}', '{"code": null}', '{"code": "a", "b": 1}'])
def test_a_body_without_a_code_is_refused(client: httpx.Client, body: str) -> None:
    answer = client.post("/session", content=body, headers={"Content-Type": "application/json"})
    assert_problem(answer, 422, "invalid_spec")


def test_codes_are_tried_slowly(client: httpx.Client) -> None:
    refused = next(
        answer for _ in range(100 * TRIES) if (answer := client.post("/session", json={"code": ""})).status_code != 403
    )
    assert_problem(refused, 429, "too_many_requests")
    assert refused.headers["retry-after"] == "1"


def test_only_who_shows_the_token_itself_gets_a_code(client: httpx.Client, signed_in: httpx.Client) -> None:
    assert_problem(client.post("/session/codes"), 401, "token_required")
    assert_problem(signed_in.post("/session/codes"), 401, "token_required")


def test_signing_out_takes_the_cookie_back(signed_in: httpx.Client) -> None:
    assert len(signed_in.cookies) == 1
    assert signed_in.delete("/session").status_code == 204
    assert len(signed_in.cookies) == 0
    assert_problem(signed_in.get("/jobs"), 401, "token_required")


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"Sec-Fetch-Site": "cross-site"}, 403),
        ({"Sec-Fetch-Site": "same-site"}, 403),
        ({"Sec-Fetch-Site": "same-origin"}, 202),
        ({"Sec-Fetch-Site": "none"}, 202),
        ({"Origin": "http://evil.example.com"}, 403),
        ({"Origin": "null"}, 403),
        ({"Sec-Fetch-Site": "same-site", "Authorization": "Basic YTpi"}, 403),  # of an address with a name in it
        ({"Sec-Fetch-Site": "cross-site", **TOKEN}, 202),
    ],
)
def test_no_page_of_another_site_writes_with_the_cookie(
    signed_in: httpx.Client, headers: dict[str, str], status: int
) -> None:
    answer = signed_in.post("/jobs", json={}, headers=headers)
    assert answer.status_code == status
    if status == 403:
        assert_problem(answer, 403, "foreign_origin")
        assert_problem(signed_in.post("/session", json={"code": ""}, headers=headers), 403, "foreign_origin")


def test_what_looks_like_a_session_is_none(client: httpx.Client, signed_in: httpx.Client) -> None:
    ((name, good),) = signed_in.cookies.items()
    issued, nonce, signature = good.split(".")
    forged = [
        "",
        "x",
        "..",
        f"{issued}.{nonce}",
        good[:-1],
        f"{good}0",
        f"{int(issued) + 1}.{nonce}.{signature}",
        f"{issued}.{nonce}x.{signature}",
        f"{issued}.{nonce}.{'0' * 64}",
        f"{issued}.{nonce}.ü",
        f".{signature}",
        "9" * 4000,
    ]
    for value in forged:
        shown = client.get("/jobs", headers=[(b"cookie", f"{name}={value}".encode())])
        assert_problem(shown, 401, "token_required")
    assert_problem(client.get("/jobs", headers={"Cookie": f"bnlab-1={good}"}), 401, "token_required")
    assert_problem(client.get("/jobs", headers={"Cookie": f"{name}{good}; =; ;{name}"}), 401, "token_required")
    several = f"other=1; {name}=of.another.path; {name}={good}"
    assert client.get("/jobs", headers={"Cookie": several}).status_code == 200


def test_a_session_ends_with_its_time_its_token_and_its_secret(settings: Settings) -> None:
    settings.data.mkdir(exist_ok=True)
    session = new_session(settings, NOW)
    assert is_session(settings, session, NOW)
    assert is_session(settings, session, NOW + LIFETIME - 1)
    assert is_session(settings, session, NOW - 3600)  # a clock was set back
    assert not is_session(settings, session, NOW + LIFETIME)
    assert not is_session(settings.model_copy(update={"token": SecretStr("another")}), session, NOW)
    (settings.data / "secret").unlink()
    assert not is_session(settings, session, NOW)
    new_session(settings, NOW)
    assert not is_session(settings, session, NOW)


def test_a_session_of_another_server_with_the_same_token_is_none(settings: Settings) -> None:
    other = settings.model_copy(update={"data": settings.data / "other"})
    other.data.mkdir()
    session = new_session(other, NOW)
    assert is_session(other, session, NOW)
    assert not is_session(settings, session, NOW)
    new_session(settings, NOW)
    assert not is_session(settings, session, NOW)


def test_the_secret_is_made_once_and_only_its_owner_can_read_it(settings: Settings) -> None:
    sessions = [new_session(settings, NOW) for _ in range(2)]
    assert len(set(sessions)) == 2
    assert all(is_session(settings, each, NOW) for each in sessions)
    secret = settings.data / "secret"
    assert (len(secret.read_text()), secret.stat().st_mode & 0o777) == (43, 0o600)


@pytest.mark.parametrize("content", [b"", b"\n", b"short", b"\xff" * 8])
def test_a_secret_that_anybody_could_guess_signs_nothing(settings: Settings, content: bytes) -> None:
    session = new_session(settings, NOW)
    (settings.data / "secret").write_bytes(content)
    assert not is_session(settings, session, NOW)
    with pytest.raises(DataFolderUnusable, match="delete it, and another one is made"):
        new_session(settings, NOW)


def test_a_folder_that_takes_no_secret_is_named(settings: Settings) -> None:
    nowhere = settings.model_copy(update={"data": settings.data / "nowhere"})
    assert not is_session(nowhere, "", NOW)
    with pytest.raises(DataFolderUnusable, match=r"cannot keep a secret in the data folder '.*nowhere': No such file"):
        new_session(nowhere, NOW)


def test_where_the_secret_cannot_be_kept_the_code_stays_good(client: httpx.Client, settings: Settings) -> None:
    code, secret = code_of(client), settings.data / "secret"
    secret.touch()
    assert_problem(client.post("/session", json={"code": code}), 503, "data_folder_unusable")
    secret.unlink()
    assert client.post("/session", json={"code": code}).status_code == 204


def test_where_no_token_is_needed_there_is_no_code_and_no_cookie(settings: Settings) -> None:
    opened = settings.model_copy(update={"access": "open"})
    with served(create_app(opened)) as client:
        assert client.post("/session/codes").json() == {"code": None, "expires_seconds": None}
        answer = client.post("/session", json={"code": "of an earlier link"})
        assert (answer.status_code, answer.headers.get("set-cookie")) == (204, None)
        assert not (opened.data / "secret").exists()


def test_no_log_and_no_answer_has_a_code_or_a_session(
    settings: Settings, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.WARNING, "httpcore")  # of the client, which logs the headers that it is sent
    caplog.set_level(logging.DEBUG)
    with served(create_app(settings.model_copy(update={"log": "json"}))) as client:
        code = code_of(client)
        answers = [client.post("/session", json={"code": code}) for _ in range(2)]
        answers.append(client.get("/jobs"))
        (session,) = client.cookies.values()
        logged = caplog.text + "".join(str(vars(record)) for record in caplog.records) + "".join(capfd.readouterr())
    assert "/session" in logged
    for secret in (code, session, (settings.data / "secret").read_text()):
        assert secret not in logged
        assert [answer.text for answer in answers if secret in answer.text] == []
