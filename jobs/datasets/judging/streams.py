"""Reading from what an untrusted file unpacks to: exactly as much as is asked for, and never more than was declared."""

import io
import os
import zlib
from typing import BinaryIO, Protocol

from jobs.datasets.judging.limits import MIB

CHUNK = MIB // 4
RAW_WBITS = -zlib.MAX_WBITS  # of deflate without a header, as archives have it
GZIP_WBITS = 16 + zlib.MAX_WBITS
ENDS_EARLY = "ends early: it is truncated"


class Unreadable(Exception):
    """Bytes that cannot be had from a file; the message says why, and its reader knows of which member."""


class Stream(Protocol):
    """What is read from its beginning to its end."""

    def read(self, size: int) -> bytes:
        """The next bytes: as many, or at the end fewer. Raises Unreadable."""
        ...


class Window(io.RawIOBase):
    """A stretch of a file as a file of its own, which others may read meanwhile, and whose closing closes no other."""

    def __init__(self, file: BinaryIO, start: int, size: int) -> None:
        self._file, self._start, self._size, self._at = file, start, size, 0

    def read(self, size: int | None = -1, /) -> bytes:
        """The next bytes: as many, or at the end fewer."""
        left = max(0, self._size - self._at)
        self._file.seek(self._start + self._at)
        content = self._file.read(left if size is None or size < 0 else min(size, left))
        self._at += len(content)
        return content

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place, as of a file."""
        self._at = max(0, {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence] + offset)
        return self._at

    def tell(self) -> int:
        """The place."""
        return self._at

    def readable(self) -> bool:
        """It is."""
        return True

    def seekable(self) -> bool:
        """It is."""
        return True


def whole_of(file: BinaryIO) -> Window:
    """All of a file."""
    return Window(file, 0, file.seek(0, os.SEEK_END))


class Inflated:
    """What a stream of deflate, or with GZIP_WBITS of gzip, unpacks to; no more than is asked for is ever unpacked."""

    def __init__(self, packed: Stream, wbits: int = RAW_WBITS) -> None:
        self._packed, self._inflate = packed, zlib.decompressobj(wbits)

    def read(self, size: int) -> bytes:
        """The next bytes. Raises Unreadable for what is no deflate."""
        content = bytearray()
        while len(content) < size and not self._inflate.eof:
            packed = self._inflate.unconsumed_tail or self._packed.read(CHUNK)
            try:
                some = self._inflate.decompress(packed, size - len(content))
            except zlib.error as error:
                raise Unreadable(f"cannot be unpacked: {error}") from None
            content += some
            if not packed and not some:
                raise Unreadable(ENDS_EARLY)
        return bytes(content)


class Checked:
    """A stream that has as many bytes as were declared, and their CRC, or is unreadable."""

    def __init__(self, stream: Stream, size: int, crc: int) -> None:
        self._stream, self._left, self._expected, self._crc = stream, size, crc, 0

    def read(self, size: int) -> bytes:
        """The next bytes. Raises Unreadable at the first that contradict what was declared."""
        wanted = min(size, self._left)
        content = self._stream.read(wanted)
        if len(content) < wanted:
            raise Unreadable(ENDS_EARLY)
        self._left -= wanted
        self._crc = zlib.crc32(content, self._crc)
        if not self._left and wanted:
            if self._stream.read(1):
                raise Unreadable("unpacks to more than the archive declares")
            if self._crc != self._expected:
                raise Unreadable("is damaged: its checksum is another one")
        return content


def exactly(stream: Stream, size: int) -> bytes:
    """The next bytes, neither fewer nor more. Raises Unreadable."""
    content = stream.read(size)
    if len(content) < size:
        raise Unreadable(ENDS_EARLY)
    return content
