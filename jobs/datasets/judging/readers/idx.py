"""A zip of MNIST's four files in IDX, each as it is or gzipped: images and labels to train and to test with."""

import struct
from collections.abc import Iterator
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.formats.idx import UNSIGNED_BYTE
from jobs.datasets.judging.archive import Archive
from jobs.datasets.judging.arrays import Array, Place, add_array, parts_of
from jobs.datasets.judging.limits import MAX_DECODED
from jobs.datasets.judging.parts import Parts, Upload, num_per_block, split_of
from jobs.datasets.judging.streams import GZIP_WBITS, Inflated, Stream, Unreadable, exactly
from jobs.datasets.judging.zip_directory import Member

GZIP = b"\x1f\x8b"
MAGIC = bytes((0, 0, UNSIGNED_BYTE))
MAX_DIMENSIONS = 4
WANTED = "train-images-idx3-ubyte, train-labels-idx1-ubyte, t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte"


def read(archive: Archive, upload: Upload) -> Parts:
    """What is in the archive. Raises DatasetRefused."""
    arrays: dict[Place, Array] = {}
    for member in archive.files:
        split = split_of(member.name)
        if split is None:
            upload.faults.add(member.name, f"says neither train nor test in its name: what is read are {WANTED}")
            continue
        try:
            array = _array(archive, member)
        except Unreadable as error:
            upload.faults.add(member.name, str(error))
            continue
        place = (split, "labels" if len(array.shape) == 1 else "examples")
        add_array(arrays, place, array, upload.faults)
    upload.faults.check()
    return parts_of("idx", arrays, WANTED, upload)


def _array(archive: Archive, member: Member) -> Array:
    shape = _shape(_opened(archive, member))

    def blocks() -> Iterator[NDArray[Any]]:
        stream = _opened(archive, member)
        _shape(stream)
        number = num_per_block(shape[1:])
        for start in range(0, shape[0], number):
            rows = min(number, shape[0] - start)
            yield np.frombuffer(exactly(stream, rows * prod(shape[1:])), np.uint8).reshape(rows, *shape[1:])
        if stream.read(1):
            raise Unreadable("has more data than its header says")

    return Array(member.name, np.dtype(np.uint8), shape, blocks)


def _opened(archive: Archive, member: Member) -> Stream:
    """What the member is, or unpacks to where it is gzipped, whatever it is called."""
    is_packed = archive.open(member).read(len(GZIP)) == GZIP
    return Inflated(archive.open(member), GZIP_WBITS) if is_packed else archive.open(member)


def _shape(stream: Stream) -> tuple[int, ...]:
    """The shape in the header at a stream's beginning, which is read up to its data. Raises Unreadable."""
    magic = exactly(stream, 4)
    if not magic.startswith(MAGIC) or not 1 <= magic[3] <= MAX_DIMENSIONS:
        raise Unreadable("is no IDX file of bytes with 1 to 4 dimensions")
    shape = struct.unpack(f">{magic[3]}I", exactly(stream, 4 * magic[3]))
    if not min(shape) or prod(shape) > MAX_DECODED:
        raise Unreadable(f"has shape {list(shape)}: from 1 to {MAX_DECODED:,} bytes are read")
    return shape
