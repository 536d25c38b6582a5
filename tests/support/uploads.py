"""Files as people upload them, made small: archives of arrays and of pictures, tables, and archives that lie."""

import io
import json
import struct
import zipfile
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from PIL import Image
from pyarrow import parquet

from jobs.datasets.formats import idx

SIDE = 6  # pixels
Pixels = NDArray[np.uint8]


def noise(*shape: int, seed: int = 0) -> Pixels:
    """Random bytes."""
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def labels(number: int, classes: int = 2) -> NDArray[np.int64]:
    """0, 1, 0, 1, ..."""
    return np.arange(number) % classes


def npz(**arrays: Any) -> bytes:
    """As numpy.savez_compressed writes it."""
    stream = io.BytesIO()
    np.savez_compressed(stream, **arrays)
    return stream.getvalue()


def small_npz(**others: Any) -> bytes:
    """Eight grey images to train with and four to test with, but for what is said otherwise; None: there is none."""
    arrays = {
        "x_train": noise(8, SIDE, SIDE),
        "y_train": labels(8),
        "x_test": noise(4, SIDE, SIDE, seed=1),
        "y_test": labels(4),
    }
    return npz(**{name: array for name, array in (arrays | others).items() if array is not None})


def npy(descr: str, shape: str, order: str = "False", length: int | None = None) -> bytes:
    """A header of this text, and two bytes of data."""
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode("latin-1")
    return b"\x93NUMPY\1\0" + (len(text) if length is None else length).to_bytes(2, "little") + text + b"\0\1"


def encoded(pixels: NDArray[Any], file_format: str = "PNG", mode: str | None = None, **how: Any) -> bytes:
    """A picture's file of pixels [H, W] or [H, W, C]."""
    stream = io.BytesIO()
    image = Image.fromarray(pixels)
    (image if mode is None else image.convert(mode)).save(stream, file_format, **how)
    return stream.getvalue()


def picture(seed: int = 0, *channels: int) -> bytes:
    """A PNG of random pixels."""
    return encoded(noise(SIDE, SIDE, *channels, seed=seed))


def zipped(members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """An archive as programs write it."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return stream.getvalue()


def members_of(content: bytes) -> dict[str, bytes]:
    """What an archive holds."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def foldered(*prefixes: str, classes: Sequence[str] = ("cat", "dog"), each: int = 4) -> dict[str, bytes]:
    """Members of an archive: so many grey pictures of each class under each prefix."""
    return {
        f"{prefix}{name}/{number}.png": picture(100 * place + number)
        for prefix in prefixes or ("",)
        for place, name in enumerate(classes)
        for number in range(each)
    }


def tabled(
    pictures: Sequence[bytes | None], of_class: Sequence[int | str | None], names: Sequence[str] = (), **how: Any
) -> bytes:
    """A Parquet file as Hugging Face writes it; with the classes' names in its metadata where they are given."""
    image = [None if content is None else {"bytes": content, "path": None} for content in pictures]
    kind = pa.struct({"bytes": pa.binary(), "path": pa.string()})
    table = pa.table({"image": pa.array(image, kind), "label": pa.array(of_class)})
    if names:
        label = {"names": list(names), "_type": "ClassLabel"}
        features = {"info": {"features": {"image": {"_type": "Image"}, "label": label}}}
        table = table.replace_schema_metadata({"huggingface": json.dumps(features)})
    return parquet_of(table, **how)


def parquet_of(table: pa.Table, **how: Any) -> bytes:
    """The table's file."""
    stream = io.BytesIO()
    parquet.write_table(table, stream, **how)
    return stream.getvalue()


def small_parquet(names: Sequence[str] = ("cat", "dog")) -> bytes:
    """Eight pictures of two classes."""
    return tabled([picture(seed) for seed in range(8)], labels(8).tolist(), names)


def small_csv(rows: int = 8) -> bytes:
    """Of two features and two kinds."""
    lines = [f"{row}.5,{row * row},{'ab'[row % 2]}" for row in range(rows)]
    return "\n".join(["width,height,kind", *lines, ""]).encode()


def small_idx() -> dict[str, bytes]:
    """The members of an archive of MNIST's form."""
    return {
        "train-images-idx3-ubyte": idx.encode(noise(8, SIDE, SIDE)),
        "train-labels-idx1-ubyte": idx.encode(labels(8).astype(np.uint8)),
        "t10k-images-idx3-ubyte": idx.encode(noise(4, SIDE, SIDE)),
        "t10k-labels-idx1-ubyte": idx.encode(labels(4).astype(np.uint8)),
    }


@dataclass(frozen=True)
class Entry:
    """A member of an archive and what the archive says of it, true or not; None: the truth."""

    name: bytes
    content: bytes = b"hello"
    method: int = zipfile.ZIP_STORED
    flags: int = 0
    size: int | None = None
    packed: int | None = None
    crc: int | None = None
    offset: int | None = None
    mode: int = 0
    local_name: bytes | None = None
    extra: bytes = b""  # in the directory alone


def forged(*entries: Entry, number: int | None = None, comment: bytes = b"") -> bytes:
    """An archive whose directory says what the entries say."""
    body, directory = bytearray(), bytearray()
    for entry in entries:
        offset = len(body) if entry.offset is None else entry.offset
        packed = _deflated(entry.content) if entry.method == zipfile.ZIP_DEFLATED else entry.content
        size = len(entry.content) if entry.size is None else entry.size
        packed_size = len(packed) if entry.packed is None else entry.packed
        crc = zlib.crc32(entry.content) if entry.crc is None else entry.crc
        said = (entry.flags, entry.method, 0, 0, crc, packed_size, size)
        local_name = entry.name if entry.local_name is None else entry.local_name
        body += struct.pack("<4s5H3L2H", b"PK\3\4", 20, *said, len(local_name), 0) + local_name + packed
        directory += struct.pack("<4s6H3L", b"PK\1\2", 3 << 8, 20, *said)
        directory += struct.pack("<5H2L", len(entry.name), len(entry.extra), 0, 0, 0, entry.mode << 16, offset)
        directory += entry.name + entry.extra
    count = len(entries) if number is None else number
    end = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, count, count, len(directory), len(body), len(comment))
    return bytes(body + directory + end + comment)


def _deflated(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()
