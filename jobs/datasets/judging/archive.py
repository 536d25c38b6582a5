"""An uploaded zip's members, read without trust: what its directory says is checked before anything is unpacked.

Nothing is extracted by its name: names only tell classes and parts.
"""

import os
import re
import stat
from dataclasses import dataclass
from itertools import pairwise
from typing import BinaryIO

from jobs.datasets.judging.faults import Faults, refusal
from jobs.datasets.judging.limits import MAX_NAME, MAX_RATIO, MAX_UNPACKED
from jobs.datasets.judging.streams import Checked, Inflated, Stream, Unreadable, Window
from jobs.datasets.judging.zip_directory import Member, members_in, start_of_content

STORED, DEFLATED = 0, 8
METHODS = {9: "deflate64", 12: "bzip2", 14: "LZMA", 93: "Zstandard", 95: "XZ", 98: "PPMd", 99: "AES"}
ENCRYPTED = 0x0001 | 0x0040 | 0x2000

_UNSAFE = (
    (re.compile(r"[\x00-\x1f\x7f-\x9f]"), "has a control character in its name"),
    (re.compile(r"\\"), "has a backslash in its name: folders are separated by /"),
    (re.compile(r"^/|^[A-Za-z]:"), "has an absolute path"),
    (re.compile(r"(^|/)\.\.?(/|$)|//"), "has a path that leads elsewhere: '.', '..' or nothing between two /"),
)
# What systems leave in folders, and hidden files.
_HIDDEN = re.compile(r"(^|/)(\.[^/]*|__MACOSX|Thumbs\.db|desktop\.ini)(/|$)", re.IGNORECASE)


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
        packed = Window(self.file, start_of_content(self.file, member), member.packed)
        return Checked(Inflated(packed) if member.method == DEFLATED else packed, member.size, member.crc)

    def content(self, member: Member, most: int) -> bytes:
        """The whole of a member of at most so many bytes. Raises Unreadable."""
        if member.size > most:
            raise Unreadable(f"has {member.size:,} bytes: at most {most:,} are read")
        return self.open(member).read(member.size)


def archive_in(file: BinaryIO) -> Archive:
    """The archive that a file is, with everything checked that can be without unpacking. Raises DatasetRefused."""
    members, directory = members_in(file)
    unpacked = sum(member.size for member in members)
    if unpacked > MAX_UNPACKED:
        raise refusal(None, f"the archive unpacks to {unpacked:,} bytes: at most {MAX_UNPACKED:,} are read")
    if unpacked > MAX_RATIO * file.seek(0, os.SEEK_END):
        raise refusal(None, f"the archive unpacks to more than {MAX_RATIO:,} times its own size")
    faults = Faults()
    _check_members(members, faults)
    faults.check()
    _check_places(file, members, directory, faults)
    faults.check()
    return Archive(file, tuple(member for member in members if not _HIDDEN.search(member.name)))


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
            end = start_of_content(file, member) + member.packed
        except Unreadable as error:
            faults.add(member.name, str(error))
            continue
        if end > following:
            faults.add(member.name, "overlaps what follows it in the archive")
