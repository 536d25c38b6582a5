"""The .npy format without objects: its header, checked before any of its data is read, and its data in blocks.

numpy.lib.format documents it. Only plain numbers in C order are read; a header is a literal, which is never evaluated.
"""

import ast
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from math import prod
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.judging.limits import MAX_DECODED, MAX_NPY_HEADER
from jobs.datasets.judging.parts import num_per_block
from jobs.datasets.judging.streams import Stream, Unreadable, exactly

MAGIC = b"\x93NUMPY"
LENGTHS = {(1, 0): struct.Struct("<H"), (2, 0): struct.Struct("<I"), (3, 0): struct.Struct("<I")}
"""By version, how the header's length is written."""
_DTYPE = re.compile(r"[<>|=]?(?:[ui][1248]|f[248]|b1)")
MAX_DIMENSIONS = 4
NOT_LITERAL = (ValueError, TypeError, SyntaxError, MemoryError, RecursionError)
"""What ast.literal_eval is documented to raise."""


@dataclass(frozen=True)
class Header:
    """What an array is, and how many bytes stand before its data."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    length: int

    @property
    def num_bytes(self) -> int:
        """Of the data."""
        return prod(self.shape) * self.dtype.itemsize


def header(stream: Stream) -> Header:
    """The header at a stream's beginning, which is read up to its data. Raises Unreadable."""
    start = exactly(stream, len(MAGIC) + 2)
    counted = LENGTHS.get((start[-2], start[-1]))
    if not start.startswith(MAGIC) or counted is None:
        raise Unreadable("is no .npy file: write it with numpy.save or numpy.savez")
    (length,) = counted.unpack(exactly(stream, counted.size))
    if length > MAX_NPY_HEADER:
        raise Unreadable(f"has a header of {length:,} bytes: at most {MAX_NPY_HEADER:,} are read")
    dtype, shape = _described(exactly(stream, length))
    return Header(dtype, shape, len(start) + counted.size + length)


def blocks(stream: Stream, head: Header) -> Iterator[NDArray[Any]]:
    """The data that follow a header, along the first dimension and in the machine's byte order. Raises Unreadable."""
    shape = head.shape[1:]
    number = num_per_block(shape, head.dtype.itemsize)
    for start in range(0, head.shape[0], number):
        rows = min(number, head.shape[0] - start)
        content = exactly(stream, rows * prod(shape) * head.dtype.itemsize)
        yield np.frombuffer(content, head.dtype).reshape(rows, *shape).astype(head.dtype.newbyteorder("="), copy=False)


def write_header(file: BinaryIO, dtype: str, shape: tuple[int, ...]) -> None:
    """Begin a .npy file of an array in C order, whose data are to follow."""
    described = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, described)


def _described(text: bytes) -> tuple[np.dtype[Any], tuple[int, ...]]:
    try:
        told = ast.literal_eval(text.decode("ascii").strip())  # for a name beyond it Python imports a module
    except NOT_LITERAL:
        raise Unreadable("has a header that makes no sense") from None
    if not isinstance(told, dict) or set(told) != {"descr", "fortran_order", "shape"}:
        raise Unreadable("has a header that makes no sense")
    descr, shape = told["descr"], told["shape"]
    if not isinstance(descr, str) or not _DTYPE.fullmatch(descr):
        raise Unreadable(f"holds {_kind(descr)}: save plain numbers, uint8 of images and float32 of features")
    if told["fortran_order"] is not False:
        raise Unreadable("is in Fortran order: save numpy.ascontiguousarray of it")
    if not isinstance(shape, tuple) or not all(type(length) is int and length < 2**63 for length in shape):
        raise Unreadable("has a header that makes no sense")
    if not 1 <= len(shape) <= MAX_DIMENSIONS:
        raise Unreadable(f"has {len(shape)} dimensions: arrays of 1 to {MAX_DIMENSIONS} are read")
    if min(shape) < 0:
        raise Unreadable("has a header that makes no sense")
    if min(shape) == 0:
        raise Unreadable(f"has shape {list(shape)}: it is empty")
    dtype = np.dtype(descr)
    if prod(shape) * dtype.itemsize > MAX_DECODED:
        raise Unreadable(f"has shape {list(shape)}: at most {MAX_DECODED:,} bytes are read")
    return dtype, shape


def _kind(descr: Any) -> str:
    if not isinstance(descr, str):
        return "records"
    return "Python objects" if "O" in descr else f"values of type '{descr}'"
