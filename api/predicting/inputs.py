"""Reads what a network is asked about: JSON, .npy or a picture becomes examples as the dataset has them.

No body takes more memory than the largest one that is right: what could is refused before it is taken apart.
"""

import io
from collections.abc import Iterator
from http import HTTPStatus
from math import prod
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from api.errors import Refusal
from jobs.datasets.judging import npy
from jobs.datasets.judging.streams import Unreadable
from jobs.datasets.preprocessing import FULL_SCALE
from jobs.errors import InvalidInputs
from jobs.spec.pointers import Place, pointer

MOST = 1_000  # inputs at once
FIELD = "inputs"
ONE_FIELD = 'it has to be one object with one field: {"inputs": [...]}'

Inputs = NDArray[np.float32]
"""Examples [N, C, H, W] of 0 to 255, or [N, F]."""
Shape = tuple[int, ...]


def of_json(body: bytes, shape: Shape) -> Inputs:
    """The inputs of `{"inputs": [...]}`, for a network whose examples have this shape.

    Raises InvalidInputs, and 413 for more than a thousand.
    """
    _refuse_more_parts(body, shape)
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise InvalidInputs("", f"not a JSON document: {error}") from None
    if not isinstance(document, dict) or list(document) != [FIELD]:
        raise InvalidInputs("", ONE_FIELD)
    values = document[FIELD]
    if not isinstance(values, list):
        raise InvalidInputs(f"/{FIELD}", "it is no list of numbers")
    form = _form_of(tuple(_lengths(values)), shape)
    rows = [_row(row, place) for row, place in _rows(values, form, (FIELD,))]
    return _checked(np.concatenate(rows).reshape(form), shape)


def of_npy(body: bytes, shape: Shape) -> Inputs:
    """The inputs that an array of numbers has, as numpy.save writes it. Raises as `of_json` does."""
    stream = io.BytesIO(body)
    try:
        head = npy.header(stream)
    except Unreadable as error:
        raise InvalidInputs("", f"the array {error}") from None
    if head.num_bytes != len(body) - head.length:
        told = f"the array is to have {head.num_bytes:,} bytes of data, and {len(body) - head.length:,} have come"
        raise InvalidInputs("", told)
    _form_of(head.shape, shape)
    return _checked(np.frombuffer(body, head.dtype, offset=head.length).reshape(head.shape), shape)


def _refuse_more_parts(body: bytes, shape: Shape) -> None:
    """Refuse a text that has more lists, numbers or names than a thousand inputs have."""
    num_lists = MOST * (1 + sum(prod(shape[:end]) for end in range(1, len(shape)))) + 2
    if body.count(b"{") > 1 or body.count(b":") > 1:
        raise InvalidInputs("", ONE_FIELD)
    if body.count(b'"') > 2:
        raise InvalidInputs("", f"{ONE_FIELD}, of numbers alone")
    if body.count(b"[") > num_lists or body.count(b",") > MOST * prod(shape):
        raise _too_many(f"there are more lists or numbers than {MOST:,} inputs of the shape {list(shape)} have")


def _too_many(what: str) -> Refusal:
    told = f"{what}: at most {MOST:,} are taken at once; send them in several requests"
    return Refusal(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, "too_many_inputs", told)


def _lengths(value: Any) -> Iterator[int]:
    """The lengths of a list, of its first element, of that one's, ..."""
    while isinstance(value, list):
        yield len(value)
        value = value[0] if value else None


def _form_of(given: Shape, shape: Shape) -> Shape:
    """The shape of what was given, once it is that of inputs. Raises InvalidInputs, and 413."""
    forms = dict.fromkeys((shape, (prod(shape),), *((shape[1:],) if len(shape) > 1 and shape[0] == 1 else ())))
    if given in forms:
        return given
    if not given or given[1:] not in forms:
        told = ", ".join(str(["N", *form]).replace("'", "") for form in forms)
        raise InvalidInputs(f"/{FIELD}", f"their shape is {list(given)}: inputs of this network are {told}")
    if given[0] > MOST:
        raise _too_many(f"there are {given[0]:,} inputs")
    return given


def _rows(value: Any, form: Shape, place: Place) -> Iterator[tuple[list[Any], Place]]:
    """The innermost lists with their places. Raises InvalidInputs where a list has another length than its first."""
    if not isinstance(value, list) or len(value) != form[0]:
        told = f"a list of {len(value):,}" if isinstance(value, list) else "no list"
        raise InvalidInputs(pointer(place), f"it is {told}, and has to be a list of {form[0]:,}")
    if len(form) == 1:
        yield value, place
        return
    for index, inner in enumerate(value):
        yield from _rows(inner, form[1:], (*place, index))


def _row(row: list[Any], place: Place) -> NDArray[np.float64]:
    if not set(map(type, row)) <= {int, float}:
        wrong = next(index for index, value in enumerate(row) if type(value) not in (int, float))
        raise InvalidInputs(pointer((*place, wrong)), "it is no number")
    return np.array(row, np.float64)


def _checked(values: NDArray[Any], shape: Shape) -> Inputs:
    """The inputs of these values, in the form that was given, once each is one that the dataset can have."""
    with np.errstate(over="ignore"):  # what float32 does not hold is infinite then, and refused
        inputs = values.astype(np.float32).reshape(-1, *shape)
    is_image = len(shape) > 1
    wrong = ~np.isfinite(inputs)
    if is_image:
        wrong |= (inputs < 0) | (inputs > FULL_SCALE)
    if wrong.any():
        wanted = f"pixels are numbers from 0 to {FULL_SCALE}" if is_image else "features are finite numbers of 32 bits"
        where = np.unravel_index(np.flatnonzero(wrong)[0], values.shape)
        raise InvalidInputs(pointer((FIELD, *map(int, where))), f"it is {values[where].item()!r}: {wanted}")
    return inputs
