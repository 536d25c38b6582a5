"""Which format a file is of, by its bytes alone: names and declared types are the uploader's."""

from jobs.datasets.judging import npy
from jobs.datasets.judging.archive import Archive, archive_in
from jobs.datasets.judging.faults import refusal
from jobs.datasets.judging.parts import Parts, Upload
from jobs.datasets.judging.readers import csv_table, folders, idx, npz, parquet, parquet_file
from jobs.datasets.judging.streams import Unreadable, whole_of
from jobs.datasets.judging.zip_directory import END_MARK, LOCAL_MARK

ARCHIVES = {npy.MAGIC: npz.read, parquet_file.MAGIC: parquet.read_archive, idx.MAGIC: idx.read, idx.GZIP: idx.read}
"""Of an archive, by how its first member begins; any other is of folders."""
ALONE = {
    npy.MAGIC: "is one .npy array: save all of them into one file, with numpy.savez",
    idx.MAGIC: "is one IDX file: put the four of them into one zip",
    idx.GZIP: "is gzipped: unpack it with gunzip and upload what comes out",
    b"\x89PNG": "is one picture: put pictures into folders by class, and these into one zip",
    b"\xff\xd8\xff": "is one picture: put pictures into folders by class, and these into one zip",
    b"Rar!": "is a RAR archive: make it a zip",
    b"7z\xbc\xaf": "is a 7z archive: make it a zip",
    b"\x80": "looks like a pickle, which runs whatever it holds: save arrays with numpy.savez",
}
"""By how they begin, files that many have at hand, and what to do instead."""
ENOUGH = 8  # bytes that tell formats apart


def parts_of(upload: Upload) -> Parts:
    """The file's content, as its format's reader has it. Raises DatasetRefused."""
    start = whole_of(upload.file).read(ENOUGH)
    if not start:
        raise refusal(None, "the file is empty")
    if start.startswith((LOCAL_MARK, END_MARK)):
        return _of_archive(archive_in(upload.file), upload)
    if start.startswith(parquet_file.MAGIC):
        return parquet.read_file(upload)
    for magic, told in ALONE.items():
        if start.startswith(magic):
            raise refusal(None, f"the file {told}")
    return csv_table.read(upload)


def _of_archive(archive: Archive, upload: Upload) -> Parts:
    if not archive.files:
        raise refusal(None, "the archive has no files")
    first = archive.files[0]
    try:
        start = archive.open(first).read(min(ENOUGH, first.size))
    except Unreadable as error:
        raise refusal(first.name, str(error)) from None
    for magic, read in ARCHIVES.items():
        if start.startswith(magic):
            return read(archive, upload)
    return folders.read(archive, upload)
