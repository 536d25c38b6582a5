"""Rows as CSV: what is nested has a column a value, called by its dotted path; lists and objects stand in one cell."""

import csv
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

Path = tuple[str, ...]

WHOLE: Sequence[Path] = ((),)  # the paths below a field that is not nested


def csv_of(rows: Iterable[Mapping[str, Any]], columns: Mapping[str, Sequence[Path]]) -> bytes:
    """The header and the rows; of each field in `columns` those values, by their paths, that have a column each.

    >>> print(csv_of([{"id": "a", "error": None}], {"id": WHOLE, "error": [("code",)]}).decode(), end="")
    id,error.code
    a,
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(".".join((field, *path)) for field, path in _paths(columns))
    writer.writerows([_cell(_at(row[field], path)) for field, path in _paths(columns)] for row in rows)
    return text.getvalue().encode()


def csv_of_columns(columns: Mapping[str, Sequence[Any]]) -> bytes:
    """The same of columns, all as long as one another.

    >>> csv_of_columns({"seed": [0, 1], "loss": [0.5, None]})
    b'seed,loss\\n0,0.5\\n1,\\n'
    """
    rows = [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
    return csv_of(rows, dict.fromkeys(columns, WHOLE))


def _paths(columns: Mapping[str, Sequence[Path]]) -> Iterator[tuple[str, Path]]:
    return ((field, path) for field, paths in columns.items() for path in paths)


def _at(value: Any, path: Path) -> Any:
    for key in path:
        value = None if value is None else value.get(key)
    return value


def _cell(value: Any) -> str:
    """What is not there is empty; a list of words has them apart by a semicolon."""
    match value:
        case None:
            return ""
        case str():
            return value
        case bool() | int() | float():
            return orjson.dumps(value).decode()
        case datetime():
            return orjson.dumps(value, option=orjson.OPT_UTC_Z).decode().strip('"')
        case list() | tuple() if all(isinstance(each, str) for each in value):
            return ";".join(value)
    return orjson.dumps(value).decode()
