"""A CSV file with a line of names: features in every column but one, which is `label` or else the last."""

import codecs
import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from pyarrow import csv as arrow_csv

from jobs.datasets.judging.faults import Faults, refusal
from jobs.datasets.judging.limits import MAX_FEATURES, MAX_LINE
from jobs.datasets.judging.numbers import features
from jobs.datasets.judging.parts import Block, Part, Parts, Upload
from jobs.datasets.judging.streams import whole_of
from jobs.datasets.judging.text_labels import classes_of, texts_of

LABEL = "label"
SEPARATORS = (";", "\t", "|")
NO_ROW = "there is no row below the line of names"
NO_TEXT = "the file is no CSV in UTF-8"


@dataclass(frozen=True)
class _Table:
    """A file's columns by their names; rows are counted from 1, below the line of names."""

    file: BinaryIO
    names: tuple[str, ...]
    label: int

    @property
    def feature_names(self) -> tuple[str, ...]:
        return self.names[: self.label] + self.names[self.label + 1 :]


def read(upload: Upload) -> Parts:
    """What is in the file. Raises DatasetRefused."""
    faults = upload.faults
    table = _table(upload.file)
    _check_encoding(upload.file)
    labels = (batch.column(0) for batch in _batches(table, (table.names[table.label],), faults))
    texts = texts_of(None, labels, faults)
    faults.check()
    if not len(texts.places):
        raise refusal(None, NO_ROW)
    classes, (numbers,) = classes_of([texts], faults)
    faults.check()
    train = Part(numbers, lambda: _blocks(table, faults))
    return Parts("csv", (len(table.feature_names),), "float32", classes, train, None, ())


def _table(file: BinaryIO) -> _Table:
    """The file's names of columns, from its first line. Raises DatasetRefused."""
    start = whole_of(file).read(MAX_LINE)
    line, newline, _ = start.partition(b"\n")
    if b"\0" in start or (not newline and len(start) == MAX_LINE):
        raise refusal(None, f"{NO_TEXT}, nor is it npz, zip or Parquet: what it begins with makes no sense")
    try:
        names = tuple(name.strip() for name in next(csv.reader([line.decode("utf-8-sig").rstrip("\r")]), []))
    except UnicodeDecodeError:
        raise refusal(None, f"{NO_TEXT}: save it in UTF-8") from None
    except csv.Error as error:
        raise refusal(None, f"{NO_TEXT}: its first line: {error}") from None
    _check_names(names)
    if not newline:
        raise refusal(None, NO_ROW)
    return _Table(file, names, names.index(LABEL) if LABEL in names else len(names) - 1)


def _check_encoding(file: BinaryIO) -> None:
    """All of it, before pyarrow sees it, which loses rows whose length is wrong where they are not UTF-8."""
    window, decoder = whole_of(file), codecs.getincrementaldecoder("utf-8")()
    try:
        while content := window.read(MAX_LINE):
            decoder.decode(content)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        raise refusal(None, f"{NO_TEXT}: save it in UTF-8") from None


def _check_names(names: tuple[str, ...]) -> None:
    faults = Faults()
    if len(names) < 2:
        separators = [f"'{separator}'" for separator in SEPARATORS if names and separator in names[0]]
        told = (
            f"columns are separated by {separators[0]}: save them with commas" if separators else "there is one column"
        )
        faults.add(None, f"{told}; features and a label are read")
    if len(names) > MAX_FEATURES + 1:
        faults.add(None, f"there are {len(names):,} columns: at most {MAX_FEATURES:,} features and a label are read")
    faults.check()
    if all(map(_is_number, names)):
        faults.add(None, "the first line has numbers: it must be the names of the columns")
    seen = set()
    for place, name in enumerate(names, 1):
        if not name:
            faults.add(None, f"column {place} has no name")
        elif name in seen:
            faults.add(None, f"two columns are called '{name}'")
        seen.add(name)
    faults.check()


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _batches(table: _Table, columns: tuple[str, ...], faults: Faults) -> Iterator[pa.RecordBatch]:
    """These columns as text, in pieces of about a line's limit; rows of other lengths are faults, and left out."""
    reading = arrow_csv.ReadOptions(use_threads=False, block_size=MAX_LINE, skip_rows=1, column_names=table.names)
    parsing = arrow_csv.ParseOptions(invalid_row_handler=_telling(faults))
    types = arrow_csv.ConvertOptions(include_columns=columns, column_types=dict.fromkeys(columns, pa.string()))
    try:
        yield from arrow_csv.open_csv(whole_of(table.file), reading, parsing, types)
    except pa.ArrowException as error:
        faults.add(None, _explained(str(error)))


def _telling(faults: Faults) -> Callable[[arrow_csv.InvalidRow], str]:
    def tell(row: arrow_csv.InvalidRow) -> str:
        faults.add(
            None,
            f"row {row.number - 1:,} has {row.actual_columns:,} cells, and there are {row.expected_columns:,} names",
        )
        return "skip"

    return tell


def _explained(told: str) -> str:
    """What pyarrow says, in words that say what to do."""
    if "straddl" in told:
        return f"a line is longer than {MAX_LINE:,} bytes"
    return f"cannot be read: {told}"


def _blocks(table: _Table, faults: Faults) -> Iterator[Block]:
    names = table.feature_names
    first = 1
    for batch in _batches(table, names, faults):
        columns = [_numbers(column, name, first, faults) for column, name in zip(batch.columns, names, strict=True)]
        yield _finite(np.column_stack(columns), names, first, faults)
        first += len(batch)


def _finite(block: NDArray[np.float64], names: tuple[str, ...], first: int, faults: Faults) -> Block:
    return features(None, block, lambda row, column: f"row {first + row:,}, column '{names[column]}'", faults)


def _numbers(column: pa.Array, name: str, first: int, faults: Faults) -> NDArray[np.float64]:
    """A column's texts as numbers; the first that is none is a fault, and all are zeros then."""
    trimmed = pc.utf8_trim_whitespace(column)
    if _are_numbers(trimmed):
        return np.asarray(pc.cast(trimmed, pa.float64()))
    low, high = 0, len(trimmed)  # the first that is none is among these
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _are_numbers(trimmed[low:middle]) else (low, middle)
    text = trimmed[low].as_py()
    told = f"'{text[:60]}' is no number" if text else "there is nothing"
    faults.add(None, f"row {first + low:,}, column '{name}': {told}")
    return np.zeros(len(column))


def _are_numbers(texts: pa.Array) -> bool:
    try:
        pc.cast(texts, pa.float64())
    except pa.ArrowInvalid:
        return False
    return True
