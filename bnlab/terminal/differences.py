"""What differs in jobs' documents, in words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bnlab.sdk.differences import differing
from bnlab.sdk.places import place_in_words
from bnlab.sdk.pointers import names_in
from bnlab.terminal.spoken import TAGS, values_in_words

FREE = "/metadata"  # whose fields mean what its author says


def differences(specs: Sequence[Mapping[str, Any]], unsaid: Sequence[str] = ("/name",)) -> dict[str, list[str]]:
    """By place, in words, what each document has there; only where they are not all the same.

    A part that is of another kind is one place: `optimizer` with `sgd, rate 0.1` and `adam, rate 0.001`. Layers are
    compared one by one. `unsaid` has the JSON pointers of places that do not count.
    """
    documents = _with_layers_numbered(specs)
    places = dict.fromkeys(_part_of(pointer) for pointer in differing(documents) if pointer not in unsaid)
    outermost = [place for place in places if not any(place.startswith(f"{other}/") for other in places)]
    names = Counter(map(place_in_words, outermost))
    return {
        place_in_words(place) if names[place_in_words(place)] == 1 else place: values_in_words(
            [_at(document, place) for document in documents], place
        )
        for place in outermost
    }


def _with_layers_numbered(specs: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The documents with their lists of layers by number, from 0 on as pointers have it.

    Those that all begin with are left out, and those that all end with.

    So what one network has more than another is a difference of itself, and not of every layer behind it.
    """
    lists = [spec.get("architecture", {}).get("layers") for spec in specs]
    known = [layers for layers in lists if layers is not None]
    if len(known) < len(lists) or not known:
        return list(specs)
    start = _shared(known)
    end = _shared([layers[start:][::-1] for layers in known])
    return [
        {**spec, "architecture": {"layers": _numbered(layers[start : len(layers) - end], start)}}
        for spec, layers in zip(specs, known, strict=True)
    ]


def _shared(lists: Sequence[Sequence[Any]]) -> int:
    """How many elements all begin with."""
    for number, (first, *others) in enumerate(zip(*lists, strict=False)):
        if any(other != first for other in others):
            return number
    return min(map(len, lists))


def _numbered(layers: Sequence[Any], first: int) -> dict[str, Any]:
    return {str(number): layer for number, layer in enumerate(layers, first)}


def _part_of(pointer: str) -> str:
    """The place itself or, of a field that says of which kind a part is, that part."""
    part, _, name = pointer.rpartition("/")
    return part if name in TAGS and not pointer.startswith(FREE) else pointer


def _at(document: Mapping[str, Any], pointer: str) -> Any:
    """What stands there; None where the document has no such place."""
    found: Any = document
    for name in names_in(pointer):
        found = found.get(name) if isinstance(found, dict) else None
    return found
