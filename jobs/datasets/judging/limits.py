"""What a dataset's file may ask of this machine, and how large what is in it may be, in one table."""

from dataclasses import dataclass

MIB = 2**20
GIB = 2**30

# Of the file.
MAX_MEMBERS = 1_000_000  # of an archive
MAX_DIRECTORY = 256 * MIB  # of an archive's central directory
MAX_UNPACKED = 4 * GIB  # what an archive's members say that they unpack to, in all
MAX_RATIO = 1_000  # of that to the archive's size; deflate reaches 1,032
MAX_NAME = 1_000  # bytes of a member's name
MAX_NPY_HEADER = 10_000  # bytes, numpy's own limit
MAX_PICTURE = 64 * MIB  # of one PNG or JPEG file
MAX_PIXELS = 4096 * 4096  # of one picture, before it is scaled
MAX_LINE = MIB  # of a CSV file
MAX_ROW_GROUP = 512 * MIB  # of a Parquet file's columns that are read, uncompressed

# Of what is in it.
MAX_DECODED = 4 * GIB  # all examples
MAX_EXAMPLES = 10_000_000
MAX_SIDE = 4096  # pixels
MAX_FEATURES = 10_000
MAX_CLASSES = 10_000
MAX_CLASS_NAME = 200  # characters

# Of the answer.
MAX_FAULTS = 20
MAX_TOLD = 500  # characters of a message or a name, of which a file may have chosen some
MAX_ANSWER = 16 * MIB
MAX_SHEET = 32 * MIB

# Of the process that judges.
MAX_FILE = MAX_DECODED + MIB  # that it writes
MAX_DESCRIPTORS = 16
NICE = 10
BLOCK = 4 * MIB  # about how much it decodes at a time


@dataclass(frozen=True)
class Bounds:
    """What judging one file may take of the machine; whoever takes more is ended."""

    anonymous: int = 3 * GIB // 2
    """Bytes of memory that belong to no file."""
    processor: int = 300
    """Seconds of computing."""
    seconds: float = 600.0
    """Of waiting."""


BOUNDS = Bounds()
