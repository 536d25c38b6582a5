"""Signing in and out: a code, which is good once, becomes a cookie, with which a browser may read and change all."""

import time
from typing import Any

from fastapi import APIRouter, Request, Response, status

from api.access.gate import CODES, SESSION, needs_token
from api.access.sessions import give, new_session, take_back
from api.dependencies import TheBody, TheDatabase, TheSettings
from api.openapi import CODE_BODY
from api.schemas.session import CodeAnswer, SignIn
from jobs.errors import CodeSpent
from jobs.spec import json_text
from jobs.spec.problems import validated
from jobs.storage.codes import LIFETIME, make_code, spend_code

router = APIRouter(tags=["session"])

NOTHING: dict[str, Any] = {"status_code": status.HTTP_204_NO_CONTENT, "response_class": Response}


@router.post(SESSION, openapi_extra=CODE_BODY, **NOTHING)
def sign_in(request: Request, body: TheBody, settings: TheSettings, database: TheDatabase) -> Response:
    """Sign a browser in with a code: the answer sets a cookie, which does what the token does, for 30 days.

    Where no token is needed, everybody is signed in: no code is looked at, and no cookie set.
    """
    code = validated(SignIn, json_text.read(body)).code
    answer = Response(status_code=status.HTTP_204_NO_CONTENT)
    if needs_token(settings, request):
        session = new_session(settings, time.time())  # where that fails, the code stays good
        if not spend_code(database, code):
            raise CodeSpent("this code was used, or is too old, or never was one: run 'bnlab open' for another")
        give(session, request, answer)
    return answer


@router.delete(SESSION, **NOTHING)
async def sign_out(request: Request) -> Response:
    """Sign this browser out: the answer takes its cookie back."""
    answer = Response(status_code=status.HTTP_204_NO_CONTENT)
    take_back(request, answer)
    return answer


@router.post(CODES, status_code=status.HTTP_201_CREATED)
def make(request: Request, settings: TheSettings, database: TheDatabase) -> CodeAnswer:
    """Make a code with which one browser may sign in; only who shows the token itself may ask for it."""
    if not needs_token(settings, request):
        return CodeAnswer(code=None, expires_seconds=None)
    return CodeAnswer(code=make_code(database), expires_seconds=LIFETIME)
