"""What an experiment's variants differ by, seed by seed, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from bnlab.terminal.spoken import number_in_words, point_in_words

MOST = 15  # sentences: every pair of six variants


def pairs_in_words(differences: Sequence[Mapping[str, Any]], called: Mapping[str, str]) -> list[str]:
    """A sentence for each pair of variants at each grid point, as `GET /experiments/{id}/compare` has them.

    Where there are many, only those with the first variant, and a last sentence that says so. called: what the
    sentences call each variant.
    """
    if len(differences) <= MOST:
        return [_sentence(each, called) for each in differences]
    first = next(iter(called))
    shown = [each for each in differences if each["minus"] == first]
    left = len(differences) - len(shown)
    more = [f"({left} further pairs of variants are left out.)"] if left else []
    return [*(_sentence(each, called) for each in shown), *more]


def _sentence(each: Mapping[str, Any], called: Mapping[str, str]) -> str:
    found, at = each["difference"], point_in_words(each["point"])
    one, other = called[each["variant"]], called[each["minus"]]
    where = f"At {at} " if at else ""
    if found is None:
        return f"{where}{one} and {other} have no seed in common."
    pairs = "1 pair of seeds" if found["n"] == 1 else f"{found['n']} pairs of seeds"
    if found["mean"] is None:
        return f"{where}{one} minus {other} is not finite ({pairs})."
    low, high = found["low"], found["high"]
    if low is None:
        return f"{where}{one} is {_signed(found['mean'])} {other} (no interval, {pairs})."
    if low <= 0 <= high:
        interval = f"mean {_beside(found['mean'])}, 95 % interval from {_beside(low)} to {_beside(high)}"
        return f"{where}{one} may be level with {other} ({interval}, {pairs})."
    near, far = map(number_in_words, sorted((abs(low), abs(high))))
    return f"{where}{one} is {_signed(found['mean'])} {other} (95 % interval {near} to {far}, {pairs})."


def _beside(difference: float) -> str:
    return _signed(difference) if difference else "0"


def _signed(difference: float) -> str:
    """How far above or below.

    >>> _signed(-0.5), _signed(0.0)
    ('0.5 below', 'level with')
    """
    if difference == 0:
        return "level with"
    return f"{number_in_words(abs(difference))} {'above' if difference > 0 else 'below'}"
