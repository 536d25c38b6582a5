"""Waits for what clients send, but not for ever."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

from starlette.exceptions import HTTPException


@asynccontextmanager
async def in_time(seconds: float, otherwise: str) -> AsyncIterator[None]:
    """What is waited for in here comes within so many seconds, or the client is given up and told why.

    Raises HTTPException, with 408.
    """
    try:
        async with asyncio.timeout(seconds):
            yield
    except TimeoutError:
        raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, otherwise, {"Connection": "close"}) from None
