"""How answers are written: plain values as JSON, each once, and not checked again by a model."""

from collections.abc import Mapping
from typing import Any

import orjson
from fastapi import Response


def as_json(answer: Any) -> bytes:
    """The answer as it is written: numpy's columns are lists, times are RFC 3339 in UTC, what is not finite is null."""
    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY | orjson.OPT_UTC_Z)


def written(answer: Any, code: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The answer, as JSON."""
    return Response(as_json(answer), code, headers, "application/json")
