"""The scripts and styles of the pages, under a path that has a digest of all of them: a browser keeps them for good."""

import re
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from pathlib import Path
from types import MappingProxyType

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from api.pages.policy import ASSET

FOLDER = Path(__file__).with_name("static")
COMMENT = re.compile(
    rb"^[ \t]*/\*.*?\*/\n"  # that begins a line and ends one
    rb"|^[ \t]*// [^\n]*\n|[ \t]+// [^\"`\n]*$",  # to the end of a line, which no text is
    re.MULTILINE | re.DOTALL,
)
IMPORT = re.compile(r'^(?:import|export)\b[^;]*?\bfrom "([^"]+)"', re.MULTILINE)
MEDIA = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@cache
def assets() -> Mapping[str, bytes]:
    """The bytes of each asset by its path, without the comments, which are a fifth of them; read once."""
    paths = sorted(path for path in FOLDER.rglob("*") if path.suffix in MEDIA)
    return MappingProxyType(
        {path.relative_to(FOLDER).as_posix(): COMMENT.sub(b"", path.read_bytes()) for path in paths}
    )


@cache
def digest() -> str:
    """Of the paths and bytes of all assets."""
    told = sha256()
    for path, content in assets().items():
        told.update(f"{path}\0{len(content)}\0".encode() + content)
    return told.hexdigest()[:16]


@cache
def modules(page: str) -> tuple[str, ...]:
    """The script of a page and all that it imports, so that a browser asks for them at once and not one by one."""
    found: dict[str, None] = {}
    waiting = [f"pages/{page}.js"]
    while waiting:
        path = waiting.pop()
        if path not in found:
            found[path] = None
            waiting += imported(path)
    return tuple(found)


def imported(path: str) -> tuple[str, ...]:
    """What the module at `path` imports, as paths of assets."""
    folder = Path(path).parent
    return tuple(_joined(folder, name) for name in IMPORT.findall(assets()[path].decode()))


async def asset(request: Request) -> Response:
    """One of them; 404 under another digest, so that what is kept for good is what the digest is of."""
    content = assets().get(request.path_params["path"])
    if content is None or request.path_params["digest"] != digest():
        raise HTTPException(404)
    return Response(content, media_type=MEDIA[Path(request.path_params["path"]).suffix], headers=ASSET)


def _joined(folder: Path, name: str) -> str:
    """A relative module name, from the folder of who imports it.

    >>> _joined(Path("pages"), "../lib/dom.js"), _joined(Path("lib"), "./dom.js")
    ('lib/dom.js', 'lib/dom.js')
    """
    parts: list[str] = list(folder.parts)
    for part in name.split("/"):
        if part == "..":
            parts.pop()
        elif part != ".":
            parts.append(part)
    return "/".join(parts)
