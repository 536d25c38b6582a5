"""CIFAR-10's binary version: records of a label's byte and 3,072 of pixels, red before green before blue."""

import numpy as np
from numpy.typing import NDArray

SHAPE = (3, 32, 32)
RECORD = 1 + 3 * 32 * 32  # bytes


def decode(content: bytes | bytearray) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Images [N, 3, 32, 32] and labels [N] of a whole file, on its memory. Raises ValueError.

    >>> images, labels = decode(bytes([7]) + bytes(3072))
    >>> images.shape, labels.tolist()
    ((1, 3, 32, 32), [7])
    """
    if len(content) % RECORD:
        raise ValueError(f"records have {RECORD} bytes, and {len(content)} is no multiple of it")
    records = np.frombuffer(content, dtype=np.uint8).reshape(-1, RECORD)
    return records[:, 1:].reshape(-1, *SHAPE), records[:, 0]
