"""Answers that are tables: how they are called, and how they stand in the OpenAPI document."""

from typing import Any

from jobs.series.answers.exports import Form

MEDIA: dict[Form, str] = {"csv": "text/csv", "parquet": "application/vnd.apache.parquet"}
BINARY = {MEDIA["parquet"]: {"format": "binary"}}


def documented(model: Any) -> dict[int | str, dict[str, Any]]:
    """Of a route that answers JSON of a model or, asked for it, a table."""
    files = {media: {"schema": {"type": "string", **BINARY.get(media, {})}} for media in MEDIA.values()}
    return {200: {"model": model, "content": files}}
