"""An uploaded zip's members, read without trust: what its directory says is checked before anything is unpacked.

Not zipfile: Python 3.11 opens members that overlap, and allocates what a forged size asks for. Nothing is extracted by
its name; names only tell classes and parts.
"""

import os
import re
import stat
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from jobs.datasets.judging.faults import Faults, refusal
from jobs.datasets.judging.limits import MAX_DIRECTORY, MAX_MEMBERS, MAX_NAME, MAX_RATIO, MAX_UNPACKED
from jobs.datasets.judging.streams import Checked, Inflated, Stream, Unreadable, Window, exactly

# Sections 4.3.16, 4.3.15, 4.3.14, 4.3.12 and 4.3.7 of PKWARE's APPNOTE 6.3.10; all numbers are little-endian.
END = struct.Struct("<4s4H2LH")
LOCATOR = struct.Struct("<4sLQL")
END_64 = struct.Struct("<4sQ2H2L4Q")
ENTRY = struct.Struct("<4s6H3L5H2L")
LOCAL = struct.Struct("<4s5H3L2H")
END_MARK, LOCATOR_MARK, END_64_MARK, ENTRY_MARK, LOCAL_MARK = (
    b"PK\5\6",
    b"PK\6\7",
    b"PK\6\6",
    b"PK\1\2",
    b"PK\3\4",
)
MAX_COMMENT = 0xFFFF
IN_ZIP64 = 0xFFFFFFFF  # stands where the number itself is in the entry's zip64 field
ZIP64 = 1  # that field's id
ENCRYPTED = 0x0001 | 0x0040 | 0x2000
UNIX = 3  # the system whose file modes the upper half of `external` holds

STORED, DEFLATED = 0, 8
METHODS = {9: "deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd", 99: "AES"}

_UNSAFE = (
    (re.compile(r"[\x00-\x1f\x7f-\x9f]"), "has a control character in its name"),
    (re.compile(r"\\"), "has a backslash in its name: folders are separated by /"),
    (re.compile(r"^/|^[A-Za-z]:"), "has an absolute path"),
    (re.compile(r"(^|/)\.\.?(/|$)|//"), "has a path that leads elsewhere: '.', '..' or nothing between two /"),
)
_HIDDEN = re.compile(r"(^|/)(\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(/|$)", re.IGNORECASE)


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

    @property
    def is_hidden(self) -> bool:
        """Whether it is what systems leave in folders: `__MACOSX`, `.DS_Store`, `Thumbs.db`, hidden files."""
        return _HIDDEN.search(self.name) is not None


@dataclass(frozen=True)
class Archive:
    """A zip whose directory was checked."""

    file: BinaryIO
    members: tuple[Member, ...]
    """Those that matter, in the directory's order: hidden ones are left out."""

    @property
    def files(self) -> tuple[Member, ...]:
        """The members that have content."""
        return tuple(member for member in self.members if not member.is_folder)

    def open(self, member: Member) -> Stream:
        """The member's content from its beginning; reading it raises Unreadable."""
        start = member.offset + _length_of_local_header(self.file, member)
        packed = Window(self.file, start, member.packed)
        return Checked(Inflated(packed) if member.method == DEFLATED else packed, member.size, member.crc)

    def content(self, member: Member, most: int) -> bytes:
        """The whole of a member of at most so many bytes. Raises Unreadable."""
        if member.size > most:
            raise Unreadable(f"has {member.size:,} bytes: at most {most:,} are read")
        return self.open(member).read(member.size)


def archive_in(file: BinaryIO) -> Archive:
    """The archive that a file is, with everything checked that can be without unpacking. Raises DatasetRefused."""
    size = file.seek(0, os.SEEK_END)
    start, end, number = _place_of_directory(file, size)
    if number > MAX_MEMBERS:
        raise refusal(None, f"the archive has {number:,} members: at most {MAX_MEMBERS:,} are read")
    if end - start > MAX_DIRECTORY:
        raise refusal(None, f"the archive's directory has {end - start:,} bytes: at most {MAX_DIRECTORY:,} are read")
    members = tuple(_entries(exactly(Window(file, start, end - start), end - start), number))
    unpacked = sum(member.size for member in members)
    if unpacked > MAX_UNPACKED:
        raise refusal(None, f"the archive unpacks to {unpacked:,} bytes: at most {MAX_UNPACKED:,} are read")
    if unpacked > MAX_RATIO * size:
        raise refusal(None, f"the archive unpacks to more than {MAX_RATIO:,} times its own size")
    faults = Faults()
    _check_members(members, faults)
    faults.check()
    _check_places(file, members, start, faults)
    faults.check()
    return Archive(file, tuple(member for member in members if not member.is_hidden))


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
    if end >= LOCATOR.size and _read(file, end - LOCATOR.size, LOCATOR.size)[:4] == LOCATOR_MARK:
        _, _, end_64, _ = LOCATOR.unpack(_read(file, end - LOCATOR.size, LOCATOR.size))
        if end_64 + END_64.size != end - LOCATOR.size:
            raise refusal(None, "the archive's zip64 directory is damaged")
        mark, _, _, _, disk, first_disk, on_disk, number, length, start = END_64.unpack(
            _read(file, end_64, END_64.size)
        )
        if mark != END_64_MARK:
            raise refusal(None, "the archive's zip64 directory is damaged")
        end = end_64
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


def _check_members(members: tuple[Member, ...], faults: Faults) -> None:
    """What is wrong with each member for itself, and names that there are twice."""
    seen = set()
    for member in members:
        if member.name in seen:
            faults.add(member.name, "is in the archive twice")
        seen.add(member.name)
        if not 0 < len(member.raw_name) <= MAX_NAME:
            faults.add(member.name, f"has a name of {len(member.raw_name):,} bytes: from 1 to {MAX_NAME:,} are read")
        for unsafe, message in _UNSAFE:
            if unsafe.search(member.name):
                faults.add(member.name, message)
        if member.flags & ENCRYPTED:
            faults.add(member.name, "is encrypted: archive it without a password")
        elif member.method not in (STORED, DEFLATED):
            method = METHODS.get(member.method, f"method {member.method}")
            faults.add(member.name, f"is packed with {method}: archive it with deflate, as most programs do")
        kind = stat.S_IFMT(member.mode)
        if kind not in (0, stat.S_IFREG, stat.S_IFDIR):
            faults.add(member.name, "is a link or a device: archive the file itself")
        if member.is_folder and member.size:
            faults.add(member.name, "is a folder that has content")
        if member.method == STORED and member.packed != member.size:
            faults.add(member.name, "is not packed, and yet has two sizes")


def _check_places(file: BinaryIO, members: tuple[Member, ...], directory: int, faults: Faults) -> None:
    """That each member lies between the one before it and the next, and is at its place the one that it says."""
    ordered = sorted(members, key=lambda member: member.offset)
    places = [member.offset for member in ordered] + [directory]
    for member, (start, following) in zip(ordered, pairwise(places), strict=True):
        if start > directory:
            faults.add(member.name, "is not where the archive's directory says")
            continue
        try:
            end = start + _length_of_local_header(file, member) + member.packed
        except Unreadable as error:
            faults.add(member.name, str(error))
            continue
        if end > following:
            faults.add(member.name, "overlaps what follows it in the archive")


def _length_of_local_header(file: BinaryIO, member: Member) -> int:
    header = _read(file, member.offset, LOCAL.size)
    if len(header) < LOCAL.size or header[:4] != LOCAL_MARK:
        raise Unreadable("is not where the archive's directory says")
    *_, name_length, extra_length = LOCAL.unpack(header)
    if _read(file, member.offset + LOCAL.size, name_length) != member.raw_name:
        raise Unreadable("has another name at its place than in the archive's directory")
    return LOCAL.size + int(name_length) + int(extra_length)
