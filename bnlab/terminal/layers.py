"""The inside of a network in a row a layer: each measure at first, at last, and at its worst."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf, log
from typing import Any

from rich.table import Column, Table

from bnlab.terminal.numbers import NOT_FINITE, recorded
from bnlab.terminal.printing import cell

Summary = Mapping[str, Any]  # of a series: count, first, last, min, max, nonfinite
Layer = Mapping[str, Summary]  # by statistic
Cells = tuple[str, str, str, str]  # first, last, worst, and the step of that

NOTHING: Cells = ("-", "-", "-", "-")
NARROW = 60  # characters of a terminal, under which columns move together
FIRST, LAST, LEAST, GREATEST = "first", "last", "min", "max"


@dataclass(frozen=True)
class Measure:
    """What a group of columns shows of each layer."""

    name: str
    cells: Callable[[Layer], Cells | None]
    """None: this layer has no such thing."""


def tables_of(summary: Mapping[str, Summary], width: int) -> Iterator[Table]:
    """A row a layer, in as few tables as are no wider than `width`.

    summary: of the table `activations`, by series, `hidden1.std`, in the order of the layers.
    """
    layers = by_layer(summary)
    names = [cell(name) for name in layers]
    room, gap = width - max(map(len, [*names, "layer"])), 1 if width < NARROW else 2
    groups = [group for measure in MEASURES if (group := _group(measure, list(layers.values()))) is not None]
    for packed in _packed(groups, room, gap):
        columns = (Column(head, justify="right", no_wrap=True) for group in packed for head in group.heads)
        table = Table(Column("\nlayer", no_wrap=True), *columns, box=None, pad_edge=False, padding=(0, gap, 0, 0))
        for i, name in enumerate(names):
            table.add_row(name, *(text for group in packed for text in group.rows[i]))
        yield table


def by_layer(summary: Mapping[str, Summary]) -> dict[str, dict[str, Summary]]:
    """The series of a summary by layer and statistic.

    >>> by_layer({"block.0.std": {"count": 1}, "block.0.p50": {"count": 2}})
    {'block.0': {'std': {'count': 1}, 'p50': {'count': 2}}}
    """
    found: dict[str, dict[str, Summary]] = {}
    for name, said in summary.items():
        layer, _, statistic = name.rpartition(".")
        found.setdefault(layer, {})[statistic] = said
    return found


@dataclass(frozen=True)
class _Group:
    """The columns of one measure, as texts."""

    heads: tuple[str, ...]
    rows: tuple[Cells, ...]

    def width(self, gap: int) -> int:
        """In characters, with a gap in front of each column."""
        columns = zip(*self.rows, strict=True)
        heads = (max(map(len, head.split("\n"))) for head in self.heads)
        return sum(gap + max(head, *map(len, column)) for head, column in zip(heads, columns, strict=True))


def _group(measure: Measure, layers: Sequence[Layer]) -> _Group | None:
    rows = tuple(measure.cells(layer) for layer in layers)
    if not any(rows):
        return None
    return _Group((f"{measure.name}\nfirst", "\nlast", "\nworst", "\nat"), tuple(row or NOTHING for row in rows))


def _packed(groups: Sequence[_Group], room: int, gap: int) -> Iterator[list[_Group]]:
    """The groups in as many runs as it takes for none to be wider than there is room."""
    packed: list[_Group] = []
    for group in groups:
        if packed and sum(each.width(gap) for each in packed) + group.width(gap) > room:
            yield packed
            packed = []
        packed.append(group)
    if packed:
        yield packed


def _one(statistic: str, healthy: float) -> Callable[[Layer], Cells | None]:
    """The cells of one statistic; its worst value is the one farthest from what is healthy, as a factor."""

    def cells(layer: Layer) -> Cells | None:
        said = layer.get(statistic)
        if said is None:
            return None
        worst = max((said[LEAST], said[GREATEST]), key=lambda end: _factor(end["value"], healthy))
        return _cells(said, worst, _number)

    return cells


def _share(statistic: str) -> Callable[[Layer], Cells | None]:
    """The cells of a share, of which more is worse."""

    def cells(layer: Layer) -> Cells | None:
        said = layer.get(statistic)
        if said is None:
            return None
        return _cells(said, said[GREATEST], _percent)

    return cells


def _position(statistic: str) -> Callable[[Layer], Cells | None]:
    """The cells of a value that may have either sign; its worst one is the one farthest from 0."""

    def cells(layer: Layer) -> Cells | None:
        said = layer.get(statistic)
        if said is None:
            return None
        return _cells(said, max((said[LEAST], said[GREATEST]), key=lambda end: abs(end["value"] or 0.0)), _number)

    return cells


MEASURES = (
    Measure("sd", _one("std", healthy=1)),
    Measure("saturated", _share("saturated")),
    Measure("dead", _share("dead")),
    Measure("gradient", _one("gradient_norm", healthy=1)),
    Measure("update", _one("update_ratio", healthy=1e-3)),
    *(Measure(name, _position(name)) for name in ("p15", "p50", "p85")),
)
"""What the rows show; docs/using/findings.md says what each is."""


def _factor(value: float | None, healthy: float) -> float:
    if value is None:
        return -inf
    return abs(log(value / healthy)) if value > 0 else inf


def _cells(said: Summary, worst: Mapping[str, Any], shown: Callable[[float | None], str]) -> Cells:
    return (shown(said[FIRST]["value"]), shown(said[LAST]["value"]), *_worst(worst, shown, said["nonfinite"]))


def _worst(end: Mapping[str, Any], shown: Callable[[float | None], str], nonfinite: int) -> tuple[str, str]:
    if nonfinite:
        return NOT_FINITE, ""  # the summary does not say at which step; the findings do
    return shown(end["value"]), "-" if end["step"] is None else str(end["step"])


def _number(value: float | None) -> str:
    return recorded(value, ".2g")


def _percent(share: float | None) -> str:
    return NOT_FINITE if share is None else f"{100 * share:.3g} %"
