"""The rule by which a claim is judged: an experiment's own verdicts and intervals in, a verdict out. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from bnlab.sdk.estimates import LEVEL, centre_in_words, estimate_of, interval_in_words

Outcome = Literal["upheld", "not upheld", "open"]
Verdict = Literal["upheld", "not upheld", "mixed", "open"]

RULE = """\
A check is an experiment's own verdict on a variant, or it is of two variants' difference or ratio, seed by seed, of one
variant's values, or of what an ensemble gains over its best member. Checks are judged by their intervals, and a claim
by its checks:

| verdict | of a check, where | of a claim, where |
|---|---|---|
| **upheld** | the whole interval lies on the side that is claimed, and covers 95 % or more | every check is upheld |
| **not upheld** | the whole of such an interval lies on the other side, or within what is no difference | \
some check is not upheld, and none is upheld |
| **open** | the interval holds both, covers less, or there is none: more seeds may decide | every check is open |
| **mixed** | | anything else: some of it is upheld, and some is not, or is open |
"""

OF_VERDICT: dict[str, Outcome] = {"better": "upheld", "worse": "not upheld", "equal": "not upheld", "open": "open"}
"""By what an experiment concludes of a variant against its first one."""

Kind = Literal["better", "higher", "lower", "above", "fewer steps", "together"]

WORDS: dict[Kind, str] = {
    "better": "{variant} is better than the first variant",
    "higher": "`{series}` of {variant} is higher than of {than} (difference)",
    "lower": "`{series}` of {variant} is lower than of {than} (difference)",
    "above": "`{series}` of {variant} is above {target:g}",
    "fewer steps": "{variant} takes fewer steps to {target:g} than {than} (ratio)",
    "together": "all members' mean probabilities against the best member alone (gain in accuracy)",
}
"""What a check says, to be formatted with its fields."""


@dataclass(frozen=True)
class Check:
    """What is claimed of `variant`, at every grid point: of a series' last value, or of the steps to an accuracy.

    `better` is the experiment's verdict on it, by its `primary`. `higher` and `lower` are of the difference to `than`,
    against 0; `above` of the value itself, against `target`; `fewer steps` of the ratio of the steps of `than` to those
    of `variant`, to the accuracy `target`, against 1; `together` of what the mean of all members' probabilities gains
    over the best member, against 0, with its interval over the test examples.
    """

    kind: Kind
    variant: str = ""
    than: str = ""
    series: str = "test.accuracy"
    target: float = 0.0


@dataclass(frozen=True)
class Checked:
    """A check at one grid point: what was measured, its outcome and, of an experiment's verdict, the sentence."""

    check: Check
    point: dict[str, Any]
    measured: Mapping[str, Any] | None  # an estimate
    outcome: Outcome
    sentence: str = ""


def concluded(check: Check, verdict: Mapping[str, Any]) -> Checked:
    """The outcome of a check that is an experiment's verdict."""
    outcome = OF_VERDICT[verdict["outcome"]]
    return Checked(check, verdict["point"], verdict["interval"], outcome, verdict["sentence"])


def judged(check: Check, point: dict[str, Any], measured: Mapping[str, Any] | None) -> Checked:
    """The outcome of another check, from an estimate with its interval.

    >>> more = Check("higher", "with BN", "without BN")
    >>> said = {"centre": 0.1, "low": 0.05, "high": 0.15, "coverage": 0.96, "n": 8}
    >>> judged(more, {}, said).outcome, judged(more, {}, said | {"coverage": 0.75}).outcome
    ('upheld', 'open')
    """
    found = None if measured is None else estimate_of(measured)
    if found is None or found.low is None or found.high is None or (found.coverage or 0.0) < LEVEL:
        return Checked(check, point, measured, "open")
    neutral = {"fewer steps": 1.0, "above": check.target}.get(check.kind, 0.0)
    low, high = found.low - neutral, found.high - neutral
    if check.kind == "lower":
        low, high = -high, -low
    outcome: Outcome = "upheld" if low > 0 else "not upheld" if high < 0 else "open"
    return Checked(check, point, measured, outcome)


def verdict(checked: Sequence[Checked]) -> Verdict:
    """Of a claim, from its checks.

    >>> [verdict([Checked(Check("higher", "a", "b"), {}, None, o) for o in found]) for found in (
    ...     ("upheld", "upheld"), ("not upheld", "open"), ("upheld", "open"), ("open",))]
    ['upheld', 'not upheld', 'mixed', 'open']
    """
    outcomes = {each.outcome for each in checked}
    if outcomes == {"upheld"}:
        return "upheld"
    if outcomes == {"open"}:
        return "open"
    return "not upheld" if "upheld" not in outcomes else "mixed"


def told(checked: Checked) -> str:
    """A check in one line.

    >>> check = Check("higher", "with BN", "without BN")
    >>> told(judged(check, {}, {"centre": 5.5, "low": 4.0, "high": 6.0, "coverage": 0.96, "n": 8}))
    'test.accuracy of with BN is higher than of without BN (difference): 5.5, 96 % interval 4 to 6: upheld'
    """
    if checked.sentence:
        return checked.sentence
    words = WORDS[checked.check.kind].format(**asdict(checked.check)).replace("`", "")
    if checked.measured is None:
        return f"{words}: no seed has both: {checked.outcome}"
    found = estimate_of(checked.measured)
    numbers = ", ".join(filter(None, (centre_in_words(found), interval_in_words(found))))
    return f"{words}: {numbers}: {checked.outcome}"
