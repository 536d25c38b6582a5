"""Who may call: the rules that every request passes before a route sees it.

Each rule is a function of the request that raises HTTPException; it knows no route but the few that are open.
"""

import secrets
import socket
from collections.abc import Callable
from hmac import compare_digest
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.access.bodies import Allowed, allowed, limited, refuse_kind, refuse_length
from api.access.limit import Limit
from api.access.sessions import is_signed_in
from api.access.token import the_token
from api.errors import answer
from jobs.settings import Settings

SWAGGER = "/swagger"  # where the documentation's script and style are
SESSION = "/session"  # where a browser signs in, and out
CODES = f"{SESSION}/codes"
WITHOUT_TOKEN = frozenset(
    {"/", "/ui", SESSION, "/healthz", "/docs", "/openapi.json"}
    | {f"{SWAGGER}/{name}" for name in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon-32x32.png")}
)
"""Paths that show nothing of this server but its version; a browser cannot send a token to the first page it opens."""

SHELLS = ("/ui/", "/assets/")  # of the pages: they show nothing either, and get what they show from the other routes

TRIES = 10  # codes a second, of all callers together: none is guessed by that, and the database has other work

READS = frozenset({"GET", "HEAD", "OPTIONS"})
OF_OTHERS = frozenset({"cross-site", "same-site"})  # of the pages of which a browser says that they ask
SIGNS_OF_A_PROXY = frozenset({"forwarded", "x-real-ip", "via"})  # and whatever begins with x-forwarded-

Rule = Callable[[Request], None]


class Gate:
    """ASGI middleware: names each request, refuses what breaks a rule, and cuts a body off that is too long.

    Whatever is not HTTP is refused altogether: no rule is made for it.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.settings = settings
        self.rules = rules(settings)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on, or answer it with the problem of the first rule that it breaks."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        if scope["type"] != "http":
            raise ValueError(f"this serves HTTP alone, not '{scope['type']}'")
        request = Request(scope, receive)
        request.state.request_id = secrets.token_hex(8)

        async def send_named(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("X-Request-ID", request.state.request_id)
            await send(message)

        try:
            for rule in self.rules:
                rule(request)
        except HTTPException as refusal:
            response = await answer(request, refusal)
            await response(scope, receive, send_named)
        else:
            await self.app(scope, limited(receive, _body(self.settings, request)), send_named)


def rules(settings: Settings) -> tuple[Rule, ...]:
    """What is asked of every request, in this order."""
    access = (_known_host(settings), _token_shown(settings), _same_origin, _few_tries(settings))
    return (*access, _text_path, _right_body(settings))


def token_needed(settings: Settings, server: str | None = None, *, by_proxy: bool = False) -> bool:
    """Whether callers must show a token, on a connection that came in at the address `server` of this machine.

    What a proxy on this machine passes on comes in on loopback, whoever asked the proxy.

    >>> token_needed(Settings()), token_needed(Settings(host="0.0.0.0")), token_needed(Settings(), "192.168.1.5")
    (False, True, True)
    """
    if settings.access != "auto":
        return settings.access == "token"
    if by_proxy:
        return True
    # Whatever the settings say of `host`, it is uvicorn that was told where to listen.
    return not (_is_loopback(settings.host) and (server is None or _is_loopback(server)))


def _known_host(settings: Settings) -> Rule:
    """Against DNS rebinding: a page whose name was pointed at this machine still sends its own name as Host."""
    extra = {name.strip().lower() for name in settings.allowed_hosts.split(",")} - {""}
    known = extra | {"localhost", socket.gethostname().lower(), settings.host.lower()}

    def rule(request: Request) -> None:
        host = _host_name(request.headers.get("host", ""))
        if host not in known and not _is_address(host):
            raise HTTPException(
                HTTPStatus.MISDIRECTED_REQUEST,
                f"this server is not known as '{host}': call it by its address, or add the name to BNLAB_ALLOWED_HOSTS",
            )

    return rule


def needs_token(settings: Settings, request: Request) -> bool:
    """Whether whoever asks this must show a token, or be signed in, unless what they ask for is open to all."""
    server = request.scope.get("server")
    return token_needed(settings, server and server[0], by_proxy=_is_by_proxy(request))


def _token_shown(settings: Settings) -> Rule:
    def rule(request: Request) -> None:
        path = _path(request)
        if path in WITHOUT_TOKEN or path.startswith(SHELLS) or not needs_token(settings, request):
            return
        scheme, _, shown = request.headers.get("authorization", "").partition(" ")
        expected = the_token(settings)  # made, and printed, where nobody has needed it before
        if scheme.lower() == "bearer" and compare_digest(shown.strip().encode(), expected.encode()):
            return
        if path != CODES and is_signed_in(settings, request):  # no session makes another one
            return
        raise HTTPException(
            HTTPStatus.UNAUTHORIZED,
            "this needs the server's token, as the header 'Authorization: Bearer TOKEN'; "
            "it is in BNLAB_TOKEN there, or in the file 'token' of its data folder; "
            "a browser signs in with a code that 'bnlab open' gives",
            {"WWW-Authenticate": 'Bearer realm="bnlab"'},
        )

    return rule


def _few_tries(settings: Settings) -> Rule:
    limit = Limit(TRIES, 1.0)

    def rule(request: Request) -> None:
        tries = request.method == "POST" and _path(request) == SESSION and needs_token(settings, request)
        if tries and not limit.allows():
            told = f"more than {TRIES} codes a second are tried here; try again in a moment"
            raise HTTPException(HTTPStatus.TOO_MANY_REQUESTS, told, {"Retry-After": "1"})

    return rule


def _path(request: Request) -> str:
    """The path as routes have it, without what a proxy has put in front."""
    path: str = request.scope["path"]
    return path.removeprefix(request.scope.get("root_path", ""))


def _is_by_proxy(request: Request) -> bool:
    """Whether a proxy says that it has passed the request on. Not every proxy does: see docs/running/access.md."""
    return any(name in SIGNS_OF_A_PROXY or name.startswith("x-forwarded-") for name in request.headers)


def _same_origin(request: Request) -> None:
    """A browser names the page that a write comes from; other clients name none."""
    if request.method in READS:
        return
    by_token = request.headers.get("authorization", "").lower().startswith("bearer ")  # no page sends it unasked
    if not by_token and request.headers.get("sec-fetch-site") in OF_OTHERS:
        raise HTTPException(HTTPStatus.FORBIDDEN, "a page of another server may not change anything here")
    origin = request.headers.get("origin")
    if origin is None:
        return
    try:
        place = urlsplit(origin).netloc.lower()
    except ValueError:
        place = ""
    if place != request.headers.get("host", "").lower():
        raise HTTPException(HTTPStatus.FORBIDDEN, f"a page of '{origin}' may not change anything here")


def _text_path(request: Request) -> None:
    """No name has a null character: PostgreSQL takes none in a text, nor does the file system."""
    if "\0" in request.scope["path"]:
        raise HTTPException(HTTPStatus.NOT_FOUND)


def _right_body(settings: Settings) -> Rule:
    def rule(request: Request) -> None:
        body = _body(settings, request)
        refuse_kind(request, body)
        refuse_length(request, body)

    return rule


def _body(settings: Settings, request: Request) -> Allowed:
    return allowed(request.method, _path(request), settings.max_upload)


def _host_name(header: str) -> str:
    """The name or address in a Host header, without its port; empty where it is not a host and a port alone."""
    try:
        url = urlsplit(f"//{header}")
    except ValueError:
        return ""
    return (url.hostname or "") if url.netloc == header and "@" not in header else ""


def _is_address(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True


def _is_loopback(host: str) -> bool:
    return host == "localhost" or (_is_address(host) and ip_address(host).is_loopback)
