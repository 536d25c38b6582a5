"""Tables of things side by side that fit the terminal's width, whichever way round that takes."""

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.cells import cell_len
from rich.markup import escape
from rich.table import Column, Table

from bnlab.terminal.printing import lines, visible

SPACE = 3  # characters between columns
EDGES = 2
LABEL = 16  # characters at which what heads a row may be broken


def side_by_side(things: Sequence[str], found: Mapping[str, Sequence[str]], width: int) -> list[Table]:
    """Every property of each thing: a row a thing where that fits, else a row a property in as many tables as it takes.

    things: what heads a row, in one line or several. found: by property a cell for each thing.
    """
    things = list(map(lines, things))
    found = {visible(name): list(map(visible, cells)) for name, cells in found.items()}
    upright = {"": things, **found}
    if _least(upright) <= width:
        return [_table(upright)]
    parts = _parts(things, found, width)
    even = _parts(things, found, width, -(-len(things) // len(parts)))
    return [_table(part) for part in (even if len(even) == len(parts) else parts)]


def _parts(
    things: Sequence[str], found: Mapping[str, Sequence[str]], width: int, most: int | None = None
) -> list[dict[str, Sequence[str]]]:
    """By thing a cell for each property, of as many things at a time as fit beside each other; at least one."""
    columns = {thing: [cells[place] for cells in found.values()] for place, thing in enumerate(things)}
    parts: list[dict[str, Sequence[str]]] = []
    for thing, cells in columns.items():
        if not parts or len(parts[-1]) - 1 == most or _least(parts[-1] | {thing: cells}) > width:
            parts.append({"": list(found)})
        parts[-1][thing] = cells
    return parts


def _table(columns: Mapping[str, Sequence[str]]) -> Table:
    heads = [Column(escape(name), min_width=_word([name, *cells]), overflow="fold") for name, cells in columns.items()]
    table = Table(*heads, box=SIMPLE_HEAD, pad_edge=False)
    for row in zip(*columns.values(), strict=True):
        table.add_row(*map(escape, row))
    return table


def _least(columns: Mapping[str, Sequence[str]]) -> int:
    """The width at which no word is broken, and what heads the rows takes no more lines than it must."""
    first, *others = ([name, *cells] for name, cells in columns.items())
    words = [max(_word(first), min(LABEL, _line(first))), *map(_word, others)]
    return sum(words) + SPACE * (len(words) - 1) + EDGES


def _line(texts: Sequence[str]) -> int:
    return max((cell_len(line) for text in texts for line in text.split("\n")), default=1)


def _word(texts: Sequence[str]) -> int:
    return max((cell_len(word) for text in texts for word in text.split()), default=1)
