"""Datasets as a terminal shows them."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.table import Column, Table

from bnlab.terminal.printing import cell
from bnlab.terminal.storage import size

MOST_CLASSES = 20
MOST_NUMBERS = 5
Facts = Mapping[str, Any]


def table_of(datasets: Sequence[Facts]) -> Table:
    """Datasets, one a row."""
    table = Table("name", "an example", "classes", "to train", "to test", "is here", Column("what", overflow="fold"))
    table.box, table.pad_edge = None, False
    for each in datasets:
        numbers = (f"{each[name]:,}" for name in ("classes", "train", "test"))
        is_here = "yes" if each["available"] else "no"
        table.add_row(cell(each["name"]), _form(each), *numbers, is_here, cell(each["description"]))
    return table


def facts_of(found: Facts) -> Table:
    """Everything that is to be said of a dataset, a line each."""
    table = Table(Column("", no_wrap=True, style="bold"), Column("", overflow="fold"), box=None, show_header=False)
    for name, said in _lines(found):
        table.add_row(cell(name), cell(said))
    return table


def classes_of(found: Facts) -> Table:
    """The classes, a row each, with how many examples they have; of very many, the first."""
    table = Table(Column("class", overflow="fold"), "to train", "to test", box=None, pad_edge=False)
    for each in found["classes"][:MOST_CLASSES]:
        table.add_row(cell(each["name"]), f"{each['train']:,}", _known(each["test"]))
    more = len(found["classes"]) - MOST_CLASSES
    if more > 0:
        table.add_row(f"and {more:,} more", "", "")
    return table


def _lines(found: Facts) -> Iterator[tuple[str, str]]:
    yield "name", found["name"]
    yield "what", found["description"]
    yield "an example", f"{_form(found)}, {found['dtype']}"
    yield "examples", f"{found['train']:,} to train, {found['test']:,} to test, in {len(found['classes']):,} classes"
    for name in ("mean", "sd"):
        if found[name] is not None:
            yield name, _numbers(found[name])
    yield "takes", size(found["bytes"])
    yield "sha256", found["sha256"]
    if found["created"]:
        yield "uploaded", found["created"]
    if not found["available"]:
        yield "is here", f"no: bnlab data fetch {found['name']}, where its server is"
    for warning in found["warnings"]:
        yield "warning", warning


def _form(found: Facts) -> str:
    """What an example is.

    >>> _form({"shape": [3, 32, 32]}), _form({"shape": [4]})
    ('3 x 32 x 32', '4 features')
    """
    shape = found["shape"]
    return " x ".join(map(str, shape)) if len(shape) > 1 else f"{shape[0]:,} features"


def _known(number: int | None) -> str:
    return "-" if number is None else f"{number:,}"


def _numbers(values: Sequence[float]) -> str:
    more = f" and {len(values) - MOST_NUMBERS:,} more" if len(values) > MOST_NUMBERS else ""
    return f"{', '.join(f'{value:.4g}' for value in values[:MOST_NUMBERS])}{more}"
