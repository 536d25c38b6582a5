"""What the child says of a file, and what of it its parent believes: nothing that does not agree with the rest."""

import io
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from math import prod
from pathlib import Path
from typing import BinaryIO

import numpy as np
from pydantic import TypeAdapter, ValidationError

from jobs.datasets.judging import npy
from jobs.datasets.judging.faults import fault
from jobs.datasets.judging.found import Found
from jobs.datasets.judging.limits import MAX_ANSWER, MAX_FAULTS, MAX_FILE, MAX_SHEET
from jobs.datasets.judging.outputs import ANSWER, EXAMPLES, LABELS, SHEET
from jobs.errors import Fault

PNG = b"\x89PNG\r\n\x1a\n"


class Nonsense(Exception):
    """An answer that is none, or contradicts the files beside it; the message says in what."""


@dataclass(frozen=True)
class Answer:
    """What was found, or faults."""

    landlock: int
    """The version of Landlock that confined the child; 0: there was none."""
    found: Found | None
    faults: tuple[Fault, ...] = ()

    def to_json(self) -> str:
        """As JSON."""
        return json.dumps(asdict(self), allow_nan=False)


def answer_in(folder: Path) -> Answer:
    """What a child has left in its folder, whose files are those that the answer speaks of. Raises Nonsense."""
    with _opened(folder / ANSWER, MAX_ANSWER) as file:
        text = file.read()
    try:
        answer = TypeAdapter(Answer).validate_json(text, strict=True)
    except ValidationError as error:
        raise Nonsense(f"{ANSWER}: {error.errors()[0]['msg']}") from None
    if (answer.found is None) != bool(answer.faults) or len(answer.faults) > MAX_FAULTS + 1:
        raise Nonsense(f"{ANSWER} has neither findings nor faults, or both, or too many")
    if answer.found is None:
        return Answer(answer.landlock, None, tuple(fault(each.member, each.message) for each in answer.faults))
    _check_found(answer.found)
    _check_files(answer.found, folder)
    return answer


def names_of(found: Found) -> tuple[str, ...]:
    """The files that a dataset is kept in."""
    return (*EXAMPLES.values(), *LABELS.values(), *((SHEET,) if found.dtype == "uint8" else ()))


def _check_found(found: Found) -> None:
    try:
        found.check()
    except ValueError as error:
        raise Nonsense(f"{ANSWER}: {error}") from None


def _check_files(found: Found, folder: Path) -> None:
    for split, counts in (("train", found.train_counts), ("test", found.test_counts)):
        check_array(folder / EXAMPLES[split], found.dtype, (sum(counts), *found.shape))
        check_array(folder / LABELS[split], "int64", (sum(counts),))
    if found.dtype == "uint8":
        with _opened(folder / SHEET, MAX_SHEET) as file:
            if file.read(len(PNG)) != PNG:
                raise Nonsense(f"{SHEET} is no PNG")


def check_array(path: Path, dtype: str, shape: tuple[int, ...]) -> None:
    """That a file begins with the one header that an array of this form has, and ends where that says.

    Raises Nonsense.
    """
    expected = io.BytesIO()
    npy.write_header(expected, dtype, shape)
    header = expected.getvalue()
    with _opened(path, MAX_FILE) as file:
        size = os.fstat(file.fileno()).st_size
        if file.read(len(header)) != header or size != len(header) + prod(shape) * np.dtype(dtype).itemsize:
            raise Nonsense(f"{path.name} is not {dtype} {list(shape)}")


@contextmanager
def _opened(path: Path, most: int) -> Iterator[BinaryIO]:
    """A regular file that has no other name, and at most so many bytes. Raises Nonsense."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise Nonsense(f"{path.name}: {error.strerror}") from None
    there = os.fstat(descriptor)
    if not stat.S_ISREG(there.st_mode) or there.st_nlink != 1 or there.st_size > most:
        os.close(descriptor)
        raise Nonsense(f"{path.name} is no regular file of at most {most:,} bytes")
    with open(descriptor, "rb") as file:
        yield file
