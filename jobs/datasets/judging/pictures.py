"""One PNG or JPEG file as an array, whatever it holds; these are the only two formats that are ever opened."""

import io
import struct
import warnings
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import (
    Image,
    JpegImagePlugin,  # noqa: F401 - Pillow would import it when it opens a picture, where nothing can be imported
    MpoImagePlugin,  # noqa: F401 - likewise, for the JPEG of many a telephone
    PngImagePlugin,  # noqa: F401 - likewise
)

from jobs.datasets.judging.limits import MAX_PIXELS
from jobs.datasets.judging.streams import Unreadable

FORMATS = ("PNG", "JPEG")
MAGIC = (b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff")
GREY = ("1", "L", "LA", "I", "I;16", "I;16B", "I;16L", "I;16N")
DEEP = ("I", "I;16", "I;16B", "I;16L", "I;16N")  # 16 bits a pixel, which Pillow would cut at 255
TOO_LARGE = f"has more than {MAX_PIXELS:,} pixels: make it smaller"
DAMAGED = (OSError, ValueError, SyntaxError, EOFError, IndexError, KeyError, TypeError, struct.error, zlib.error)
"""What Pillow raises for damaged files: its readers' own errors escape it (Pillow#9814)."""


@dataclass(frozen=True)
class Header:
    """What is known of a picture before it is decoded."""

    channels: int
    """1 of grey ones, else 3."""
    height: int
    width: int
    has_alpha: bool


@contextmanager
def quietly() -> Iterator[None]:
    """Within it what Pillow warns of is not told: what matters of it is checked here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def header(content: bytes) -> Header:
    """What a picture says of itself. Raises Unreadable; must be called `quietly`."""
    image = _opened(content)
    has_alpha = image.mode in ("LA", "PA", "RGBA") or "transparency" in image.info
    return Header(1 if image.mode in GREY else 3, image.height, image.width, has_alpha)


def pixels(content: bytes, channels: int, size: int | None) -> NDArray[np.uint8]:
    """A picture's first frame [C, H, W], scaled to size x size where that is given.

    Of 16 bits the upper 8 are kept, palettes and CMYK become RGB, alpha is left out. Raises Unreadable; must be called
    `quietly`.
    """
    image = _opened(content)
    try:
        if image.mode in DEEP:
            image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
        image = image.convert("L" if channels == 1 else "RGB")
    except DAMAGED as error:
        raise Unreadable(f"cannot be decoded: {error}") from None
    return _planes(image if size is None else _scaled(image, size))


def scaled(image: NDArray[np.uint8], size: int) -> NDArray[np.uint8]:
    """An image [C, H, W] as [C, size, size]."""
    return _planes(_scaled(picture(image), size))


def picture(image: NDArray[np.uint8]) -> Image.Image:
    """An image [C, H, W] as Pillow has it."""
    return Image.fromarray(image[0] if len(image) == 1 else np.ascontiguousarray(image.transpose(1, 2, 0)))


def _opened(content: bytes) -> Image.Image:
    if not content.startswith(MAGIC):
        raise Unreadable("is neither PNG nor JPEG: save it as one of them")
    try:
        image = Image.open(io.BytesIO(content), formats=FORMATS)
    except Image.DecompressionBombError:
        raise Unreadable(TOO_LARGE) from None
    except DAMAGED:
        raise Unreadable("is damaged: its beginning makes no sense") from None
    if image.width * image.height > MAX_PIXELS:
        raise Unreadable(TOO_LARGE)
    return image


def _scaled(image: Image.Image, size: int) -> Image.Image:
    return image.resize((size, size), Image.Resampling.BILINEAR)


def _planes(image: Image.Image) -> NDArray[np.uint8]:
    array = np.asarray(image)
    return array[np.newaxis] if array.ndim == 2 else array.transpose(2, 0, 1)
