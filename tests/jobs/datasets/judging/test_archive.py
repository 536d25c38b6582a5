"""What is refused before anything is unpacked, of archives that lie; each by the name of the member that does."""

import io
import stat
import struct
import zipfile

import pytest

from jobs.datasets.judging import zip_directory
from jobs.datasets.judging.archive import Archive, archive_in
from jobs.datasets.judging.streams import Unreadable
from jobs.datasets.judging.zip_directory import IN_ZIP64
from jobs.errors import DatasetRefused
from tests.support.uploads import Entry, forged, zipped

HELLO = Entry(b"hello.txt")


def opened(content: bytes) -> Archive:
    return archive_in(io.BytesIO(content))


def read(content: bytes) -> bytes:
    """The first member's."""
    found = opened(content)
    return found.content(found.files[0], 1_000)


def refusal(content: bytes) -> str:
    with pytest.raises(DatasetRefused) as caught:
        opened(content)
    return str(caught.value)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_members_are_read_as_they_were_archived(method: int) -> None:
    found = opened(zipped({"a/1": b"one", "a/2": b"two" * 100}, method))
    assert [(member.name, found.content(member, 1_000)) for member in found.files] == [
        ("a/1", b"one"),
        ("a/2", b"two" * 100),
    ]


def test_an_archive_that_was_written_without_going_back_is_read() -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def tell(self) -> int:
            raise OSError("a pipe has no place")

    stream = Pipe()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as written:
        written.writestr("hello.txt", b"hello")
    assert read(stream.getvalue()) == b"hello"


def test_sizes_of_64_bits_are_read() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as written, written.open("hello.txt", "w", force_zip64=True) as member:
        member.write(b"hello")
    assert read(stream.getvalue()) == b"hello"


def test_a_directory_of_64_bits_is_read() -> None:
    """As programs write it that have more members than 16 bits count."""
    content = forged(HELLO)
    start, end = content.index(b"PK\1\2"), content.index(b"PK\5\6")
    large = struct.pack("<4sQ2H2L4Q", b"PK\6\6", 44, 45, 45, 0, 0, 1, 1, end - start, start)
    locator = struct.pack("<4sLQL", b"PK\6\7", 0, end, 1)
    last = struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, IN_ZIP64, IN_ZIP64, 0)
    assert read(content[:end] + large + locator + last) == b"hello"
    for damaged in (large.replace(b"PK\6\6", b"PK\6\5") + locator, large + b"x" + locator):
        assert refusal(content[:end] + damaged + last) == "the archive's zip64 directory is damaged"


def of_64_bits(number: int) -> bytes:
    """The field of an entry in which its one large number stands."""
    return struct.pack("<2H2x2HQ", 9, 2, 1, 8, number)


def test_a_number_of_64_bits_stands_in_the_entrys_own_field() -> None:
    assert read(forged(Entry(b"hello", packed=IN_ZIP64, extra=of_64_bits(5)))) == b"hello"
    for damaged in (b"", of_64_bits(5)[:-1], of_64_bits(5)[:3]):
        assert "two sizes" in refusal(forged(Entry(b"hello", packed=IN_ZIP64, extra=damaged)))


@pytest.mark.parametrize(("raw", "name"), [("größe".encode(), "größe"), (b"gr\x94\xe1e", "größe")])
def test_names_are_of_utf_8_whatever_their_flag_says_and_else_of_dos(raw: bytes, name: str) -> None:
    assert opened(forged(Entry(raw))).files[0].name == name


@pytest.mark.parametrize(
    "name", [b"__MACOSX/cat/._1.png", b"cat/.DS_Store", b"cat/Thumbs.db", b".git/config", b"cat/desktop.ini"]
)
def test_what_systems_leave_in_folders_is_left_out(name: bytes) -> None:
    assert [member.name for member in opened(forged(Entry(name), HELLO)).files] == ["hello.txt"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        (b"../evil", r"'\.\.'"),
        (b"cat/../../evil", r"'\.\.'"),
        (b"./cat/1.png", r"'\.\.'"),
        (b"cat//1.png", "nothing between two /"),
        (b"/etc/passwd", "absolute path"),
        (b"C:/evil", "absolute path"),
        (b"cat\\1.png", "backslash"),
        (b"cat\0.png", "control character"),
        (b"cat\x1b[31m.png", "control character"),
        (b"", "a name of 0 bytes"),
        (b"n" * 1_001, "a name of 1,001 bytes"),
    ],
)
def test_names_that_could_lead_elsewhere_are_refused(name: bytes, told: str) -> None:
    with pytest.raises(DatasetRefused, match=told):
        opened(forged(Entry(name)))


def test_names_of_devices_are_names() -> None:
    assert [member.name for member in opened(forged(Entry(b"CON/nul.png"))).files] == ["CON/nul.png"]


def test_links_are_refused() -> None:
    assert refusal(forged(Entry(b"link", mode=stat.S_IFLNK | 0o777))).startswith("link: is a link or a device")


def test_a_name_that_is_there_twice_is_refused() -> None:
    assert refusal(forged(HELLO, HELLO)) == "hello.txt: is in the archive twice"


def test_every_fault_is_told_at_once() -> None:
    told = refusal(forged(Entry(b"../a"), Entry(b"b", flags=1), Entry(b"c", method=12)))
    assert [fault.split(":")[0] for fault in told.split("; ")] == ["../a", "b", "c"]


def test_encrypted_members_are_refused() -> None:
    assert refusal(forged(Entry(b"secret", flags=1))) == "secret: is encrypted: archive it without a password"


@pytest.mark.parametrize(("method", "name"), [(12, "bzip2"), (14, "LZMA"), (93, "Zstandard"), (77, "method 77")])
def test_other_methods_than_stored_and_deflated_are_refused(method: int, name: str) -> None:
    assert refusal(forged(Entry(b"big", method=method))).startswith(
        f"big: is packed with {name}: archive it with deflate"
    )


def test_members_that_overlap_are_refused() -> None:
    inner = Entry(b"inner", b"x" * 50)
    assert refusal(forged(inner, Entry(b"other", offset=0))) == (
        "inner: overlaps what follows it in the archive; "
        "other: has another name at its place than in the archive's directory"
    )


def test_a_quoted_member_which_holds_the_next_ones_header_is_refused() -> None:
    whole = forged(Entry(b"kernel", b"x" * 20))
    quoted = Entry(b"quote", whole[: whole.index(b"PK\1\2")])
    kernel = Entry(b"kernel", b"x" * 20, offset=30 + len(b"quote"))
    assert "quote: overlaps what follows it" in refusal(forged(quoted, kernel))


def test_a_packed_size_beyond_the_directory_is_refused() -> None:
    entry = Entry(b"big", method=zipfile.ZIP_DEFLATED, packed=2**31)
    assert refusal(forged(entry)) == "big: overlaps what follows it in the archive"


def test_a_member_beyond_the_directory_is_refused() -> None:
    for entry in (Entry(b"far", offset=2**31), Entry(b"far", offset=IN_ZIP64, extra=of_64_bits(2**64 - 1))):
        assert refusal(forged(entry)) == "far: is not where the archive's directory says"


def test_a_bomb_is_refused_by_what_it_says_that_it_unpacks_to() -> None:
    bomb = Entry(b"bomb", method=zipfile.ZIP_DEFLATED, size=2**32 - 2)
    assert "unpacks to more than 1,000 times its own size" in refusal(forged(bomb))
    assert "at most 4,294,967,296 are read" in refusal(forged(bomb, Entry(b"other", method=8, size=10_000)))


def test_a_bomb_that_lies_about_its_size_is_read_no_further_than_it_says() -> None:
    bomb = Entry(b"bomb", bytes(10_000_000), method=zipfile.ZIP_DEFLATED, size=100)
    with pytest.raises(Unreadable, match="unpacks to more than the archive declares"):
        read(forged(bomb))


def test_a_member_that_unpacks_to_less_than_it_says_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="ends early"):
        read(forged(Entry(b"short", b"x" * 10, method=zipfile.ZIP_DEFLATED, size=11)))


def test_a_member_of_another_checksum_is_unreadable() -> None:
    with pytest.raises(Unreadable, match="its checksum is another one"):
        read(forged(Entry(b"hello", crc=0)))


def test_a_member_that_is_no_deflate_is_unreadable() -> None:
    whole = forged(Entry(b"hello", b"hello" * 9, method=zipfile.ZIP_DEFLATED))
    with pytest.raises(Unreadable, match="cannot be unpacked"):
        read(whole[:35] + b"\xff" + whole[36:])


def test_a_member_is_read_up_to_a_size_that_is_asked_for() -> None:
    found = opened(forged(HELLO))
    with pytest.raises(Unreadable, match="has 5 bytes: at most 4 are read"):
        found.content(found.files[0], 4)


def test_a_stored_member_of_two_sizes_is_refused() -> None:
    assert "two sizes" in refusal(forged(Entry(b"odd", b"hello", size=6)))


def test_a_folder_with_content_is_refused() -> None:
    assert refusal(forged(Entry(b"cat/"))) == "cat/: is a folder that has content"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"PK\3\4", "it has no directory"),
        (forged(HELLO)[:-1], "it has no directory"),
        (forged(HELLO) + b"more", "something was appended"),
        (b"before" + forged(HELLO), "something stands before it"),
        (forged(HELLO, number=2), "directory is damaged"),
        (forged(HELLO, HELLO, number=1), "another number of entries"),
        (forged(HELLO).replace(b"PK\1\2", b"PK\1\1"), "directory is damaged"),
    ],
)
def test_a_directory_that_is_not_as_it_says_is_refused(content: bytes, told: str) -> None:
    assert told in refusal(content)


def test_more_members_than_the_limit_are_refused_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(zip_directory, "MAX_MEMBERS", 1)
    assert "has 2 members: at most 1 are read" in refusal(zipped({"a": b"", "b": b""}))
    monkeypatch.undo()
    monkeypatch.setattr(zip_directory, "MAX_DIRECTORY", 10)
    assert "at most 10 are read" in refusal(zipped({"a": b""}))


def test_a_comment_is_no_fault() -> None:
    assert read(forged(HELLO, comment=b"made by hand")) == b"hello"
