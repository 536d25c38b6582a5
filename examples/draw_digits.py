"""Draws 2,000 PNGs in ten folders, a folder for each digit: `python3 draw_digits.py FOLDER`. It needs Python alone.

A digit is made of the seven segments of a pocket calculator, at a random place and brightness, under noise.
"""

import random
import struct
import sys
import zlib
from pathlib import Path

SIDE = 20  # pixels
EACH = 200  # pictures of a digit
SEGMENTS = {  # left, top, width, height in pixels
    "top": (1, 0, 6, 2),
    "upper left": (0, 1, 2, 6),
    "upper right": (6, 1, 2, 6),
    "middle": (1, 6, 6, 2),
    "lower left": (0, 7, 2, 6),
    "lower right": (6, 7, 2, 6),
    "bottom": (1, 12, 6, 2),
}
LEFT_OUT = {
    "0": {"middle"},
    "1": {"top", "upper left", "middle", "lower left", "bottom"},
    "2": {"upper left", "lower right"},
    "3": {"upper left", "lower left"},
    "4": {"top", "lower left", "bottom"},
    "5": {"upper right", "lower left"},
    "6": {"upper right"},
    "7": {"upper left", "middle", "lower left", "bottom"},
    "8": set[str](),
    "9": {"lower left"},
}


def drawn(digit: str, source: random.Random) -> list[bytearray]:
    """A picture's rows of grey pixels."""
    rows = [bytearray(source.choices(range(120), k=SIDE)) for _ in range(SIDE)]
    x, y, brightness = source.randint(0, SIDE - 8), source.randint(0, SIDE - 14), source.randint(150, 255)
    for name in SEGMENTS.keys() - LEFT_OUT[digit]:
        left, top, width, height = SEGMENTS[name]
        for row in rows[y + top : y + top + height]:
            row[x + left : x + left + width] = bytes([brightness]) * width
    return rows


def png(rows: list[bytearray]) -> bytes:
    """The file of a grey picture (https://www.w3.org/TR/png-3); the 0 before each row says that it is not filtered."""
    header = struct.pack(">2I5B", len(rows[0]), len(rows), 8, 0, 0, 0, 0)
    pixels = zlib.compress(b"".join(b"\0" + row for row in rows))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")


def chunk(kind: bytes, content: bytes) -> bytes:
    """A part of a PNG: its length, its kind, itself, and a checksum of the two."""
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def main() -> None:
    """Draw them all; the same ones each time."""
    source = random.Random(0)  # noqa: S311 - nothing of it is secret
    for digit in LEFT_OUT:
        folder = Path(sys.argv[1]) / digit
        folder.mkdir(parents=True)
        for number in range(EACH):
            (folder / f"{number:03}.png").write_bytes(png(drawn(digit, source)))


if __name__ == "__main__":
    main()
