"""At which settings an experiment compares its variants, in words: those that the seeds chose, and how many work."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bnlab.terminal.spoken import point_in_words

MOST = 15  # lines


def tuned_in_words(tuned: Sequence[Mapping[str, Any]]) -> list[str]:
    """A line for each variant at each grid point, as `GET /experiments/{id}` has them, and how many more there are."""
    left = len(tuned) - MOST
    more = [f"({left} further variants and points are left out.)"] if left > 0 else []
    return [*(_line(each) for each in tuned[:MOST]), *more]


def _line(each: Mapping[str, Any]) -> str:
    at = point_in_words(each["point"])
    tried = len(each["settings"])
    works = "" if each["working"] is None else f"; every seed learns at {each['working']} of {tried}"
    return f"{f'At {at} ' if at else ''}'{each['variant']}' is tuned by {each['by']}: {_chosen(each, tried)}{works}."


def _chosen(each: Mapping[str, Any], tried: int) -> str:
    """`learning rate 3 (7 seeds), learning rate 1 (1 seed), of 4 settings`."""
    counted = Counter(point_in_words(chosen["at"]) for chosen in each["chosen"]).most_common()
    if not counted:
        return f"no two seeds have come to an end at all of {tried} settings"
    seeds = (f"{setting} ({n} {'seed' if n == 1 else 'seeds'})" for setting, n in counted)
    return f"{', '.join(seeds)}, of {tried} settings"
