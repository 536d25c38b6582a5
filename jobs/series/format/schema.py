"""What a table of a series holds: rows as a value, their Arrow form, and what the manifest says of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from bn.architecture.measures import DIAGNOSTIC_NAMES

TRAIN, VALIDATION, TEST = "train", "validation", "test"
ACTIVATIONS, UNITS, HISTOGRAMS = "activations", "units", "histograms"
TABLES = (TRAIN, VALIDATION, TEST, ACTIVATIONS, UNITS, HISTOGRAMS, *DIAGNOSTIC_NAMES)

BINS = 64  # of a histogram
COUNTS = ".counts"  # how the name of a column of histograms ends; every other column has one number a row

Column = NDArray[np.float32 | np.uint32]

# Arrays go from numpy to Arrow and back as buffers: pa.array and to_numpy would import pandas where it is installed,
# 0.2 s of a training and 50 MB of the API.
_DTYPES = {pa.int64(): np.int64, pa.float64(): np.float64, pa.float32(): np.float32, pa.uint32(): np.uint32}


@dataclass(frozen=True, eq=False)
class Rows:
    """Some rows of a table, by increasing step.

    step: int64 [n]; time: float64 [n], seconds since 1970; columns: float32 [n], or float32 or uint32 [n, 64].
    """

    step: NDArray[np.int64]
    time: NDArray[np.float64]
    columns: dict[str, Column]

    def __len__(self) -> int:
        return len(self.step)


def validate(rows: Rows) -> None:
    """Raise ValueError where the rows are not what a chunk can hold: every step once, in order, and these types."""
    n = len(rows)
    if rows.step.dtype != np.int64 or rows.time.dtype != np.float64 or rows.time.shape != (n,):
        raise ValueError(f"step and time are {rows.step.dtype}[{n}] and {rows.time.dtype}[{len(rows.time)}]")
    if not np.all(rows.step[1:] > rows.step[:-1]):
        raise ValueError("steps must increase from row to row: none twice, none out of order")
    for name, column in rows.columns.items():
        if (column.dtype.name, column.shape) not in (("float32", (n,)), ("float32", (n, BINS)), ("uint32", (n, BINS))):
            raise ValueError(f"column '{name}' is {column.dtype}{list(column.shape)}, for {n} rows")


def no_values(name: str) -> NDArray[Any]:
    """A column of no rows."""
    kind = {"step": np.int64, "time": np.float64}.get(name, np.float32)
    return np.empty((0, BINS) if name.endswith(COUNTS) else 0, kind)


def concatenate(parts: Sequence[Rows]) -> Rows:
    """The rows of all parts, in their order, copied. There must be a part, and all have the columns of the first."""
    return Rows(
        np.concatenate([part.step for part in parts]),
        np.concatenate([part.time for part in parts]),
        {name: np.concatenate([part.columns[name] for part in parts]) for name in parts[0].columns},
    )


def between(rows: Rows, start: int, stop: int) -> Rows:
    """The rows with start <= step <= stop, as views."""
    first, end = np.searchsorted(rows.step, start), np.searchsorted(rows.step, stop, side="right")
    return cut(rows, slice(first, end))


def cut(rows: Rows, which: slice) -> Rows:
    """The rows at these places, as views."""
    columns = {name: column[which] for name, column in rows.columns.items()}
    return Rows(rows.step[which], rows.time[which], columns)


def to_arrow(rows: Rows) -> memoryview:
    """The rows as an Arrow IPC file: the stream format would hide a truncation.

    Numbers are read by memory map, so that nothing is compressed, but for histograms: most of their bits are zeros.
    """
    columns = {"step": rows.step, "time": rows.time, **rows.columns}
    arrays = [arrow_array(column) for column in columns.values()]
    fields = [pa.field(name, array.type, nullable=False) for name, array in zip(columns, arrays, strict=True)]
    batch = pa.record_batch(arrays, schema=pa.schema(fields))
    sink = pa.BufferOutputStream()
    has_histograms = any(column.ndim > 1 for column in rows.columns.values())
    options = pa.ipc.IpcWriteOptions(compression="zstd" if has_histograms else None)
    with pa.ipc.new_file(sink, batch.schema, options=options) as file:
        file.write_batch(batch)
    return memoryview(sink.getvalue())


def from_arrow(data: memoryview, names: Sequence[str]) -> dict[str, NDArray[Any]]:
    """The named columns of an Arrow IPC file, `step` and `time` among them, as views of `data`."""
    source = pa.BufferReader(pa.py_buffer(data))
    file = pa.ipc.open_file(source)
    if file.schema.field(-1).name.endswith(COUNTS):  # compressed: what is not named here is not unpacked
        fields = sorted(file.schema.get_field_index(name) for name in names)
        file = pa.ipc.open_file(source, options=pa.ipc.IpcReadOptions(included_fields=fields))
    batch = file.get_batch(0)
    return {name: _numpy_array(batch.column(name)) for name in names}


def statistics(rows: Rows) -> dict[str, dict[str, float | None]]:
    """What the manifest says of each series; min and max are of the finite values, null where there are none.

    `first` and `last` are values, null where they are not finite; `min_step` and `max_step` are where the extremes
    are first. A column of histograms has neither.
    """
    return {name: _statistics(rows.step, column) for name, column in rows.columns.items()}


def number(value: np.float32 | np.uint32) -> float | None:
    """A value as JSON has it: its shortest decimal, null where it is not finite.

    >>> number(np.float32(0.1)), number(np.float32("nan"))
    (0.1, None)
    """
    return float(str(value)) if np.isfinite(value) else None


def _statistics(step: NDArray[np.int64], column: Column) -> dict[str, float | None]:
    is_finite = np.isfinite(column)
    finite = column[is_finite]
    found: dict[str, float | None] = {
        "count": len(column),
        "min": number(finite.min()) if finite.size else None,
        "max": number(finite.max()) if finite.size else None,
        "nonfinite": column.size - finite.size,
    }
    if column.ndim > 1:
        return found
    steps = step[is_finite]
    return found | {
        "first": number(column[0]),
        "last": number(column[-1]),
        "min_step": int(steps[finite.argmin()]) if finite.size else None,
        "max_step": int(steps[finite.argmax()]) if finite.size else None,
    }


def arrow_array(column: NDArray[Any]) -> Any:
    """A column as Arrow has it: numbers, or lists of 64."""
    values = np.ascontiguousarray(column).reshape(-1)
    array = pa.Array.from_buffers(pa.from_numpy_dtype(values.dtype), values.size, [None, pa.py_buffer(values)])
    return array if column.ndim == 1 else pa.FixedSizeListArray.from_arrays(array, BINS)


def _numpy_array(array: Any) -> NDArray[Any]:
    values = array.values if pa.types.is_fixed_size_list(array.type) else array
    flat = np.frombuffer(values.buffers()[1], _DTYPES[values.type], len(values))
    return flat if values is array else flat.reshape(-1, BINS)
