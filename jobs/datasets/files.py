"""The files that a fetched dataset consists of, where they belong, and whether what was found is really them."""

import hashlib
import shlex
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

Bytes = bytes | bytearray


class FileError(Exception):
    """A file that cannot be had, or whose bytes are not its own; the message is one line that names it."""


@dataclass(frozen=True)
class File:
    """A file whose every byte is known beforehand."""

    name: str
    size: int  # bytes
    sha256: str


FILES: dict[str, tuple[File, ...]] = {
    "mnist": (
        File("train-images-idx3-ubyte", 47_040_016, "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
        File("train-labels-idx1-ubyte", 60_008, "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
        File("t10k-images-idx3-ubyte", 7_840_016, "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
        File("t10k-labels-idx1-ubyte", 10_008, "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    ),
    "fashion_mnist": (
        File("train-images-idx3-ubyte", 47_040_016, "c59f468a2f672dc815687fe0f83887768d799fd8a3f3276145d20f83aa44d888"),
        File("train-labels-idx1-ubyte", 60_008, "bad3541b69d912435c50bb6ba87bec294ff4f6a2e1246121d8633921760443d9"),
        File("t10k-images-idx3-ubyte", 7_840_016, "5b4141f0afbad91edebe8549f8fcffe087ea10ca49f1dbef5c9a5cd8815ce37b"),
        File("t10k-labels-idx1-ubyte", 10_008, "0402a96d92fd2663957122ceb108a494c5af83dab82d92729df917d7dec38c34"),
    ),
    "cifar10": (
        File("data_batch_1.bin", 30_730_000, "cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5"),
        File("data_batch_2.bin", 30_730_000, "a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed"),
        File("data_batch_3.bin", 30_730_000, "bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67"),
        File("data_batch_4.bin", 30_730_000, "014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48"),
        File("data_batch_5.bin", 30_730_000, "755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add"),
        File("test_batch.bin", 30_730_000, "8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b"),
    ),
}
"""Of each fetched dataset, uncompressed. IDX: training images and labels, test images and labels; CIFAR's binary
version: five batches to train on and one to test."""


def manifest_sha256(files: Iterable[File]) -> str:
    """The checksum of a dataset: of a line for each of its files in the order of their names, as `sha256sum` has it.

    >>> manifest_sha256([File("b", 1, "02"), File("a", 1, "01")]) == hashlib.sha256(b"01  a\\n02  b\\n").hexdigest()
    True
    """
    lines = (f"{file.sha256}  {file.name}\n" for file in sorted(files, key=lambda file: file.name))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def folder_of(name: str, data_folder: Path) -> Path:
    """Where a dataset's files are."""
    return data_folder / "datasets" / name


def way_out(name: str, data_folder: Path) -> str:
    """The command, as it can be pasted, that puts a dataset into this data folder.

    >>> way_out("mnist", Path("/srv/lab data"))
    "BNLAB_DATA='/srv/lab data' bnlab data fetch mnist"
    """
    return f"BNLAB_DATA={shlex.quote(str(data_folder.resolve()))} bnlab data fetch {name}"


def check_file(file: File, content: Bytes) -> None:
    """Raises FileError, with what was expected and what was found, if these are not the bytes of the file."""
    if len(content) != file.size:
        raise FileError(f"{file.name} is damaged: expected {file.size} bytes, got {len(content)}")
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != file.sha256:
        raise FileError(f"{file.name} is damaged: expected SHA-256 {file.sha256}, got {sha256}")


def read(folder: Path, file: File) -> bytearray:
    """The file's checked bytes. Raises FileError."""
    try:
        content = bytearray((folder / file.name).read_bytes())
    except FileNotFoundError:
        raise FileError(f"{file.name} is not there") from None
    except OSError as error:
        raise FileError(f"{file.name} cannot be read: {error.strerror}") from None
    check_file(file, content)
    return content


def absent(name: str, folder: Path) -> dict[File, str]:
    """The files of a dataset that are not in the folder as they should be, each with the reason."""
    reasons = {}
    for file in FILES[name]:
        try:
            read(folder, file)
        except FileError as error:
            reasons[file] = str(error)
    return reasons
