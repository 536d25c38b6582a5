"""HTTP to one server: what its refusals and its silence become, and when a request is sent again."""

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from ipaddress import ip_address
from types import MappingProxyType
from typing import Any

import httpx

from bnlab.errors import ApiError, CannotRun, Unreachable
from bnlab.sdk.requests import plain

TIMEOUT = httpx.Timeout(30.0, connect=5.0)  # seconds; for the next piece of an answer, not for the whole
JUDGED = 1200.0  # seconds; twice as long as a server has a file judged, for another one may be before it
REQUEST_ID = "X-Request-ID"  # what every answer of a bnlab server has
PROBLEM = frozenset({"code", "detail", "errors"})  # what we read of a problem document
RETRY_AFTER = (0.1, 0.3, 0.9)  # seconds before a GET is sent again whose connection failed


class Connection:
    """A server at an address. Everything raises ApiError and Unreachable; a parameter that is None is not sent."""

    def __init__(self, url: str, token: str) -> None:
        self.url = url.rstrip("/")
        if not (token.isascii() and token.isprintable()):
            raise CannotRun("the token has characters that no header can carry: see BNLAB_TOKEN")
        self._http = httpx.Client(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=TIMEOUT,
            trust_env=not _is_loopback(_host(url)),  # no proxy stands between a machine and itself
        )

    def get(self, path: str, parameters: Mapping[str, Any]) -> dict[str, Any]:
        """The JSON at a path; asked for again, a few times, where the connection fails."""
        for pause in (*RETRY_AFTER, None):
            try:
                return self._json("GET", path, params=_given(parameters))
            except Unreachable as error:
                if pause is None or isinstance(error.__cause__, httpx.TimeoutException):
                    raise
                time.sleep(pause)
        raise AssertionError("the last pause is None")

    def post(
        self,
        path: str,
        body: str | bytes | None = None,
        parameters: Mapping[str, Any] = MappingProxyType({}),
        kind: str = "application/json",
    ) -> dict[str, Any]:
        """The JSON that answers a JSON text, or bytes of another kind.

        It is sent once: what became of it is unknown where nothing answers.
        """
        headers = {} if body is None else {"Content-Type": kind}
        return self._json("POST", path, content=body, headers=headers, params=_given(parameters))

    def patch(self, path: str, body: str | bytes) -> dict[str, Any]:
        """The JSON that answers a JSON merge patch. It is sent once."""
        return self._json("PATCH", path, content=body, headers={"Content-Type": "application/merge-patch+json"})

    def put(
        self, path: str, pieces: Iterable[bytes], parameters: Mapping[str, Any], headers: Mapping[str, str]
    ) -> dict[str, Any]:
        """The JSON that answers a file, which is sent a piece at a time, once; the server may take minutes to judge it.

        headers: what the file is, its length among it.
        """
        judged = httpx.Timeout(**(TIMEOUT.as_dict() | {"read": JUDGED}))
        return self._json("PUT", path, content=pieces, params=_given(parameters), headers=headers, timeout=judged)

    def delete(self, path: str) -> None:
        """Delete what is at a path. It is sent once."""
        with _unreachable_errors(self.url):
            response = self._http.request("DELETE", path)
        if response.status_code != HTTPStatus.NO_CONTENT:
            _check(response, "nothing")

    def pieces(self, path: str, parameters: Mapping[str, Any], media_type: str) -> Iterator[bytes]:
        """The file at a path, a piece at a time."""
        with self.file(path, parameters, media_type) as (_, pieces):
            yield from pieces

    @contextmanager
    def file(
        self, path: str, parameters: Mapping[str, Any], media_type: str
    ) -> Iterator[tuple[Mapping[str, str], Iterator[bytes]]]:
        """The headers of the file at a path, and its pieces."""
        with (
            _unreachable_errors(self.url),
            self._http.stream("GET", path, params=_given(parameters)) as response,
        ):
            _check(response, media_type)
            yield response.headers, response.iter_bytes()

    def lines(self, path: str, parameters: Mapping[str, Any], media_type: str, last_event_id: str) -> Iterator[str]:
        """The lines of a stream as they come; `last_event_id`, unless it is empty: after which event."""
        headers = {"Last-Event-ID": last_event_id} if last_event_id else {}
        with (
            _unreachable_errors(self.url),
            self._http.stream("GET", path, params=_given(parameters), headers=headers) as response,
        ):
            _check(response, media_type)
            yield from response.iter_lines()

    def close(self) -> None:
        """Close the sockets."""
        self._http.close()

    def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        with _unreachable_errors(self.url):
            response = self._http.request(method, path, **request)
        _check(response, "application/json")
        return _object(response)


def _given(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return {name: plain(value, name) for name, value in parameters.items() if value is not None}


def _host(url: str) -> str:
    try:
        parsed = httpx.URL(url)
    except (httpx.InvalidURL, UnicodeError):
        parsed = httpx.URL()
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise Unreachable(
            f"'{url}' is not a server's address; BNLAB_URL, or --url, should be one such as http://127.0.0.1:8000"
        )
    return parsed.host


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


@contextmanager
def _unreachable_errors(url: str) -> Iterator[None]:
    try:
        yield
    except httpx.TimeoutException as error:
        raise Unreachable(f"{url} takes too long to answer") from error
    except (httpx.RequestError, httpx.InvalidURL, UnicodeError) as error:  # the latter: a name that none can be
        raise Unreachable(
            f"nothing answers at {url}: start it with 'bnlab up', or set BNLAB_URL, or give --url"
        ) from error


def _check(response: httpx.Response, media_type: str) -> None:
    """Raise ApiError unless the answer is a success of that type."""
    if response.is_success and _type_of(response) == media_type and REQUEST_ID in response.headers:
        return
    response.read()
    if _type_of(response) == "application/problem+json" and (problem := _object(response)).keys() >= PROBLEM:
        request_id, parts = response.headers.get(REQUEST_ID, ""), problem.get("parts") or {}
        raise ApiError(response.status_code, problem["code"], problem["detail"], problem["errors"], request_id, parts)
    raise _not_bnlab(response)


def _object(response: httpx.Response) -> dict[str, Any]:
    try:
        found = response.json()
    except ValueError:  # of a text that is no JSON, and of bytes that are no text
        raise _not_bnlab(response) from None
    if not isinstance(found, dict):
        raise _not_bnlab(response)
    return found


def _not_bnlab(response: httpx.Response) -> ApiError:
    status, said = response.status_code, _type_of(response)
    detail = f"{response.url} answers {status} with {said}, as no bnlab server does; is it another's?"
    return ApiError(status, "not_bnlab", detail)


def _type_of(response: httpx.Response) -> str:
    return str(response.headers.get("content-type", "nothing")).partition(";")[0]
