"""Tables of a series as other libraries hold them: pyarrow, pandas and polars, which the client loads when asked."""

from collections.abc import Iterable
from importlib import import_module
from io import BytesIO
from typing import Any

from bnlab.errors import CannotRun


def arrow_of(parquet: Iterable[bytes]) -> Any:
    """The `pyarrow.Table` in the pieces of a Parquet file. Raises CannotRun where pyarrow is not installed."""
    return _imported("pyarrow.parquet", "pyarrow").read_table(BytesIO(b"".join(parquet)))


def frame_of(table: Any, library: str) -> Any:
    """An Arrow table as a data frame of `pandas` or `polars`. Raises CannotRun where polars is not installed."""
    return _imported("polars", "polars").from_arrow(table) if library == "polars" else table.to_pandas()


def _imported(module: str, package: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        raise CannotRun(f"{package} is not installed here: pip install {package}") from None
