"""Places in a job's document in words, as a table, a legend or an axis has room for them."""

from itertools import pairwise

from bnlab.sdk.pointers import names_in

PLACES = {
    "/architecture": "network",
    "/architecture/layers": "network",
    "/initial": "starts from",
    "/evaluation/every": "evaluated every",
    "/training/optimizer": "optimizer",
    "/training/optimizer/epsilon": "optimizer epsilon",
    "/recording/units": "units recorded",
    "/data/normalize": "normalized input",
    "/data/binarize": "binarized input",
    "/limits/memory_mb": "limit of memory (MiB)",
    "/limits/wall_seconds": "limit of time (s)",
}
UNSAID = {"architecture", "data", "training", "optimizer", "recording"}
"""Parts of a document that a reader knows from what is in them."""

WORDS = {"init": "initialization", "std": "sd", "batch_norm": "batch norm", "layers": "layer"}

SELF_EVIDENT = {"network", "optimizer", "batch norm", "activation"}
"""Places, in words, whose values need no name beside them."""


def place_in_words(pointer: str) -> str:
    """Where in a document, by its pointer, or by a field's name alone; layers are numbered from 0, or have their names.

    >>> place_in_words("/training/optimizer/learning_rate"), place_in_words("/architecture/layers/2/features")
    ('learning rate', 'layer 2 features')
    >>> place_in_words("/architecture/layers/dropout1/rate")
    'dropout1 rate'
    """
    if pointer in PLACES:
        return PLACES[pointer]
    first, *rest = parts = names_in(pointer if pointer.startswith("/") else f"/{pointer}")
    said = [part for part in parts if part not in UNSAID] if rest and first in UNSAID else parts
    said = [part for part, after in pairwise((*said, "")) if part != "layers" or not after or after.isdigit()]
    return " ".join(WORDS.get(part, part.replace("_", " ")) for part in said)


def said_at(place: str, value: str) -> str:
    """A value with the name of its place, where it needs one.

    >>> said_at("learning rate", "0.1"), said_at("batch norm", "with BN")
    ('learning rate 0.1', 'with BN')
    """
    return value if place in SELF_EVIDENT else f"{place} {value}"
