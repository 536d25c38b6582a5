"""PNG and JPEG as people have them, and as nobody should."""

import io
import struct
import tracemalloc
import zlib
from collections.abc import Iterator
from contextlib import suppress

import numpy as np
import pytest
from PIL import Image

from jobs.datasets.judging.pictures import Header, header, pixels, quietly
from jobs.datasets.judging.streams import Unreadable
from tests.support.uploads import encoded, noise

GREY, COLOUR = noise(5, 7), noise(5, 7, 3)


@pytest.fixture(autouse=True)
def quiet() -> Iterator[None]:
    with quietly():
        yield


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def png(width: int, height: int, *chunks: bytes) -> bytes:
    """A PNG of grey pixels that says that it is so large."""
    start = chunk(b"IHDR", struct.pack(">2I5B", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + start + b"".join(chunks) + chunk(b"IEND", b"")


def test_grey_is_one_channel_and_colour_three() -> None:
    assert header(encoded(GREY)) == Header(1, 5, 7, False)
    assert header(encoded(COLOUR)) == Header(3, 5, 7, False)
    assert (pixels(encoded(GREY), 1, None) == GREY).all()
    assert (pixels(encoded(COLOUR), 3, None) == COLOUR.transpose(2, 0, 1)).all()


def test_jpeg_is_read_about_as_it_was() -> None:
    flat = np.full((8, 8, 3), (200, 100, 50), np.uint8)
    assert np.abs(pixels(encoded(flat, "JPEG"), 3, None).astype(int).mean((1, 2)) - (200, 100, 50)).max() < 3


def test_of_sixteen_bits_the_upper_eight_are_kept() -> None:
    deep = GREY.astype(np.uint16) * 256 + 77
    assert header(encoded(deep)) == Header(1, 5, 7, False)
    assert (pixels(encoded(deep), 1, None) == GREY).all()


def test_alpha_is_left_out_and_told() -> None:
    with_alpha = np.concatenate([COLOUR, np.zeros((5, 7, 1), np.uint8)], axis=2)
    assert header(encoded(with_alpha)) == Header(3, 5, 7, True)
    assert (pixels(encoded(with_alpha), 3, None) == COLOUR.transpose(2, 0, 1)).all()
    grey = encoded(GREY, mode="LA")
    assert header(grey) == Header(1, 5, 7, True)
    assert (pixels(grey, 1, None) == GREY).all()


@pytest.mark.parametrize(("mode", "file_format"), [("P", "PNG"), ("CMYK", "JPEG"), ("YCbCr", "JPEG")])
def test_palettes_and_other_colours_become_rgb(mode: str, file_format: str) -> None:
    red = np.zeros((8, 8, 3), np.uint8)
    red[..., 0] = 255
    content = encoded(red, file_format, mode)
    assert header(content).channels == 3
    assert np.abs(pixels(content, 3, None).astype(int).mean((1, 2)) - (255, 0, 0)).max() < 3


def test_one_bit_is_black_and_white() -> None:
    assert set(pixels(encoded(GREY, mode="1"), 1, None).ravel().tolist()) == {0, 255}


def test_of_a_moving_picture_the_first_frame_is_read() -> None:
    frames = [Image.fromarray(noise(5, 7, seed=seed)) for seed in range(3)]
    stream = io.BytesIO()
    frames[0].save(stream, "PNG", save_all=True, append_images=frames[1:])
    assert (pixels(stream.getvalue(), 1, None) == noise(5, 7)).all()


def test_a_telephones_jpeg_of_several_pictures_is_read_with_what_it_says_of_itself() -> None:
    flat = Image.fromarray(np.full((8, 8, 3), (200, 100, 50), np.uint8))
    stream = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6  # turned, which is left as it is
    flat.save(stream, "MPO", save_all=True, append_images=[flat], exif=exif)
    assert header(stream.getvalue()) == Header(3, 8, 8, False)
    assert np.abs(pixels(stream.getvalue(), 3, None).astype(int).mean((1, 2)) - (200, 100, 50)).max() < 3


def test_pictures_are_scaled_to_a_square() -> None:
    flat = np.full((5, 7), 99, np.uint8)
    assert (pixels(encoded(flat), 1, 3) == np.full((1, 3, 3), 99)).all()


@pytest.mark.parametrize("sides", [(50_000, 50_000), (10_000, 10_000), (5_000, 5_000), (2**31 - 1, 1)])
def test_a_bomb_is_refused_by_the_size_that_it_says(sides: tuple[int, int]) -> None:
    bomb = png(*sides, chunk(b"IDAT", zlib.compress(bytes(1000))))
    for read in (header, lambda content: pixels(content, 1, None)):
        with pytest.raises(Unreadable, match="make it smaller"):
            read(bomb)


@pytest.mark.parametrize(
    "bomb",
    [
        chunk(b"zTXt", b"comment\0\0" + zlib.compress(bytes(10**8))),
        chunk(b"iTXt", b"comment\0\1\0\0\0" + zlib.compress(bytes(10**8))),
        chunk(b"iCCP", b"profile\0\0" + zlib.compress(bytes(10**8))),
    ],
    ids=["zTXt", "iTXt", "iCCP"],
)
def test_a_bomb_in_a_text_or_a_profile_does_not_go_off(bomb: bytes) -> None:
    tracemalloc.start()
    with suppress(Unreadable):
        pixels(png(2, 2, bomb, chunk(b"IDAT", zlib.compress(b"\0ab\0cd"))), 1, None)
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < 10**7


@pytest.mark.parametrize("length", [9, 20, 40, -30])
@pytest.mark.parametrize("file_format", ["PNG", "JPEG"])
def test_a_truncated_picture_is_refused(file_format: str, length: int) -> None:
    with pytest.raises(Unreadable):
        pixels(encoded(noise(20, 20), file_format)[:length], 1, None)


def test_pixels_that_unpack_to_too_few_or_are_damaged_are_refused() -> None:
    with pytest.raises(Unreadable, match="cannot be decoded"):
        pixels(png(9, 9, chunk(b"IDAT", zlib.compress(bytes(5)))), 1, None)
    with pytest.raises(Unreadable):
        pixels(png(9, 9, chunk(b"IDAT", b"hello")), 1, None)
    with pytest.raises(Unreadable):
        pixels(png(9, 9), 1, None)


@pytest.mark.parametrize("file_format", ["GIF", "BMP", "TIFF", "WEBP", "PPM", "EPS", "ICO"])
def test_other_formats_are_not_even_tried(file_format: str) -> None:
    with pytest.raises(Unreadable, match="is neither PNG nor JPEG: save it as one of them"):
        header(encoded(COLOUR, file_format))


@pytest.mark.parametrize(
    "content", [b"", b"8BPS\0\1", b"SIMPLE  =", b"<svg/>", b"%!PS-Adobe", b"II*\0" + bytes(99), b"\x89PNG\r\n\x1a\n"]
)
def test_what_is_called_a_picture_and_is_none_is_refused(content: bytes) -> None:
    with pytest.raises(Unreadable):
        header(content)
