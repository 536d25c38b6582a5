"""What a job is called in a line, and what tells it from those beside it."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bnlab.sdk.client import Job
from bnlab.sdk.differences import differing

WORDS = {
    "learning_rate": "rate",
    "batch_norm": "BN",
    "kind": "",
    "preset": "",
    "dataset": "",
    "activation": "",
    "batch_size": "batch",
    "steps": "steps",
    "scheme": "",
}
"""What stands before a value, in place of its field's name; empty: the value says it alone. These go before others."""

SAID = ("/name", "/tags", "/metadata")  # of a document: what is in the label already, or means nothing to us
UNITS = ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s"))  # of an age
LONGEST = 24  # characters of a value


def label(job: Job) -> str:
    """The job's name, or what it trains."""
    spec = job["spec"]
    architecture = spec["architecture"].get("preset", "layers")
    return spec["name"] or f"{architecture}, {'with' if spec['batch_norm'] else 'without'} BN"


def telling_labels(jobs: Sequence[Job]) -> list[str]:
    """The jobs' labels, each with what tells it from the others of the same label, such as `rate 0.1 seed 2`."""
    alike: dict[str, list[int]] = {}
    for place, job in enumerate(jobs):
        alike.setdefault(label(job), []).append(place)
    found = dict.fromkeys(range(len(jobs)), "")
    for name, places in alike.items():
        for place, differences in zip(places, telling([jobs[place]["spec"] for place in places]), strict=True):
            found[place] = f"{name} {differences}".rstrip()
    return list(found.values())


def telling(specs: Sequence[Any]) -> list[str]:
    """Of each document, as few values as tell it from the others where any do.

    >>> telling([{"rate": 0.1, "seed": 1}, {"rate": 0.1, "seed": 2}, {"rate": 1.0, "seed": 1}])
    ['rate 0.1 seed 1', 'rate 0.1 seed 2', 'rate 1.0 seed 1']
    """
    chosen: list[list[str]] = [[] for _ in specs]
    differences = {pointer: values for pointer, values in differing(specs).items() if not pointer.startswith(SAID)}
    for pointer in sorted(differences, key=_weight):
        more = [[*words, _words(pointer, value)] for words, value in zip(chosen, differences[pointer], strict=True)]
        if len(set(map(tuple, more))) > len(set(map(tuple, chosen))):
            chosen = more
    return [" ".join(filter(None, words)) for words in chosen]


def age(created: str, now: datetime) -> str:
    """How long ago that was, in one number.

    >>> age("2026-01-01T00:00:00Z", datetime.fromisoformat("2026-01-01T02:59:00Z"))
    '2 h'
    """
    seconds = max(0.0, (now - datetime.fromisoformat(created)).total_seconds())
    unit, name = next(each for each in UNITS if seconds >= each[0] or each == UNITS[-1])
    return f"{int(seconds // unit)} {name}"


def _weight(pointer: str) -> tuple[bool, int, str]:
    """By what differences are looked at: seeds last, and what has a word of its own first."""
    field = pointer.rpartition("/")[2]
    known = list(WORDS)
    return field == "seed", known.index(field) if field in known else len(known), pointer


def _words(pointer: str, value: Any) -> str:
    field = pointer.rpartition("/")[2]
    if value is None:
        return ""
    if field == "batch_norm":
        return "without BN" if value is False else "with BN"
    said = value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))
    return f"{WORDS.get(field, field)} {_short(said)}".strip()


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
