"""What an experiment concludes of its variants, and what they differ by, seed by seed, in words."""

from collections.abc import Mapping, Sequence
from typing import Any

from bnlab.sdk.estimates import LEVEL, estimate_of, is_infinite, percent
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


def verdicts_in_words(verdicts: Sequence[Mapping[str, Any]]) -> list[str]:
    """What `GET /experiments/{id}` concludes of each variant that some seed allows to, and how many more there are."""
    known = [each for each in verdicts if each["interval"] is not None]
    left = len(known) - MOST
    more = [f"({left} further verdicts are left out.)"] if left > 0 else []
    return [*(_verdict(each) for each in known[:MOST]), *more]


def _verdict(each: Mapping[str, Any]) -> str:
    at = point_in_words(each["point"])
    return f"At {at} {each['sentence']}" if at else str(each["sentence"])


def _sentence(each: Mapping[str, Any], called: Mapping[str, str]) -> str:
    found, at = each["difference"], point_in_words(each["point"])
    one, other = called[each["variant"]], called[each["minus"]]
    where = f"At {at} " if at else ""
    if found is None:
        return f"{where}{one} and {other} have no seed in common."
    pairs = "1 pair of seeds" if found["n"] == 1 else f"{found['n']} pairs of seeds"
    estimate = estimate_of(found)
    if estimate.centre is None or is_infinite(estimate):
        return f"{where}{one} minus {other} is not finite ({pairs})."
    centre, low, high = estimate.centre[0], estimate.low, estimate.high
    if low is None or high is None or estimate.coverage is None:
        return f"{where}{one} is {_signed(centre)} {other} (no interval, {pairs})."
    covers = f"{percent(estimate.coverage)} interval"
    if low <= 0 <= high or estimate.coverage < LEVEL:
        interval = f"estimate {_beside(centre)}, {covers} from {_beside(low)} to {_beside(high)}"
        return f"{where}{one} may be level with {other} ({interval}, {pairs})."
    near, far = map(number_in_words, sorted((abs(low), abs(high))))
    return f"{where}{one} is {_signed(centre)} {other} ({covers} {near} to {far}, {pairs})."


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
