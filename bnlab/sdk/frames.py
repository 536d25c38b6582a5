"""Tables of a series as other libraries hold them: pyarrow, pandas and polars, which the client loads when asked."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

from bnlab.sdk.extras import imported

LIBRARIES = ("pandas", "polars")


def arrow_of(parquet: Iterable[bytes]) -> Any:
    """The `pyarrow.Table` in the pieces of a Parquet file. Raises CannotRun where pyarrow is not installed."""
    return imported("pyarrow.parquet").read_table(BytesIO(b"".join(parquet)))


def frame_of(table: Any, library: str) -> Any:
    """An Arrow table as a data frame of `pandas` or `polars`. Raises CannotRun where that is not installed."""
    if library not in LIBRARIES:
        raise ValueError(f"there are data frames of {' and '.join(LIBRARIES)}, not of '{library}'")
    loaded = imported(library)
    return loaded.from_arrow(table) if library == "polars" else table.to_pandas()
