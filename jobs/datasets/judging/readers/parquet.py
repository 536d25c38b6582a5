"""Parquet as Hugging Face writes it, a column of pictures' files and one of labels: one file, or a zip of several."""

import os
from collections.abc import Sequence
from functools import partial
from typing import BinaryIO

import numpy as np
import pyarrow as pa

from jobs.datasets.judging.archive import Archive
from jobs.datasets.judging.classes import numbered, whole
from jobs.datasets.judging.faults import Faults, refusal
from jobs.datasets.judging.gallery import decoded, form_of
from jobs.datasets.judging.limits import BLOCK
from jobs.datasets.judging.parts import Labels, Part, Parts, Upload, joined, split_of
from jobs.datasets.judging.readers.parquet_file import ROWS_OF_LABELS, Table, columns, pictures, table_of
from jobs.datasets.judging.streams import Unreadable, Window, whole_of
from jobs.datasets.judging.text_labels import classes_of, texts_of
from jobs.datasets.judging.zip_directory import Member

JOINED = "the validation files are joined to the training part"
ORDER = ("train", "val", "test")


def read_file(upload: Upload) -> Parts:
    """What is in a single file. Raises DatasetRefused."""
    try:
        table = table_of(None, whole_of(upload.file))
    except Unreadable as error:
        raise refusal(None, f"the Parquet file {error}") from None
    return _parts([("train", table)], upload)


def read_archive(archive: Archive, upload: Upload) -> Parts:
    """What is in a zip of files that have train, test or validation in their names. Raises DatasetRefused."""
    tables = []
    path = upload.folder / "unpacked"
    room = upload.opened.enter_context(path.open("xb+"))
    path.unlink()  # it goes when it is closed
    for member in sorted(archive.files, key=lambda each: each.name):
        split = split_of(member.name)
        if split is None:
            upload.faults.add(member.name, "says neither train nor test in its name, such as train-0.parquet")
            continue
        try:
            tables.append((split, table_of(member.name, _unpacked(archive, member, room))))
        except Unreadable as error:
            upload.faults.add(member.name, str(error))
    if not any(split == "train" for split, _ in tables):
        upload.faults.add(None, "there is no file to train with, such as train-0.parquet")
    upload.faults.check()
    return _parts(sorted(tables, key=lambda each: ORDER.index(each[0])), upload)


def _unpacked(archive: Archive, member: Member, room: BinaryIO) -> Window:
    """A member as a file in which one can go to and fro, a stretch of one that all members share. Raises Unreadable."""
    start = room.seek(0, os.SEEK_END)
    stream, left = archive.open(member), member.size
    while left:
        left -= room.write(stream.read(min(left, BLOCK)))
    return Window(room, start, member.size)


def _parts(tables: Sequence[tuple[str, Table]], upload: Upload) -> Parts:
    faults = upload.faults
    every = [table for _, table in tables]
    classes, labels = _labels(every, faults)
    faults.check()
    galleries = [partial(pictures, table, faults) for table in every]
    size = upload.options.size
    shape, warnings = form_of(galleries, size, faults)
    parts: dict[str, list[Part]] = {split: [] for split in ORDER}
    for (split, _), numbers, gallery in zip(tables, labels, galleries, strict=True):
        parts[split].append(Part(numbers, partial(decoded, gallery, shape, size, faults)))
    return Parts(
        "parquet",
        shape,
        "uint8",
        classes,
        joined([*parts["train"], *parts["val"]]),
        joined(parts["test"]) if parts["test"] else None,
        (*warnings, *([JOINED] * bool(parts["val"]))),
    )


def _labels(tables: Sequence[Table], faults: Faults) -> tuple[tuple[str, ...], list[Labels]]:
    """The classes, and each table's labels."""
    are_numbers = [pa.types.is_integer(table.label.type) for table in tables]
    if all(are_numbers):
        labels = [_numbers(table, faults) for table in tables]
        faults.check()
        names = next((table.class_names for table in tables if table.class_names), ())
        return numbered(
            [(table.member, each) for table, each in zip(tables, labels, strict=True)], faults, names
        ), labels
    if any(are_numbers):
        raise refusal(None, "labels are whole numbers in some files and text in others: save them alike")
    pieces = [columns(table, table.label.name, ROWS_OF_LABELS, faults) for table in tables]
    texts = [texts_of(table.member, piece, faults) for table, piece in zip(tables, pieces, strict=True)]
    faults.check()
    return classes_of(texts, faults)


def _numbers(table: Table, faults: Faults) -> Labels:
    found = [np.zeros(0, np.int64)]
    row = 0
    for column in columns(table, table.label.name, ROWS_OF_LABELS, faults):
        if column.null_count:
            first = int(np.flatnonzero(np.asarray(column.is_null()))[0])
            faults.add(table.member, f"row {row + first + 1:,} has no label")
            return found[0]
        found.append(whole(table.member, np.asarray(column), faults))
        row += len(column)
    return np.concatenate(found)
