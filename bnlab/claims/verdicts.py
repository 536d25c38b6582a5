"""The rule by which a claim is judged: an experiment's own verdicts and intervals in, a verdict out. Pure."""

from collections.abc import Mapping, Sequence
from math import inf, isfinite
from typing import Any, Literal

from bnlab.claims.chance import of_normal, of_signs
from bnlab.claims.checks import Check, Checked, Kind, Outcome
from bnlab.sdk.estimates import LEVEL, estimate_of

Verdict = Literal["upheld", "not upheld", "mixed", "open"]

SIGNIFICANT = 1 - LEVEL  # the most that a p may be

RULE = """\
A check is an experiment's own verdict on a variant, or it is of two variants' difference or ratio, seed by seed, of one
variant's values, or of what an ensemble gains. Checks are judged by their intervals, and a claim by those of its
checks that are part of it; what is measured beside them decides nothing:

| verdict | of a check, where | of a claim, where |
|---|---|---|
| **upheld** | the whole interval lies where it is claimed to, covers 95 % or more, and p is 5 % at the most | \
every check is upheld |
| **not upheld** | the whole of such an interval lies elsewhere, or within what is no difference | \
some check is not upheld, and none is upheld |
| **open** | the interval holds both, covers less, or there is none, or p is greater: more seeds may decide | \
no check is decided |
| **mixed** | | anything else: some of it is upheld, and some is not, or is open |

That every check is upheld needs no correction for their number (Berger 1982); that one of several is not is counted
only where its p, corrected by Holm for all checks of the claim, is 5 % at the most. A p is exact, by flipping the signs
of the seeds' differences or of their distances from a bound; of an ensemble it is of a normal mean over images; of a
ratio against a bound all that is known is that it is at most what the interval leaves out.
"""

OF_VERDICT: dict[Kind, Mapping[str, Outcome]] = {
    "better": {"better": "upheld", "worse": "not upheld", "equal": "not upheld", "open": "open"},
    "worse": {"better": "not upheld", "worse": "upheld", "equal": "not upheld", "open": "open"},
    "equal": {"better": "not upheld", "worse": "not upheld", "equal": "upheld", "open": "open"},
}
"""Of the checks that are an experiment's verdict on a variant against its first one: by what it concludes."""


def concluded(check: Check, verdict: Mapping[str, Any]) -> Checked:
    """The outcome of a check that is an experiment's verdict."""
    outcome, measured = OF_VERDICT[check.kind][verdict["outcome"]], verdict["interval"]
    by_flips = None if verdict["outcome"] == "equal" else verdict["p"]  # they ask whether there is a difference
    p = _p(outcome, measured, by_flips)
    return Checked(check, verdict["point"], measured, outcome, verdict["sentence"], p)


def judged(
    check: Check,
    point: dict[str, Any],
    measured: Mapping[str, Any] | None,
    p: float | None = None,
    values: Sequence[float] = (),
) -> Checked:
    """The outcome of another check, from an estimate with its interval, and p where the answer has one.

    values: each seed's, where the estimate is of values: then p is of how far they lie from what they are held against.

    >>> more = Check("higher", "with BN", "without BN")
    >>> said = {"centre": 0.1, "low": 0.05, "high": 0.15, "coverage": 0.96, "n": 8}
    >>> judged(more, {}, said).outcome, judged(more, {}, said | {"coverage": 0.75}).outcome
    ('upheld', 'open')
    """
    found = None if measured is None else estimate_of(measured)
    if found is None or found.low is None or found.high is None or (found.coverage or 0.0) < LEVEL:
        return Checked(check, point, measured, "open", p=p)
    least, most = _claimed(check)
    if (least < found.low or least == -inf) and (found.high < most or most == inf):
        outcome: Outcome = "upheld"
        left = [bound for bound in (least, most) if isfinite(bound)]
    elif found.high < least or most < found.low:
        outcome, left = "not upheld", [least if found.high < least else most]
    else:
        return Checked(check, point, measured, "open", p=p)
    if check.kind == "together":
        p = of_normal(found)
    elif values:
        p = max(of_signs([value - bound for value in values]) for bound in left)
    p = _p(outcome, measured, p)
    return Checked(check, point, measured, "open" if p is not None and p > SIGNIFICANT else outcome, p=p)


def verdict(checked: Sequence[Checked]) -> Verdict:
    """Of a claim, from its checks.

    >>> [verdict([Checked(Check("higher", "a", "b"), {}, None, o, p=0.01) for o in found]) for found in (
    ...     ("upheld", "upheld"), ("not upheld", "open"), ("upheld", "open"), ("open",))]
    ['upheld', 'not upheld', 'mixed', 'open']
    """
    parts = [each for each in checked if each.check.role != "beside"]
    outcomes = {
        "open" if each.outcome == "not upheld" and p > SIGNIFICANT else each.outcome
        for each, p in zip(parts, _p_of_failing(parts), strict=True)
    }
    if outcomes == {"upheld"}:
        return "upheld"
    if outcomes <= {"open"}:
        return "open"
    return "not upheld" if "upheld" not in outcomes else "mixed"


def p_of_claim(checked: Sequence[Checked]) -> float:
    """How likely its verdict were by chance, for one claim by itself; 1 where it is neither upheld nor not upheld.

    Of several checks that are all upheld it is the greatest p (Berger 1982); that some check is not upheld has the
    least one of those that Holm corrects.
    """
    parts = [each for each in checked if each.check.role != "beside"]
    said = verdict(parts)
    if said == "upheld":
        return max(1.0 if each.p is None else each.p for each in parts)
    return min(_p_of_failing(parts)) if said == "not upheld" else 1.0


def holm(p: Sequence[float]) -> list[float]:
    """Each p corrected for being one of several (Holm 1979): of all that are 5 % at most then, none is a false one.

    >>> holm([0.01, 0.04, 0.03])
    [0.03, 0.06, 0.06]
    """
    corrected, least = [1.0] * len(p), 0.0
    for place, i in enumerate(sorted(range(len(p)), key=p.__getitem__)):
        least = max(least, min(1.0, (len(p) - place) * p[i]))
        corrected[i] = least
    return corrected


def _claimed(check: Check) -> tuple[float, float]:
    """Between which two numbers the interval has to lie."""
    if check.kind == "near":
        return check.target * (1 - check.share), check.target * (1 + check.share)
    least_or_most = check.target if check.kind in ("above", "below") else 0.0
    return (-inf, least_or_most) if check.kind in ("lower", "below") else (least_or_most, inf)


def _p(outcome: Outcome, measured: Mapping[str, Any] | None, exact: float | None) -> float | None:
    """The exact p, where it is known; else at most what the interval leaves out."""
    if exact is not None or outcome == "open" or measured is None:
        return exact
    return 1.0 - float(measured["coverage"])


def _p_of_failing(parts: Sequence[Checked]) -> list[float]:
    """Of each check how likely it were by chance that it is not upheld, corrected for all of them."""
    return holm([each.p if each.outcome == "not upheld" and each.p is not None else 1.0 for each in parts])
