"""A claim's result in sentences for who knows no statistics: from its verdicts, its checks and their numbers."""

from collections.abc import Mapping, Sequence
from typing import Any

from bnlab.claims.checks import in_words
from bnlab.figures.results import are_steps, primary_in_words
from bnlab.sdk.estimates import centre_in_words, estimate_of, interval_in_words, range_in_words
from bnlab.terminal.spoken import point_in_words

Result = Mapping[str, Any]
"""What `bnlab claims` keeps of a claim."""

Checked = Mapping[str, Any]
"""A check of it, with what was measured."""

MOST = 3  # sentences of a paragraph
OF_VERDICTS = ("better", "worse", "equal")


def paragraph(result: Result) -> str:
    """The verdict and, of the checks that decide it, as many sentences as one reads."""
    deciding = _deciding(result)
    said = list(dict.fromkeys(map(_sentence, deciding)))
    rest = len(said) - MOST
    more = f" {rest} more check{'s' * (rest != 1)} below." if rest > 0 else ""
    return f"**{result['verdict'].capitalize()}.** {' '.join(said[:MOST])}{more}"


def clause(result: Result) -> str:
    """What its first check has found, for a row of the summary."""
    if not (deciding := _deciding(result)):
        return ""
    said = _clause(result, deciding[0])
    return f"{said} (not decided)" if deciding[0]["outcome"] == "open" else said


def in_short(result: Result) -> str:
    """The same with its interval."""
    (first,) = _deciding(result)[:1]
    return ", ".join(filter(None, (_clause(result, first), _interval(first))))


def missed(result: Result) -> list[str]:
    """Which of the deciding checks are not upheld or open, said as plainly as the rest."""
    found = [checked for checked in _deciding(result) if checked["outcome"] != "upheld"]
    if not found or len(found) == len(_deciding(result)):
        return []
    places: dict[str, list[str]] = {}
    for checked in found:
        places.setdefault(f"that {in_words(checked['check'])}", []).append(_at(checked))
    said = (" at ".join(filter(None, (of, "; ".join(filter(None, at))))) for of, at in places.items())
    return [f"Not shown to hold: {', nor '.join(said)}.\n"]


def _deciding(result: Result) -> Sequence[Checked]:
    """The checks that decide the claim, the primary first."""
    parts = [checked for checked in result["checks"] if checked["check"]["role"] != "beside"]
    return sorted(parts, key=lambda checked: bool(checked["check"]["role"] != "primary"))


def _sentence(checked: Checked) -> str:
    at = f"At {place}: " if (place := _at(checked)) else ""
    if checked["sentence"]:
        return f"{at}{checked['sentence']}"
    told = in_words(checked["check"])
    numbers = "nothing was measured"
    if checked["measured"] is not None:
        found = estimate_of(checked["measured"])
        numbers = ", ".join(filter(None, (centre_in_words(found), interval_in_words(found))))
    return f"{at}{told[0].upper()}{told[1:]}: {numbers}; {checked['outcome']}."


def _clause(result: Result, checked: Checked) -> str:
    check, measured = checked["check"], checked["measured"]
    if measured is None:
        return "nothing was measured"
    found = estimate_of(measured)
    if check["kind"] not in OF_VERDICTS or found.centre is None:
        return f"{in_words(check)}: {centre_in_words(found)}"
    verdict = next(each for each in result["verdicts"] if _is_of(each, checked))
    return f"{primary_in_words(result)}: {check['variant']} {_apart(result, verdict, found.centre)} {verdict['over']}"


def _apart(result: Result, verdict: Mapping[str, Any], centre: tuple[float, float]) -> str:
    """`12 times as fast as`, `0.02 above`."""
    if verdict["measure"] == "ratio":
        times = "fast" if are_steps(result) else "large"
        return f"{range_in_words(*centre, digits=3)} times as {times} as"
    apart = sum(centre) / 2
    return f"{abs(apart):.3g} {'above' if apart > 0 else 'below'}" if apart else "level with"


def _is_of(verdict: Mapping[str, Any], checked: Checked) -> bool:
    return (verdict["variant"], verdict["point"]) == (checked["check"]["variant"], checked["point"])


def _interval(checked: Checked) -> str:
    return "" if checked["measured"] is None else interval_in_words(estimate_of(checked["measured"]))


def _at(checked: Checked) -> str:
    return point_in_words(checked["point"])
