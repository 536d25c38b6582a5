"""Labels that stand as text in a table: names of classes, or whole numbers in digits."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from jobs.datasets.judging.classes import named, numbered
from jobs.datasets.judging.faults import Faults, shortened
from jobs.datasets.judging.limits import MAX_CLASSES, MAX_EXAMPLES
from jobs.datasets.judging.parts import Labels

_WHOLE = re.compile(r"[+-]?[0-9]{1,18}")
_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?|[+-]?(nan|inf)", re.IGNORECASE)


@dataclass(frozen=True, eq=False)
class Texts:
    """A column of text: each row's place in the list of different texts."""

    member: str | None
    places: Labels
    texts: tuple[str, ...]


def texts_of(member: str | None, columns: Iterable[pa.Array], faults: Faults) -> Texts:
    """A column of strings that comes in pieces. A row without a text, and too many texts, are faults."""
    known: dict[str, int] = {}
    places = [np.zeros(0, np.int64)]
    row = 0
    for column in columns:
        encoded = column.dictionary_encode(null_encoding="encode")
        texts = [(text or "").strip() for text in encoded.dictionary.to_pylist()]
        of_piece = np.array([known.setdefault(text, len(known)) for text in texts], np.int64)
        if len(known) > MAX_CLASSES:
            faults.add(member, f"there are more than {MAX_CLASSES:,} different labels: is it their column?")
            break
        places.append(of_piece[encoded.indices.to_numpy()])
        empty = np.flatnonzero(places[-1] == known.get("", -1))
        if len(empty):
            faults.add(member, f"row {row + empty[0] + 1:,} has no label")
        row += len(column)
        if row > MAX_EXAMPLES:
            faults.add(member, f"there are more than {MAX_EXAMPLES:,} rows: no more are read")
            break
    return Texts(member, np.concatenate(places), tuple(known))


def classes_of(parts: Sequence[Texts], faults: Faults) -> tuple[tuple[str, ...], list[Labels]]:
    """The classes that the texts of all parts name, and each part's labels; digits are labels themselves."""
    texts = {text for part in parts for text in part.texts}
    if texts and all(map(_WHOLE.fullmatch, texts)):
        labels = [np.array([int(text) for text in part.texts], np.int64)[part.places] for part in parts]
        return numbered([(part.member, each) for part, each in zip(parts, labels, strict=True)], faults), labels
    if texts and all(map(_NUMBER.fullmatch, texts)):
        example = shortened(next(text for text in sorted(texts) if not _WHOLE.fullmatch(text)))
        faults.add(None, f"labels are numbers such as {example}: number the classes 0, 1, 2, or name them")
        return (), [part.places for part in parts]
    classes = named(texts, faults)
    number = {name: place for place, name in enumerate(classes)}
    return classes, [np.array([number[text] for text in part.texts], np.int64)[part.places] for part in parts]
