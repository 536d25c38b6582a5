"""How an experiment changes a job document: by merge patches, and by values that are put in a place of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from jobs.experiments.layers import names_in, require_named, step_by_name
from jobs.spec.pointers import Place, ReferenceToken, parts_of

FREE = "metadata"  # whose fields mean nothing to us


@dataclass(frozen=True)
class Alternatives:
    """Fields of an object that exclude one another; `governs`: which other fields it has depends on them."""

    names: tuple[str, ...]
    governs: bool


ALTERNATIVES = (
    Alternatives(("kind",), governs=True),  # of an optimizer, a schedule, a layer
    Alternatives(("scheme",), governs=True),  # of an initialization
    Alternatives(("preset", "layers"), governs=True),  # of an architecture
    Alternatives(("steps", "epochs"), governs=False),  # of a training
    Alternatives(("patience", "target"), governs=True),  # of what stops it
    Alternatives(("every", "growth"), governs=False),  # of evaluations
)
"""What a change that names one of them takes away: another kind begins with its own defaults."""


FOLLOWING = {
    "dataset": ("sha256",),
    **dict.fromkeys(("job", "checkpoint", "optimizer"), ("sha256", "step")),  # of what a job starts from
}
"""Of a field, those that say what it names: they do not hold of another one."""

DEFAULTED = {"dataset": ("binarize", "normalize"), "binarize": ("normalize",), "metric": ("goal",)}
"""Of a field, those whose defaults depend on it: a resolved document has them written out."""


def merged(document: JsonValue, patch: JsonValue, *, free: bool = False, place: Place = ()) -> JsonValue:
    """The document after a JSON merge patch (RFC 7396): null removes, objects merge, everything else replaces.

    An object of which the patch names another alternative is emptied first, unless its fields are free. Beyond the RFC
    an object changes a list of layers: its keys are their names. Raises InvalidSpec for a layer that is not there;
    place: where the document stands in the whole one.

    >>> merged({"a": {"b": 1, "c": 2}}, {"a": {"b": None, "d": 3}})
    {'a': {'c': 2, 'd': 3}}
    >>> merged({"kind": "sgd", "learning_rate": 0.1}, {"kind": "adam"})
    {'kind': 'adam'}
    >>> merged({"steps": None, "epochs": 2, "seed": 0}, {"steps": 100})
    {'seed': 0, 'steps': 100}
    >>> merged([{"kind": "flatten"}, {"kind": "dropout"}], {"flatten1": None, "dropout1": {"rate": 0.1}})
    [{'kind': 'dropout', 'rate': 0.1}]
    """
    if not isinstance(patch, dict):
        return patch
    if isinstance(document, list) and not free and names_in(document):
        named = zip(require_named(document, patch, place), document, strict=True)
        kept = [(name, each) for name, each in named if name not in patch or patch[name] is not None]
        return [merged(each, patch[name], place=(*place, name)) if name in patch else each for name, each in kept]
    there = document if isinstance(document, dict) else {}
    result = dict(there) if free else remaining(there, patch)
    for key, value in patch.items():
        if value is None:
            result.pop(key, None)
        else:
            result[key] = merged(result.get(key), value, free=free or key == FREE, place=(*place, key))
    return result


def undecided(resolved: Mapping[str, JsonValue], patch: JsonValue) -> dict[str, JsonValue]:
    """A resolved document without the defaults that depend on what a patch changes, so that they are found anew.

    >>> undecided({"data": {"dataset": "mnist", "binarize": True, "batch_size": 60}}, {"data": {"dataset": "cifar10"}})
    {'data': {'dataset': 'mnist', 'batch_size': 60}}
    """
    named = patch if isinstance(patch, dict) else {}
    rest = _without(resolved, named, DEFAULTED)
    inner = {
        name: undecided(value, named[name])
        for name, value in rest.items()
        if name in named and name != FREE and isinstance(value, dict)
    }
    return rest | inner


def remaining(there: Mapping[str, JsonValue], named: Mapping[str, JsonValue]) -> dict[str, JsonValue]:
    """The fields of an object that still hold once these are named."""
    rest = _without(there, named, FOLLOWING)
    for alternatives in ALTERNATIVES:
        chosen = [name for name in alternatives.names if named.get(name) is not None]
        if not chosen or not any(name in rest for name in alternatives.names):
            continue
        if not alternatives.governs:
            rest = {name: value for name, value in rest.items() if name not in alternatives.names}
        elif any(name not in rest or _is_another(rest[name], named[name]) for name in chosen):
            return {}
    return rest


def put(document: Any, pointer: str, value: JsonValue, *, new: bool = False) -> Any:
    """The document with a value at a place, and without what that excludes; it shares what did not change.

    Raises LookupError where there is no such place: what would be ignored is an error. `new`: the last key may be new.
    """
    path = parts_of(pointer)
    return _put(document, path, value, new=new, free=path[:1] == (FREE,))


def exclusive(pointers: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Of these places each that excludes an earlier one, and that.

    >>> list(exclusive(["/training/steps", "/training/seed", "/training/epochs"]))
    [('/training/epochs', '/training/steps')]
    """
    for i, later in enumerate(pointers):
        for earlier in pointers[:i]:
            (above, _, one), (beside, _, other) = later.rpartition("/"), earlier.rpartition("/")
            if above == beside and any({one, other} <= set(each.names) for each in ALTERNATIVES):
                yield later, earlier


def depth(pointer: str) -> tuple[int, bool]:
    """By what to order places that change together: the outer before the inner, what governs others before those."""
    *above, last = parts_of(pointer)
    return len(above), not any(alternatives.governs and last in alternatives.names for alternatives in ALTERNATIVES)


def _without(
    there: Mapping[str, JsonValue], named: Mapping[str, JsonValue], following: Mapping[str, tuple[str, ...]]
) -> dict[str, JsonValue]:
    """The fields of an object but for those that follow from a field that is named otherwise."""
    changed = [name for name in following if name in there and name in named and there[name] != named[name]]
    dropped = {field for name in changed for field in following[name]}
    return {name: value for name, value in there.items() if name not in dropped}


def _put(container: Any, path: tuple[str, ...], value: JsonValue, *, new: bool, free: bool) -> Any:
    part, *rest = path
    if rest:
        key = step_by_name(container, part)
        return _with(container, key, _put(container[key], tuple(rest), value, new=new, free=free))
    if not isinstance(container, dict):
        return _with(container, step_by_name(container, part), value)
    if not (new or part in container or _alternative(container, part)):
        raise LookupError(part)
    return {**(container if free else remaining(container, {part: value})), part: value}


def _with(container: Any, key: ReferenceToken, value: Any) -> Any:
    changed = container.copy()
    changed[key] = value
    return changed


def _alternative(container: Mapping[str, JsonValue], name: str) -> bool:
    """Whether a field that an object does not have would take the place of one that it has."""
    return any(name in each.names and any(other in container for other in each.names) for each in ALTERNATIVES)


def _is_another(there: JsonValue, named: JsonValue) -> bool:
    """Whether another kind is named; a list of layers is none, and takes the place of another."""
    return isinstance(named, str) and named != there
