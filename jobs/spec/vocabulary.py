"""Which fields a document may have, where they live and of which kinds they are: read off the models' JSON schema."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import models_json_schema

from jobs.sentences import either, shown
from jobs.spec.pointers import Place, ReferenceToken, as_far_as_there
from jobs.synonyms import called_here, plain

Schema = Mapping[str, Any]

TAGS = ("kind", "scheme", "preset")
"""The fields that name which of several kinds an object is of."""

_CHOICES = ("anyOf", "oneOf")
_IN_WORDS = {
    "integer": "a whole number",
    "number": "a number",
    "string": "a text",
    "array": "a list",
    "object": "an object",
    "null": "null",
}


@dataclass(frozen=True)
class Home:
    """A place where a field may stand, and the kinds of object that have it there; none: whatever stands there."""

    place: Place
    """Every index in it is 0."""
    tag: str = ""
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class Vocabulary:
    """The fields of a document."""

    schema: Schema
    definitions: Mapping[str, Schema]
    homes: Mapping[str, tuple[Home, ...]]
    """By the field's name."""
    kinds: Mapping[str, tuple[Home, ...]]
    """By the name of a kind where an object may be of it."""

    def forms_at(self, document: Any, place: Iterable[ReferenceToken]) -> list[Schema]:
        """The schemas of what may stand at a place of this document; whatever stands above is of the kind it names."""
        forms = list(_forms(self.schema, self.definitions))
        for part in place:
            inner = (_inner(form, part) for form in narrowed(forms, document))
            forms = [form for node in inner for form in _forms(node, self.definitions)]
            document = document[part] if as_far_as_there(document, (part,)) else None
        return forms

    def fields_with(self, form: Schema, value: str) -> Iterator[tuple[str, str]]:
        """The fields of an object that may have this value, but for those that name its kind, and how it is written."""
        for name, node in form.get("properties", {}).items():
            for each in _forms(node, self.definitions) if name not in TAGS else ():
                yield from ((name, own) for own in _values(each) if isinstance(own, str) and plain(own) == plain(value))


@cache
def vocabulary(document: type[BaseModel], **inner: type[BaseModel]) -> Vocabulary:
    """That of a model's documents; `inner` are fields that take any JSON, which is to be another model's document."""
    kinds = (document, *inner.values())
    references, whole = models_json_schema([(kind, "validation") for kind in kinds])
    root, *others = (references[kind, "validation"] for kind in kinds)
    definitions = whole["$defs"]
    properties = definitions[document.__name__]["properties"]
    properties.update(zip(inner, others, strict=True))
    found = list(_walk(list(_forms(root, definitions)), definitions, (), frozenset()))
    return Vocabulary(root, definitions, _by_name(found), _by_kind(found))


def tag_of(form: Schema) -> tuple[str, tuple[str, ...]]:
    """The field by which an object says of which kind it is, and the kinds that it may name; none: ("", ())."""
    for tag in TAGS:
        if values := _values(form.get("properties", {}).get(tag, {})):
            return tag, tuple(values)
    return "", ()


def narrowed(forms: list[Schema], value: Any) -> list[Schema]:
    """Those of these schemas that are of the kind which a value names, or of the one that it need not name."""
    if not isinstance(value, dict):
        return forms
    objects = [form for form in forms if "properties" in form or form.get("type") == "object"]
    named = [form for form in objects if any(value.get(tag) in tag_of(form)[1] for tag in TAGS if _is_text(value, tag))]
    untagged = [form for form in objects if not tag_of(form)[0]]
    return named or untagged or [form for form in objects if tag_of(form)[0] not in form.get("required", ())]


def in_words(forms: Iterable[Schema], given: Any = None) -> str:
    """What may stand somewhere; an example of an object is of the kind that was given, where there is one.

    >>> in_words([{"type": "boolean"}, {"const": "keras"}, {"type": "object"}, {"type": "null"}])
    "true, false, 'keras', an object or null"
    """
    words: dict[str, None] = {}
    for form in sorted(forms, key=lambda form: not (isinstance(given, str) and called_here(given, tag_of(form)[1]))):
        if values := _values(form):
            words |= dict.fromkeys(map(shown, values))
        elif form.get("type") == "boolean":
            words |= {"true": None, "false": None}
        elif tag_of(form)[0]:
            if not any(word.startswith("an object") for word in words):
                words[_example(*tag_of(form), given)] = None
        elif form.get("type") in _IN_WORDS:
            words[_IN_WORDS[form["type"]]] = None
    return either(list(words))


def _example(tag: str, kinds: tuple[str, ...], given: Any) -> str:
    kind = called_here(given, kinds) if isinstance(given, str) else None
    return f'an object such as {{"{tag}": "{kind or kinds[0]}"}}'


def _is_text(value: Mapping[str, Any], key: str) -> bool:
    return isinstance(value.get(key), str)


def _values(node: Schema) -> list[Any]:
    return [node["const"]] if "const" in node else list(node.get("enum", ()))


def _forms(node: Schema, definitions: Mapping[str, Schema]) -> Iterator[Schema]:
    """The schemas of which one must fit, references followed."""
    if "$ref" in node:
        yield from _forms(definitions[node["$ref"].rpartition("/")[2]], definitions)
    elif choices := [choice for name in _CHOICES for choice in node.get(name, ())]:
        for choice in choices:
            yield from _forms(choice, definitions)
    else:
        yield node


def _inner(form: Schema, part: ReferenceToken) -> Schema:
    """The schema of what a key or an index leads to, an empty one where it leads nowhere."""
    if "items" in form:
        return dict(form["items"])
    known, others = form.get("properties", {}), form.get("additionalProperties", {})
    return dict(known.get(part, others if isinstance(others, dict) else {}))


def _walk(
    forms: list[Schema], definitions: Mapping[str, Schema], place: Place, within: frozenset[int]
) -> Iterator[Home]:
    """Every field, each with the kinds of a single schema. Layers in layers are those of the outermost list."""
    if any(id(form) in within for form in forms):
        return
    for form in forms:
        inside = within | {id(form)}
        for name, node in form.get("properties", {}).items():
            yield Home((*place, name), *tag_of(form))
            yield from _walk(list(_forms(node, definitions)), definitions, (*place, name), inside)
        if "items" in form:
            yield from _walk(list(_forms(form["items"], definitions)), definitions, (*place, 0), inside)


def _by_name(found: list[Home]) -> dict[str, tuple[Home, ...]]:
    """The homes of each field but the tags, one for each place; kinds are left out where every kind has it."""
    every: dict[Place, set[str]] = {}
    joined: dict[Place, Home] = {}
    for home in found:
        every.setdefault(home.place[:-1], set()).update(home.kinds)
        earlier = joined.get(home.place, home)
        kinds = tuple(dict.fromkeys((*earlier.kinds, *home.kinds)))
        joined[home.place] = Home(home.place, home.tag or earlier.tag, kinds)
    by_name: dict[str, tuple[Home, ...]] = {}
    for place, home in joined.items():
        if (name := str(place[-1])) not in TAGS:
            whole = replace(home, kinds=()) if set(home.kinds) == every[place[:-1]] else home
            by_name[name] = (*by_name.get(name, ()), whole)
    return by_name


def _by_kind(found: list[Home]) -> dict[str, tuple[Home, ...]]:
    """Where an object may be of each kind, which stands where its tag does, outer places first."""
    by_kind: dict[str, dict[Home, None]] = {}
    for home in sorted(found, key=lambda home: len(home.place)):
        for kind in home.kinds if home.place[-1] == home.tag else ():
            by_kind.setdefault(kind, {})[Home(home.place[:-1], home.tag, (kind,))] = None
    return {kind: tuple(homes) for kind, homes in by_kind.items()}
