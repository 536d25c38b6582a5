"""IDX, the file format of MNIST: a magic number, each dimension's size as a big-endian uint32, then the values.

Only arrays of unsigned bytes, and only uncompressed: that is all its datasets use.
"""

import struct
from math import prod

import numpy as np
from numpy.typing import NDArray

UNSIGNED_BYTE = 0x08  # the third byte of the magic number; the fourth is the number of dimensions


def encode(array: NDArray[np.uint8]) -> bytes:
    """A whole file's bytes.

    >>> encode(np.array([7, 8], dtype=np.uint8)).hex(" ", -4)
    '00000801 00000002 0708'
    """
    header = struct.pack(f">BBBB{array.ndim}I", 0, 0, UNSIGNED_BYTE, array.ndim, *array.shape)
    return header + array.tobytes()


def decode(content: bytes | bytearray) -> NDArray[np.uint8]:
    """The array of a whole file's bytes, on their memory: it can be written to if they can. Raises ValueError.

    >>> decode(bytes.fromhex("00000802 00000002 00000003 010203040506")).tolist()
    [[1, 2, 3], [4, 5, 6]]
    """
    if len(content) < 4 or content[:3] != bytes((0, 0, UNSIGNED_BYTE)):
        raise ValueError(f"not an IDX file of unsigned bytes: it begins with {content[:4].hex(' ') or 'nothing'}")
    start = 4 + 4 * content[3]
    if len(content) < start:
        raise ValueError(f"an IDX file of {content[3]} dimensions has at least {start} bytes, this one {len(content)}")
    shape = struct.unpack_from(f">{content[3]}I", content, 4)
    if len(content) != start + prod(shape):
        raise ValueError(f"an IDX file of shape {shape} has {start + prod(shape)} bytes, this one {len(content)}")
    return np.frombuffer(content, dtype=np.uint8, offset=start).reshape(shape)
