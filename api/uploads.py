"""Takes a dataset's file in: as it comes, in pieces that are written and hashed aside, and then has it judged."""

import hashlib
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from errno import ENOSPC
from functools import partial
from http import HTTPStatus
from pathlib import Path

import anyio.to_thread
from fastapi.concurrency import contextmanager_in_threadpool, run_in_threadpool
from starlette.requests import Request

from api.dependencies import Opened
from api.errors import Refusal
from api.http.arriving import in_time
from jobs.datasets.judging.options import Options
from jobs.datasets.kept import Source, Uploaded
from jobs.lifecycle import datasets
from jobs.lifecycle.datasets import Arrived
from jobs.lifecycle.job import new_id
from jobs.storage.objects.protocol import NoRoom
from jobs.storage.uploads import upload
from jobs.storage.usage import free_bytes

PIECE = 1024 * 1024  # bytes that are written at once: no upload takes more of the server's memory than a few of these
PATIENCE = 60.0  # seconds without a byte, after which a client is given up


@dataclass(frozen=True)
class Asked:
    """What a client wants to have uploaded."""

    name: str
    options: Options
    sha256: str | None
    """That the file has to have; None: it was not said."""
    bytes: int


async def take(request: Request, opened: Opened, asked: Asked) -> tuple[Uploaded, bool]:
    """The dataset that is made of a request's body, and whether it was not there before.

    Raises NotAllowed, NoRoom, DatasetRefused, ClientDisconnect, and HTTPException where the body is not as announced or
    does not come. Whatever is raised, nothing of it is left.
    """
    await run_in_threadpool(_refuse_early, opened, asked)
    kept = new_id(time.time())
    async with contextmanager_in_threadpool(upload(opened.settings.data, kept)) as folder:
        file = folder / "file"
        sha256 = await _receive(request, file)
        if asked.sha256 not in (None, sha256):
            told = f"the file was to have SHA-256 {asked.sha256}, and what has arrived has {sha256}: send it again"
            raise Refusal(HTTPStatus.BAD_REQUEST, "digest_mismatch", told)
        arrived = Arrived(asked.name, Source(asked.bytes, sha256, asked.options), file, kept)
        make = partial(datasets.make, opened.database, opened.objects, arrived)
        return await anyio.to_thread.run_sync(make, limiter=opened.judging)


def _refuse_early(opened: Opened, asked: Asked) -> None:
    """Refuse what can be refused before any of the file is read. Raises NotAllowed and NoRoom."""
    datasets.refuse_reserved(asked.name)
    there = datasets.find(opened.database, asked.name)
    if there is not None:
        datasets.the_same(there, replace(there.source, bytes=asked.bytes, options=asked.options))
    free = free_bytes(opened.settings.data)
    if asked.bytes > free:
        raise NoRoom(ENOSPC, f"the file has {asked.bytes} bytes, and {free} are free")


async def _receive(request: Request, file: Path) -> str:
    """Write a request's body to a new file; its SHA-256. Raises ClientDisconnect, OSError, and 408."""
    digest = hashlib.sha256()
    with await run_in_threadpool(file.open, "xb") as opened:

        def add(piece: bytearray) -> None:
            opened.write(piece)
            digest.update(piece)

        async for piece in _pieces(request):
            await run_in_threadpool(add, piece)
    return digest.hexdigest()


async def _pieces(request: Request) -> AsyncIterator[bytearray]:
    """The body in pieces of about one size, whatever it comes in."""
    stream, gathered = request.stream(), bytearray()
    while (some := await _next(stream)) is not None:
        gathered += some
        if len(gathered) >= PIECE:
            yield gathered
            gathered = bytearray()
    yield gathered


async def _next(stream: AsyncIterator[bytes]) -> bytes | None:
    """What comes next; None at the end. Raises HTTPException where nothing comes."""
    told = f"no byte has come for {PATIENCE:g} seconds: nothing is kept of the file; send it again"
    async with in_time(PATIENCE, told):
        return await anext(stream, None)
