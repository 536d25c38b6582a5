"""Sessions of browsers that have signed in: a signed cookie, of which the server keeps nothing.

A browser cannot send a header with an event stream, nor with a link that is followed. So it has, in place of the token,
a cookie that a secret of the server has signed together with the token: where either changes, every session has ended.
"""

import hashlib
import hmac
import secrets
import time
from urllib.parse import urlsplit

from starlette.requests import Request
from starlette.responses import Response

from api.access.token import make, the_token
from jobs.errors import DataFolderUnusable
from jobs.settings import Settings

LIFETIME = 30 * 24 * 3600  # seconds
PORTS = {"http": 80, "https": 443}
SHORTEST = 32  # characters of a secret; of a file that somebody emptied, everybody would know what it signs


def give(session: str, request: Request, response: Response, lifetime: int = LIFETIME) -> None:
    """Let whoever asked keep a session.

    The cookie has no path: a browser takes the folder of what it asked for, which is right behind any proxy's prefix.
    """
    response.set_cookie(
        cookie_name(request),
        session,
        max_age=lifetime,
        path=None,
        secure=request.url.scheme == "https",
        httponly=True,
        samesite="lax",  # strict: whoever follows a link from elsewhere would seem not to be signed in
    )


def take_back(request: Request, response: Response) -> None:
    """Let whoever asked forget their session."""
    give("", request, response, lifetime=0)


def is_signed_in(settings: Settings, request: Request) -> bool:
    """Whether a request has the cookie of a session that goes on."""
    name = cookie_name(request)
    pairs = (part.partition("=") for header in request.headers.getlist("cookie") for part in header.split(";"))
    # Of servers under different paths of one proxy a browser may send several of one name.
    return any(is_session(settings, value.strip(), time.time()) for key, _, value in pairs if key.strip() == name)


def cookie_name(request: Request) -> str:
    """What the cookie is called: browsers share cookies among all ports of a host, and servers must not."""
    try:
        port = urlsplit(f"//{request.headers.get('host', '')}").port
    except ValueError:
        port = None
    return f"bnlab-{port or PORTS.get(request.url.scheme, 80)}"


def new_session(settings: Settings, now: float) -> str:
    """The value of a cookie: when it was made, something that no other has, and what signs both.

    Raises DataFolderUnusable where there is no secret and none can be kept.
    """
    path = settings.data / "secret"
    try:
        if not path.exists():
            make(path)
    except OSError as error:
        raise DataFolderUnusable(
            f"cannot keep a secret in the data folder '{path.parent}': {error.strerror}"
        ) from error
    said = f"{int(now)}.{secrets.token_urlsafe(16)}"
    signature = _signature(settings, said)
    if not signature:
        raise DataFolderUnusable(f"the file '{path}' has no secret in it: delete it, and another one is made")
    return f"{said}.{signature}"


def is_session(settings: Settings, value: str, now: float) -> bool:
    """Whether a cookie's value is one that this server has made, for its token as it is, and not too long ago."""
    said, _, shown = value.rpartition(".")
    signature = _signature(settings, said)
    if not signature or not hmac.compare_digest(shown.encode(), signature.encode()):
        return False
    return now - int(said.partition(".")[0]) < LIFETIME


def _signature(settings: Settings, said: str) -> str:
    """What signs that, together with the token; nothing where there is no secret, as before anybody has signed in."""
    try:
        secret = (settings.data / "secret").read_bytes().strip()
    except FileNotFoundError:
        return ""
    if len(secret) < SHORTEST:
        return ""
    token = hashlib.sha256(the_token(settings).encode()).hexdigest()
    return hmac.new(secret, f"{said}.{token}".encode(), "sha256").hexdigest()
