"""One Parquet file with pictures and labels: which of its columns they are, and what stands in them.

Columns are known by their plain types alone: a file with extension types, whose metadata some readers unpickle, is
refused.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc
from pyarrow import parquet

from jobs.datasets.judging.faults import Faults
from jobs.datasets.judging.gallery import Picture
from jobs.datasets.judging.limits import MAX_EXAMPLES, MAX_PICTURE, MAX_ROW_GROUP
from jobs.datasets.judging.streams import Unreadable, Window
from jobs.sentences import listed

MAGIC = b"PAR1"
EXTENSION = b"ARROW:extension:name"
IMAGES = ("image", "img")
LABELS = ("label", "labels")
ROWS_OF_PICTURES = 64  # read at a time
ROWS_OF_LABELS = 65_536
DAMAGED = (pa.ArrowException, OSError, ValueError)
"""What pyarrow raises for damaged files."""


@dataclass(frozen=True, eq=False)
class Table:
    """A file whose columns were checked."""

    member: str | None
    """What it is of an archive."""
    file: parquet.ParquetFile
    image: pa.Field
    label: pa.Field
    class_names: tuple[str, ...]
    """As Hugging Face's metadata have them, or none."""


def table_of(member: str | None, file: Window) -> Table:
    """The file, with its columns checked. Raises Unreadable."""
    try:
        return _checked(member, parquet.ParquetFile(file, pre_buffer=False, page_checksum_verification=True))
    except DAMAGED as error:
        raise Unreadable(f"is damaged: {error}") from None


def pictures(table: Table, faults: Faults) -> Iterator[Picture]:
    """The pictures' files in the order of the rows; where the table turns out to be damaged, a fault, and no more."""
    is_struct = pa.types.is_struct(table.image.type)
    row = 0
    for column in columns(
        table, f"{table.image.name}.bytes" if is_struct else table.image.name, ROWS_OF_PICTURES, faults
    ):
        for content in pc.struct_field(column, "bytes") if is_struct else column:
            row += 1
            yield Picture(table.member, f"row {row:,} ", _content(content))


def columns(table: Table, name: str, rows: int, faults: Faults) -> Iterator[pa.Array]:
    """A column in pieces of so many rows; where the table turns out to be damaged, a fault, and no more."""
    try:
        for batch in table.file.iter_batches(rows, columns=[name], use_threads=False):
            yield batch.column(0)
    except DAMAGED as error:
        faults.add(table.member, f"is damaged: {error}")


def _checked(member: str | None, file: parquet.ParquetFile) -> Table:
    schema = file.schema_arrow
    extensions = [field.name for field in schema if _has_extension(field)]
    if extensions:
        raise Unreadable(f"has columns of extension types: {listed(extensions)}: save them as plain ones")
    image = _chosen(schema, IMAGES, _is_image, "picture files, of type struct<bytes, path> or binary")
    label = _chosen(schema, LABELS, _is_label, "labels, whole numbers or text")
    _check_sizes(file.metadata, (image, label))
    return Table(member, file, schema.field(image), schema.field(label), _class_names(schema, label))


def _content(content: pa.Scalar) -> bytes | Unreadable:
    if not content.is_valid:
        return Unreadable("has no picture's bytes: a path alone is not read")
    size = content.as_buffer().size
    if size > MAX_PICTURE:
        return Unreadable(f"has {size:,} bytes: at most {MAX_PICTURE:,} are read")
    return bytes(content.as_py())


def _has_extension(field: pa.Field) -> bool:
    children = [field.type.field(place) for place in range(field.type.num_fields)]
    is_one = isinstance(field.type, pa.BaseExtensionType) or EXTENSION in (field.metadata or {})
    return is_one or any(map(_has_extension, children))


def _is_image(kind: pa.DataType) -> bool:
    if pa.types.is_struct(kind):
        place = kind.get_field_index("bytes")
        return place >= 0 and _is_bytes(kind.field(place).type)
    return _is_bytes(kind)


def _is_bytes(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _is_label(kind: pa.DataType) -> bool:
    return bool(pa.types.is_integer(kind) or pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _chosen(schema: pa.Schema, preferred: Sequence[str], fits: Callable[[pa.DataType], bool], what: str) -> str:
    """The name of the one column that fits, or of the one of them that is called as preferred. Raises Unreadable."""
    fitting = [field.name for field in schema if fits(field.type)]
    chosen = [name for name in preferred if name in fitting][:1] or fitting
    if len(chosen) != 1 or fitting.count(chosen[0]) > 1:
        told = f"has several columns of {what}: {listed(fitting)}" if fitting else f"has no column of {what}"
        raise Unreadable(f"{told}: have one that is called '{preferred[0]}'")
    return chosen[0]


def _check_sizes(metadata: parquet.FileMetaData, names: Sequence[str]) -> None:
    if metadata.num_rows > MAX_EXAMPLES:
        raise Unreadable(f"has {metadata.num_rows:,} rows: at most {MAX_EXAMPLES:,} are read")
    for place in range(metadata.num_row_groups):
        group = metadata.row_group(place)
        chunks = [group.column(number) for number in range(group.num_columns)]
        size = sum(chunk.total_uncompressed_size for chunk in chunks if chunk.path_in_schema.split(".")[0] in names)
        if size > MAX_ROW_GROUP:
            raise Unreadable(f"has {size:,} bytes in row group {place}: at most {MAX_ROW_GROUP:,} are read")


def _class_names(schema: pa.Schema, label: str) -> tuple[str, ...]:
    try:
        feature = json.loads((schema.metadata or {})[b"huggingface"])["info"]["features"][label]
        names = feature["names"] if feature["_type"] == "ClassLabel" else []
    except (KeyError, TypeError, ValueError, RecursionError):
        return ()
    return tuple(names) if isinstance(names, list) and all(isinstance(name, str) for name in names) else ()
