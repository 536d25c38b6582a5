"""Names that tell apart what is compared: as short as they can be, no two alike."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bnlab.sdk.places import said_at
from bnlab.terminal.differences import differences


def told_apart(
    names: Sequence[str], specs: Sequence[Mapping[str, Any] | None], ids: Sequence[str], unsaid: Sequence[str] = ()
) -> list[str]:
    """Each name and, where others have the same, where the documents of those differ; and the id where none does.

    specs: None has no document. unsaid: the pointers of places that tell nothing apart.

    >>> rates = [{"training": {"optimizer": {"learning_rate": rate}}} for rate in (0.1, 1, 1)]
    >>> told_apart(["mlp", "mlp", "net"], rates, ["a", "b", "c"])
    ['mlp, learning rate 0.1', 'mlp, learning rate 1', 'net']
    """
    labels = dict(enumerate(names))
    for same in _alike(labels):
        labels |= _apart({each: labels[each] for each in same}, specs, unsaid)
    for own in (ids, [str(number) for number in range(1, len(names) + 1)]):
        times = Counter(labels.values())
        labels = {each: f"{said}, {own[each]}" if times[said] > 1 else said for each, said in labels.items()}
    return list(labels.values())


def _apart(
    labels: Mapping[int, str], specs: Sequence[Mapping[str, Any] | None], unsaid: Sequence[str]
) -> dict[int, str]:
    """The same name of several, longer by the first place in which they differ, until no two are alike."""
    known = {each: spec for each in labels if (spec := specs[each]) is not None}
    places = differences(list(known.values()), unsaid) if known else {}
    if not places:
        return dict(labels)
    place, values = next(iter(places.items()))
    longer = dict(labels) | {
        each: f"{labels[each]}, {said_at(place, value)}" for each, value in zip(known, values, strict=True)
    }
    for same in _alike(longer):
        longer |= _apart({each: longer[each] for each in same}, specs, unsaid)
    return longer


def _alike(labels: Mapping[int, str]) -> list[list[int]]:
    places: dict[str, list[int]] = {}
    for number, label in labels.items():
        places.setdefault(label, []).append(number)
    return [same for same in places.values() if len(same) > 1]
