"""numpy.savez's archive of four arrays, or six: images or features and labels, to train and to test with."""

from collections.abc import Iterator
from typing import Any

from numpy.typing import NDArray

from jobs.datasets.judging import npy
from jobs.datasets.judging.archive import Archive
from jobs.datasets.judging.arrays import Array, Place, add_array, parts_of
from jobs.datasets.judging.parts import Parts, Upload
from jobs.datasets.judging.streams import Unreadable
from jobs.datasets.judging.zip_directory import Member

PLACES: dict[str, Place] = {
    name: (split, what)
    for split in ("train", "val", "test")
    for what, names in (("examples", (f"x_{split}", f"{split}_images")), ("labels", (f"y_{split}", f"{split}_labels")))
    for name in names
}
"""By an array's name what it is."""
WANTED = "x_train, y_train, x_test and y_test, or train_images, train_labels, test_images and test_labels"


def read(archive: Archive, upload: Upload) -> Parts:
    """What is in the archive. Raises DatasetRefused."""
    arrays: dict[Place, Array] = {}
    for member in archive.files:
        name = member.name.removesuffix(".npy")
        if name == member.name or name not in PLACES:
            upload.faults.add(member.name, f"is none of the arrays that are read: {WANTED}")
            continue
        try:
            add_array(arrays, PLACES[name], _array(archive, member), upload.faults)
        except Unreadable as error:
            upload.faults.add(member.name, str(error))
    upload.faults.check()
    return parts_of("npz", arrays, WANTED, upload)


def _array(archive: Archive, member: Member) -> Array:
    head = npy.header(archive.open(member))
    if member.size != head.length + head.num_bytes:
        expected = head.length + head.num_bytes
        raise Unreadable(f"has {member.size:,} bytes in the archive, and {expected:,} by its header")

    def blocks() -> Iterator[NDArray[Any]]:
        stream = archive.open(member)
        return npy.blocks(stream, npy.header(stream))

    return Array(member.name, head.dtype, head.shape, blocks)
