"""What to say of a field that there is none of: which one was meant, and where that lives."""

import json
import re
from collections.abc import Callable, Container, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice, takewhile
from typing import Any

from jobs.sentences import MAX_QUOTED, either, nearest
from jobs.spec.pointers import Place, as_far_as_there, pointer
from jobs.spec.synonyms import ELSEWHERE, SYNONYMS
from jobs.spec.vocabulary import Home, Schema, Vocabulary, narrowed, tag_of
from jobs.synonyms import plain

ALIKE_ELSEWHERE = 0.75  # a misspelling of what does not even live here must be a closer one
MOST_HOMES = 3  # that are named

_BETWEEN_KEYS = re.compile(r"[./]+")

ITEMS: dict[str, tuple[str, str]] = {
    "branches": ("branch", "branches"),
    "diagnostics": ("diagnostic", "diagnostics"),
    "grid": ("axis", "axes"),
    "layers": ("layer", "layers"),
    "hidden": ("layer", "layers"),
    "channels": ("layer", "layers"),
    "shortcut": ("layer", "layers"),
    "tags": ("tag", "tags"),
    "targets": ("target", "targets"),
    "variants": ("variant", "variants"),
}
"""By the key of a list, or of an object of many, what one of it is called, and several."""


@dataclass(frozen=True)
class _Field:
    """A field that is not known, at its place in a document."""

    name: str
    value: Any
    above: Place
    own: tuple[str, ...]
    """The fields that may stand beside it."""
    beside: dict[str, tuple[str, tuple[str, ...]]]
    """Those that other kinds have in this place, each with the tag and these kinds."""
    kinds: tuple[str, ...]
    """The kinds of which what stands in this place may be."""


_Say = Callable[[Vocabulary, _Field, str, str], str]


def unknown_field(known: Vocabulary, document: Any, place: Place) -> str:
    """That it is none, and the nearest field."""
    return f"unknown field; {nearest_field(known, document, place)}"


def nearest_field(known: Vocabulary, document: Any, place: Place) -> str:
    """The nearest field, and where it lives; where none is near, those that there are."""
    field = _field(known, document, place)
    if field.name in ELSEWHERE and field.name not in known.homes:
        return "; ".join((ELSEWHERE[field.name], *islice(_by_name(known, field), 1)))
    return next(_guesses(known, field), None) or f"there is: {', '.join(field.own) or 'none'}"


def pointer_for(known: Vocabulary, text: str) -> str:
    """What to write instead of a text that should have been a pointer, "training.steps" or "steps"."""
    path = tuple(_BETWEEN_KEYS.split(text.strip("$./"))) if len(text) <= MAX_QUOTED else ()
    if path and any(known.forms_at({}, path)):
        return f"write '{pointer(path)}'"
    return nearest_field(known, {}, (*path[-1:], text)[:1])


def noun_of(place: Sequence[str | int]) -> str:
    """What stands at a place: what its key says, or one of the list that it is in.

    >>> noun_of(("training", "optimizer")), noun_of(("architecture", "layers", 0)), noun_of(())
    ('optimizer', 'layer', 'document')
    """
    return items_of(place[:-1])[0] if place and isinstance(place[-1], int) else str(place[-1] if place else "document")


def items_of(place: Sequence[str | int]) -> tuple[str, str]:
    """What a list at a place consists of: one of it, and several. A branch is a list of layers."""
    if place and isinstance(place[-1], int):
        return ITEMS["layers"]
    return ITEMS.get(str(place[-1]) if place else "", ("item", "items"))


def _field(known: Vocabulary, document: Any, place: Place) -> _Field:
    *above, name = place
    container = document
    for part in as_far_as_there(document, above):
        container = container[part]
    forms = known.forms_at(document, above)
    here = narrowed(forms, container)
    own = tuple(dict.fromkeys(field for form in here for field in form.get("properties", ())))
    value = container.get(name) if isinstance(container, dict) else None
    kinds = tuple(kind for form in forms for kind in tag_of(form)[1])
    return _Field(str(name), value, tuple(above), own, _beside(forms, own), kinds)


def _beside(forms: list[Schema], own: tuple[str, ...]) -> dict[str, tuple[str, tuple[str, ...]]]:
    found: dict[str, tuple[str, tuple[str, ...]]] = {}
    for form in forms:
        tag, kinds = tag_of(form)
        for name in form.get("properties", ()):
            if tag and name not in own:
                found[name] = (tag, (*found.get(name, ("", ()))[1], *kinds))
    return found


def _guesses(known: Vocabulary, field: _Field) -> Iterator[str]:
    """What may have been meant, the likeliest first."""
    yield from _paths(known, field)
    yield from _by_name(known, field)
    yield from (_a_kind(known, field, kind) for kind in known.kinds if plain(kind) == plain(field.name))
    near = nearest(field.name, (*field.own, *field.beside))
    if near:
        yield (_own if near in field.own else _of_kinds)(known, field, near, f"the nearest is {near}")
    if near := nearest(field.name, known.homes, ALIKE_ELSEWHERE):
        yield _elsewhere(known, field, near, f"the nearest is {near}")
    if near := nearest(field.name, known.kinds, ALIKE_ELSEWHERE):
        yield _a_kind(known, field, near)


def _by_name(known: Vocabulary, field: _Field) -> Iterator[str]:
    """Where fields of this name live, here or elsewhere, or else those that others call so: all of them at once."""
    tables: tuple[tuple[Container[str], _Say], ...] = (
        (field.own, _own),
        (field.beside, _of_kinds),
        (field.kinds, _of_its_own),
        (known.homes, _elsewhere),
    )
    written, called = _written_otherwise(known, field), _called_otherwise(field)
    for names, say in tables:
        yield from (say(known, field, name, _called(field, name)) for name in written if name in names)
        there = [name for name in called if name in names]
        if there:
            first, *others = there
            yield "; and ".join(
                (say(known, field, first, _called(field, first)), *(say(known, field, each, each) for each in others))
            )


def _called(field: _Field, name: str) -> str:
    return "" if name == field.name else f"it is called {name}"


def _paths(known: Vocabulary, field: _Field) -> Iterator[str]:
    """Of a whole path that was written as one key, "training.steps", where it leads, from here or from the outset."""
    path = tuple(_BETWEEN_KEYS.split(field.name.strip("$./"))) if len(field.name) <= MAX_QUOTED else ()
    for place in ((*field.above, *path), path) if len(path) > 1 else ():
        if any(known.forms_at({}, place)):
            yield f"objects stand in one another here, down to {pointer(place)}"


def _written_otherwise(known: Vocabulary, field: _Field) -> tuple[str, ...]:
    """The fields of this name, and of this name but for how it is written."""
    if len(field.name) > MAX_QUOTED:
        return ()
    return tuple(
        dict.fromkeys(each for each in (*field.own, *field.beside, *known.homes) if plain(each) == plain(field.name))
    )


def _called_otherwise(field: _Field) -> tuple[str, ...]:
    """The fields that others call so."""
    return SYNONYMS.get(plain(field.name), ()) if len(field.name) <= MAX_QUOTED else ()


def _own(_known: Vocabulary, field: _Field, name: str, called: str) -> str:
    return f"{called}: {pointer((*field.above, name))}"


def _of_kinds(_known: Vocabulary, field: _Field, name: str, called: str) -> str:
    tag, kinds = field.beside[name]
    value = _example(field.value)
    example = f'{{"{tag}": "{kinds[0]}", "{name}": {value}}}'
    return f"{f'{called}, which' if called else name} is of {_several(tag, kinds)}: {example}"


def _of_its_own(known: Vocabulary, field: _Field, name: str, _called: str) -> str:
    """A kind of what this is a field of, such as dropout in a linear layer."""
    tag = known.kinds[name][0].tag
    return f'{name} is a {tag} of {noun_of(field.above)}: {{"{tag}": "{name}"}}'


def _elsewhere(known: Vocabulary, field: _Field, name: str, called: str) -> str:
    def distance(home: Home) -> tuple[bool, int, int]:
        shared = len(list(takewhile(lambda pair: pair[0] == pair[1], zip(home.place, field.above, strict=False))))
        return shared < len(home.place) - 1, -shared, len(home.place)  # what holds this object first

    homes = sorted(known.homes[name], key=distance)[:MOST_HOMES]
    if not distance(homes[0])[0]:
        homes = homes[:1]
    told = f"{f'{called},' if called else f'{name} is'} a field {', '.join(map(_home, homes))}"
    of_kind = [home for home in known.kinds.get(name, ()) if home.place not in {home.place[:-1] for home in homes}]
    return f"{told}; {_a_kind(known, field, name)}" if of_kind else told


def _a_kind(known: Vocabulary, field: _Field, kind: str) -> str:
    home = known.kinds[kind][0]
    called = f"{kind} is" if kind == field.name else f"the nearest is {kind},"
    return f'{called} a {home.tag} of {noun_of(home.place)}: {{"{home.tag}": "{kind}"}} at {pointer(home.place)}'


def _home(home: Home) -> str:
    *above, _ = home.place
    of_kinds = f" ({_several(home.tag, home.kinds)})" if home.kinds else ""
    return f"of {_the(above)}: {pointer(home.place)}{of_kinds}"


def _the(place: Sequence[str | int]) -> str:
    noun = noun_of(place)
    if place and isinstance(place[-1], int):
        return f"a {noun}"
    return noun if "_" in noun else f"the {noun}"


def _several(tag: str, kinds: tuple[str, ...]) -> str:
    return f"the {tag}{'s' * (len(kinds) > 1)} {either([f'{kind!r}' for kind in kinds], 'and')}"


def _example(value: Any) -> str:
    """A client's value in an example, where it is short enough."""
    written = json.dumps(value) if isinstance(value, str | bool | int | float) else ""
    return written if 0 < len(written) <= MAX_QUOTED else "..."
