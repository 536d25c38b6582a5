import gzip
import io
import os
import tracemalloc
import zlib

import pytest

from jobs.datasets.judging.streams import GZIP_WBITS, Checked, Inflated, Unreadable, Window, exactly, whole_of

TEXT = b"0123456789" * 100


def test_a_window_is_a_file_of_its_own() -> None:
    file = io.BytesIO(TEXT)
    one, other = Window(file, 10, 20), Window(file, 25, 5)
    assert (one.read(4), other.read(100), one.read()) == (b"0123", b"56789", b"4567890123456789")
    assert (one.seek(-3, os.SEEK_END), one.tell(), one.read(9)) == (17, 17, b"789")
    assert (one.seek(-99, os.SEEK_CUR), one.seek(99), one.read(9)) == (0, 99, b"")
    one.close()
    assert whole_of(file).read() == TEXT


@pytest.mark.parametrize("size", [1, 7, 10_000])
def test_deflate_and_gzip_are_unpacked_in_pieces_of_any_size(size: int) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    for stream in (
        Inflated(io.BytesIO(packer.compress(TEXT) + packer.flush())),
        Inflated(io.BytesIO(gzip.compress(TEXT)), GZIP_WBITS),
    ):
        pieces = []
        while piece := stream.read(size):
            pieces.append(piece)
        assert b"".join(pieces) == TEXT


def test_no_more_is_unpacked_than_is_asked_for() -> None:
    stream = Inflated(io.BytesIO(gzip.compress(bytes(10**8), 1)), GZIP_WBITS)
    tracemalloc.start()
    assert stream.read(5) == bytes(5)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 2_000_000


def test_what_ends_early_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="ends early"):
        exactly(io.BytesIO(b"abc"), 4)
    with pytest.raises(Unreadable, match="ends early"):
        Inflated(io.BytesIO(gzip.compress(TEXT)[:-20]), GZIP_WBITS).read(2_000)


def test_the_checksum_is_compared_when_the_last_byte_is_read() -> None:
    stream = Checked(io.BytesIO(TEXT), len(TEXT), zlib.crc32(TEXT))
    assert stream.read(10) + stream.read(10**6) == TEXT
    assert stream.read(1) == b""
    damaged = Checked(io.BytesIO(TEXT), len(TEXT), 0)
    assert damaged.read(10) == TEXT[:10]
    with pytest.raises(Unreadable, match="its checksum is another one"):
        damaged.read(10**6)
