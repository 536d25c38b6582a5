"""The central directory of an uploaded zip: what it says of its members, which may be untrue.

Not zipfile: Python 3.11 opens members that overlap, and allocates what a forged size asks for.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from jobs.datasets.judging.faults import refusal
from jobs.datasets.judging.limits import MAX_DIRECTORY, MAX_MEMBERS
from jobs.datasets.judging.streams import Unreadable, Window, exactly

# Sections 4.3.16, 4.3.15, 4.3.14, 4.3.12 and 4.3.7 of PKWARE's APPNOTE 6.3.10; all numbers are little-endian.
END = struct.Struct("<4s4H2LH")
LOCATOR = struct.Struct("<4sLQL")
END_64 = struct.Struct("<4sQ2H2L4Q")
ENTRY = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
END_MARK, LOCATOR_MARK, END_64_MARK = b"PK\5\6", b"PK\6\7", b"PK\6\6"
ENTRY_MARK, LOCAL_MARK = b"PK\1\2", b"PK\3\4"
MAX_COMMENT = 0xFFFF
IN_ZIP64 = 0xFFFFFFFF  # stands where the number itself is in the entry's zip64 field
ZIP64 = 1  # that field's id
UNIX = 3  # the system whose file modes the upper half of `external` holds


@dataclass(frozen=True, slots=True)
class Member:
    """An entry of the central directory."""

    name: str
    raw_name: bytes
    flags: int
    method: int
    crc: int
    packed: int  # bytes
    size: int  # bytes that it unpacks to
    offset: int  # of its local header
    mode: int  # as of stat, or 0

    @property
    def is_folder(self) -> bool:
        """Whether it stands for a folder, and has no content."""
        return self.name.endswith("/")


def members_in(file: BinaryIO) -> tuple[tuple[Member, ...], int]:
    """The members that a file's central directory names, and where it begins. Raises DatasetRefused."""
    start, end, number = _place_of_directory(file, file.seek(0, os.SEEK_END))
    if number > MAX_MEMBERS:
        raise refusal(None, f"the archive has {number:,} members: at most {MAX_MEMBERS:,} are read")
    if end - start > MAX_DIRECTORY:
        raise refusal(None, f"the archive's directory has {end - start:,} bytes: at most {MAX_DIRECTORY:,} are read")
    return tuple(_entries(exactly(Window(file, start, end - start), end - start), number)), start


def start_of_content(file: BinaryIO, member: Member) -> int:
    """Where a member's content begins. Raises Unreadable where the member is not at its place."""
    header = _read(file, member.offset, LOCAL.size)
    if len(header) < LOCAL.size or header[:4] != LOCAL_MARK:
        raise Unreadable("is not where the archive's directory says")
    *_, name_length, extra_length = LOCAL.unpack(header)
    if _read(file, member.offset + LOCAL.size, name_length) != member.raw_name:
        raise Unreadable("has another name at its place than in the archive's directory")
    return member.offset + LOCAL.size + int(name_length) + int(extra_length)


def _place_of_directory(file: BinaryIO, size: int) -> tuple[int, int, int]:
    """Where the central directory begins and ends, and how many entries it says that it has."""
    tail_start = max(0, size - END.size - MAX_COMMENT)
    tail = Window(file, tail_start, size - tail_start).read(size - tail_start)
    at = tail.rfind(END_MARK)
    if at < 0 or at + END.size > len(tail):
        raise refusal(None, "the archive ends early: it has no directory")
    _, disk, first_disk, on_disk, number, length, start, comment = END.unpack_from(tail, at)
    end = tail_start + at
    if end + END.size + comment != size:
        raise refusal(None, "the archive's end is damaged, or something was appended to it")
    locator = _read(file, end - LOCATOR.size, LOCATOR.size) if end >= LOCATOR.size else b""
    if locator.startswith(LOCATOR_MARK):
        end -= LOCATOR.size + END_64.size
        large = _read(file, end, END_64.size) if end == LOCATOR.unpack(locator)[2] else b""
        if not large.startswith(END_64_MARK):
            raise refusal(None, "the archive's zip64 directory is damaged")
        *_, disk, first_disk, on_disk, number, length, start = END_64.unpack(large)
    if disk or first_disk or on_disk != number:
        raise refusal(None, "the archive has several volumes: make it one file")
    if start + length != end:
        raise refusal(
            None, "the archive's directory is not where it says: it is damaged, or something stands before it"
        )
    return start, end, number


def _read(file: BinaryIO, start: int, size: int) -> bytes:
    return Window(file, start, size).read(size)


def _entries(directory: bytes, number: int) -> Iterator[Member]:
    at = 0
    for _ in range(number):
        if len(directory) < at + ENTRY.size or directory[at : at + 4] != ENTRY_MARK:
            raise refusal(None, "the archive's directory is damaged")
        _, made_by, _, flags, method, _, _, crc, packed, size, *others = ENTRY.unpack_from(directory, at)
        name_length, extra_length, comment_length, _, _, external, offset = others
        name_end = at + ENTRY.size + name_length
        extra_end = name_end + extra_length
        raw_name = directory[at + ENTRY.size : name_end]
        size, packed, offset = _from_zip64(directory[name_end:extra_end], (size, packed, offset))
        mode = external >> 16 if made_by >> 8 == UNIX else 0
        yield Member(_decoded(raw_name), raw_name, flags, method, crc, packed, size, offset, mode)
        at = extra_end + comment_length
    if at != len(directory):
        raise refusal(None, "the archive's directory is damaged: it has another number of entries than it says")


def _decoded(raw_name: bytes) -> str:
    """A name, in UTF-8 where it is that, whether its flag says so or not; as old systems wrote it where it is not."""
    try:
        return raw_name.decode()
    except UnicodeDecodeError:
        return raw_name.decode("cp437")


def _from_zip64(extra: bytes, numbers: tuple[int, int, int]) -> tuple[int, int, int]:
    """The three numbers, of which those that are too large for an entry stand in its zip64 field, in their order."""
    if IN_ZIP64 not in numbers:
        return numbers
    at = 0
    while at + 4 <= len(extra):
        kind, length = struct.unpack_from("<2H", extra, at)
        if kind == ZIP64:
            field = extra[at + 4 : at + 4 + length]
            large = iter(struct.unpack_from(f"<{len(field) // 8}Q", field))
            size, packed, offset = (next(large, IN_ZIP64) if number == IN_ZIP64 else number for number in numbers)
            return size, packed, offset
        at += 4 + length
    return numbers
