"""How a patch or a pointer names one of a list of layers: as the network does, within the list that holds it."""

from collections import Counter
from collections.abc import Iterable
from typing import Any

from pydantic import JsonValue

from jobs.errors import FieldError, InvalidSpec
from jobs.sentences import listed, shown, suggestion
from jobs.spec.pointers import Place, ReferenceToken, parts_of, pointer, step


def names_in(container: JsonValue) -> list[str]:
    """The name of each layer of a list, or of each branch of a list of branches; none where it is neither.

    >>> names_in([{"kind": "linear"}, {"kind": "dropout"}, {"kind": "linear"}]), names_in([[], [{"kind": "linear"}]])
    (['linear1', 'dropout1', 'linear2'], ['branch1', 'branch2'])
    """
    if not isinstance(container, list):
        return []
    seen: Counter[str] = Counter()
    names = []
    for each in container:
        kind = each.get("kind") if isinstance(each, dict) else None
        if not isinstance(kind, str):
            return _branches(container)
        seen[kind] += 1
        names.append(f"{kind}{seen[kind]}")
    return names


def _branches(container: list[JsonValue]) -> list[str]:
    are_lists = all(isinstance(each, list) for each in container)
    return [f"branch{i + 1}" for i in range(len(container))] if are_lists and any(map(names_in, container)) else []


def step_by_name(container: Any, part: ReferenceToken) -> ReferenceToken:
    """The key or index by which a part of a pointer leads on, of a layer by its name too. Raises LookupError."""
    names = names_in(container)
    return names.index(str(part)) if part in names else step(container, part)


def as_far_as_named(document: Any, parts: Iterable[ReferenceToken]) -> tuple[Place, Any]:
    """The first of these parts, as many as lead to something, with indices for names; and to what they lead."""
    there: list[ReferenceToken] = []
    for part in parts:
        try:
            there.append(step_by_name(document, part))
        except LookupError:
            break
        document = document[there[-1]]
    return tuple(there), document


def as_far_as_patched(patch: Any, document: Any, parts: Iterable[ReferenceToken]) -> Place:
    """The first of these parts, which lead into what a patch makes of a document, as many as the patch itself has.

    Where it changes layers by their names, those take the place of indices.

    >>> document = {"layers": [{"kind": "flatten"}, {"kind": "linear"}, {"kind": "linear"}]}
    >>> as_far_as_patched({"layers": {"linear1": None, "linear2": {"init": 5}}}, document, ("layers", "1", "init"))
    ('layers', 'linear2', 'init')
    """
    there: list[ReferenceToken] = []
    for part in parts:
        names = names_in(document) if isinstance(patch, dict) else []
        kept = [name for name in names if patch.get(name, name) is not None]
        try:
            there.append(step(patch, kept[int(part)] if kept and str(part).isdigit() else part))
        except LookupError:
            break
        found, inner = as_far_as_named(document, there[-1:])
        document = inner if found else None
        patch = patch[there[-1]]
    return tuple(there)


def named_place(document: Any, where: str) -> Place:
    """The place that a pointer means, whether it names layers or numbers them.

    >>> named_place({"layers": [{"kind": "flatten"}, {"kind": "linear"}]}, "/layers/linear1/features")
    ('layers', 1, 'features')
    """
    parts = parts_of(where)
    there, _ = as_far_as_named(document, parts)
    return (*there, *parts[len(there) :])


def require_named(container: JsonValue, patch: dict[str, JsonValue], place: Place) -> list[str]:
    """The names in a list, once each key of its patch is found to be one. Raises InvalidSpec; place: the list's."""
    names = names_in(container)
    if unknown := [name for name in patch if name not in names]:
        raise InvalidSpec(tuple(FieldError(pointer((*place, name)), _unknown(name, names)) for name in unknown))
    return names


def _unknown(name: str, names: list[str]) -> str:
    outer, _, inner = name.partition(".")
    if inner and outer in names:
        return f"what is within '{outer}' is named there, in its own lists of layers"
    nearest = suggestion(name, names)
    return f"there is no layer {shown(name)}{nearest}; there is: {listed(names, 10)}; to add one give the whole list"
