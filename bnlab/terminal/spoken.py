"""Values in a job's document in words, as a table or a legend has room for them."""

from collections.abc import Mapping, Sequence
from typing import Any

from bnlab.sdk.differences import differing
from bnlab.sdk.places import place_in_words, said_at

TAGS = ("preset", "kind", "scheme")
"""The fields that say which of several descriptions a part of a document is."""

NAMES = (*TAGS, "name")

TELLING: dict[str, tuple[str, ...]] = {
    "mlp": ("hidden", "activation"),
    "convnet": ("channels", "hidden", "activation"),
    "resnet": ("depth", "channels", "activation"),
    "bn_inception": ("width",),
    "linear": ("features", "activation", "batch_norm"),
    "conv2d": ("channels", "kernel", "activation", "batch_norm"),
    "batch_norm": (),
    "residual": ("layers",),
    "concatenate": ("branches",),
    "adam": ("learning_rate",),
    "adamw": ("learning_rate",),
    "constant": ("warmup_steps",),
}
"""By tag, the options that tell most of it; all of them where it is not here."""

BARE = {"hidden", "activation", "features", "layers", "placement"}
"""Options whose value needs no name beside it."""

SHORT = {"learning_rate": "rate", "std": "sd", "warmup_steps": "warm-up"}
ORDINARY = {"checkpoint": "final", "layers": ["*"], "frozen": [], "batch_norm": "copy", "optimizer": "reset"}
"""How a job starts from another one where its document does not say how."""

SILENT = (None, "none", False, 0)
"""Values of options that are not worth a word: what is off."""


def value_in_words(value: Any, pointer: str = "", *, exact: bool = False) -> str:
    """What stands there: `mlp, 3 x 100, sigmoid`, `sgd, rate 0.1`, `without BN`. exact: numbers with every digit.

    >>> value_in_words({"kind": "sgd", "learning_rate": 0.1})
    'sgd, rate 0.1'
    """
    if pointer.endswith("batch_norm"):
        return _batch_norm(value)
    if pointer == "/initial":
        return _initial(value)
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case float():
            return number_in_words(value, exact=exact)
        case list():
            return _list(value, exact=exact)
        case dict():
            return _part(value, exact=exact)
    return str(value)


def number_in_words(value: float, *, exact: bool = False, digits: int = 4) -> str:
    """So many digits, or all of them, and powers of ten without their zeros.

    >>> number_in_words(1e9), number_in_words(2**0.5), number_in_words(2**0.5, exact=True)
    ('1e9', '1.414', '1.4142135623730951')
    """
    mantissa, e, power = (repr(value).removesuffix(".0") if exact else f"{value:.{digits}g}").partition("e")
    return f"{mantissa}e{int(power)}" if e else mantissa


def values_in_words(values: Sequence[Any], pointer: str = "") -> list[str]:
    """The values at one place of several documents: what differs is said in different words."""
    said = [value_in_words(value, pointer) for value in values]
    for more in (_with_what_differs, _exactly, _numbered):
        if _tell_apart(said, values):
            break
        said = more(said, values, pointer)
    return said


def point_in_words(point: Mapping[str, Any]) -> str:
    """A point of a grid: `learning rate 0.1, steps 100`."""
    return ", ".join(
        said_at(place_in_words(pointer), value_in_words(value, pointer)) for pointer, value in point.items()
    )


def _tell_apart(said: Sequence[str], values: Sequence[Any]) -> bool:
    return all(value == values[said.index(words)] for words, value in zip(said, values, strict=True))


def _with_what_differs(said: Sequence[str], values: Sequence[Any], _pointer: str) -> list[str]:
    """Behind each part of a document, those of its options in which others of the same words differ."""
    longer = []
    for words, value in zip(said, values, strict=True):
        alike = [other for same, other in zip(said, values, strict=True) if same == words]
        places = differing(alike) if all(isinstance(each, dict) for each in alike) else {}
        own = {place: found[alike.index(value)] for place, found in places.items()}
        longer.append(", ".join([words, *(_option(place.removeprefix("/"), each) for place, each in own.items())]))
    return longer


def _exactly(_said: Sequence[str], values: Sequence[Any], pointer: str) -> list[str]:
    return [value_in_words(value, pointer, exact=True) for value in values]


def _numbered(said: Sequence[str], values: Sequence[Any], _pointer: str) -> list[str]:
    """Where words do not tell them apart: which of them is the first, the second, ..., that reads so."""
    kinds: dict[str, list[Any]] = {}
    numbered = []
    for words, value in zip(said, values, strict=True):
        known = kinds.setdefault(words, [])
        if value not in known:
            known.append(value)
        numbered.append((words, known.index(value) + 1))
    return [words if len(kinds[words]) == 1 else f"{words} ({number})" for words, number in numbered]


def _batch_norm(value: Any) -> str:
    match value:
        case None:
            return "as the job says"
        case dict():
            return "with noisy BN" if value.get("noise") else "with BN"
        case str():
            return "as the job says" if value == "inherit" else f"with BN, {value}"
    return "with BN" if value else "without BN"


def _initial(value: Mapping[str, Any] | None) -> str:
    """Whose network it is, after which step, and what is not as it is where a document does not say it."""
    if value is None:
        return "the seed"
    unlike = {name: value[name] for name, usual in ORDINARY.items() if value[name] != usual}
    options = (
        f"{name.replace('_', ' ')} {' '.join(said) if isinstance(said, list) else said}"
        for name, said in unlike.items()
    )
    return ", ".join([f"job {value['job']}", f"step {value['step']}", *options])


def _list(values: list[Any], *, exact: bool) -> str:
    """`3 x 100`, `16, 32`, `rank every 500; drift every 500`, `none`."""
    said = [value_in_words(value, exact=exact) for value in values]
    if len(said) > 1 and len(set(said)) == 1:
        return f"{len(said)} x {said[0]}"
    return ("; " if any("," in each for each in said) else ", ").join(said) or "none"


def _part(part: Mapping[str, Any], *, exact: bool) -> str:
    if "layers" in part and "kind" not in part:
        return f"{len(part['layers'])} layers"
    tag = next((part[name] for name in NAMES if name in part), None)
    names = TELLING.get(str(tag), tuple(name for name in part if name not in NAMES))
    options = [_option(name, part[name], exact=exact) for name in names if part.get(name) not in SILENT]
    return ", ".join([*([] if tag is None else [str(tag)]), *options]) or "none"


def _option(name: str, value: Any, *, exact: bool = False) -> str:
    if name in BARE and isinstance(value, list) and value and isinstance(value[0], dict):
        return f"{len(value)} layers"
    if name == "branches":
        return f"{len(value)} branches"
    said = value_in_words(value, name, exact=exact)
    if name in BARE or name == "batch_norm":
        return said.replace("_", " ")
    return f"{SHORT.get(name, place_in_words(name))} {said}"
