"""A table as Parquet, whatever reads it: float32 columns split by byte and compressed by zstd, a row group a page."""

import io
from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from jobs.lifecycle.job import Job
from jobs.series.answers.names import evaluated_by
from jobs.series.format.columns import EVALUATED
from jobs.series.format.schema import arrow_array
from jobs.series.read.selection import Table


def encode(job: Job, name: str, tables: Iterator[Table]) -> Iterator[bytes]:
    """The file, a row group at a time. Columns are called as in CSV; a histogram's counts are one column of lists."""
    file = _Pieces()
    writer: pq.ParquetWriter | None = None
    for table in tables:
        batch = _arrow(job, name, table)
        if writer is None:
            split = [field.name for field in batch.schema if pa.types.is_floating(field.type)]
            writer = pq.ParquetWriter(
                file, batch.schema, compression="zstd", use_dictionary=False, use_byte_stream_split=split
            )
        writer.write_table(batch)
        yield file.taken()
    assert writer is not None  # there is always a page
    writer.close()
    yield file.taken()


class _Pieces(io.RawIOBase):
    """What was written since it was last taken, and how much there was in all: Parquet's footer has the offsets."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._size = 0

    def writable(self) -> bool:
        return True

    def write(self, data: bytes | memoryview) -> int:  # type: ignore[override]  # of bytes, whatever they are in
        self._parts.append(bytes(data))
        self._size += len(self._parts[-1])
        return len(self._parts[-1])

    def tell(self) -> int:
        return self._size

    def taken(self) -> bytes:
        whole = b"".join(self._parts)
        self._parts = []
        return whole


def _arrow(job: Job, name: str, table: Table) -> pa.Table:
    columns = {"step": arrow_array(table.step), "time": arrow_array(table.time)}
    for series, parts in table.columns.items():
        columns |= {f"{series}{suffix}": arrow_array(values) for suffix, values in parts.items()}
    if name in EVALUATED and (used := evaluated_by(job, table.step)) is not None:
        columns["statistics"] = _words(used)
    return pa.table(columns)


def _words(values: Sequence[str]) -> pa.Array:
    return pa.array(values, pa.string())
