"""The rule by which a claim is judged: intervals in, a verdict out. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

Outcome = Literal["upheld", "not upheld", "open"]
Verdict = Literal["upheld", "not upheld", "mixed", "open"]

RULE = """\
A check is of two variants' difference or ratio, seed by seed, of one variant's values, or of what an ensemble gains
over its best member. Checks are judged by their intervals, and a claim by its checks:

| verdict | of a check, where | of a claim, where |
|---|---|---|
| **upheld** | the whole 95 % interval lies on the side that is claimed | every check is upheld |
| **not upheld** | the whole interval lies on the other side | some check is not upheld, and none is upheld |
| **open** | the interval holds both, or there is none: more seeds may decide | every check is open |
| **mixed** | | anything else: some of it is upheld, and some is not, or is open |
"""

Kind = Literal["higher", "lower", "above", "fewer steps", "together"]


WORDS: dict[Kind, str] = {
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

    `higher` and `lower` are of the difference to `than`, against 0; `above` of the value itself, against `target`;
    `fewer steps` of the ratio of the steps of `than` to those of `variant`, to the accuracy `target`, against 1;
    `together` of what the mean of all members' probabilities gains over the best member, against 0, with its interval
    over the test examples.
    """

    kind: Kind
    variant: str = ""
    than: str = ""
    series: str = "test.accuracy"
    target: float = 0.0


@dataclass(frozen=True)
class Checked:
    """A check at one grid point: what was measured, and its outcome."""

    check: Check
    point: dict[str, Any]
    measured: Mapping[str, Any] | None  # mean, low, high, n
    outcome: Outcome


def judged(check: Check, point: dict[str, Any], measured: Mapping[str, Any] | None) -> Checked:
    """The outcome of one check, from its mean and 95 % interval.

    >>> more = Check("higher", "with BN", "without BN")
    >>> judged(more, {}, {"mean": 0.1, "low": 0.05, "high": 0.15, "n": 3}).outcome
    'upheld'
    >>> judged(more, {}, {"mean": 0.1, "low": -0.05, "high": 0.25, "n": 3}).outcome
    'open'
    """
    if measured is None or measured["low"] is None:
        return Checked(check, point, measured, "open")
    neutral = {"fewer steps": 1.0, "above": check.target}.get(check.kind, 0.0)
    low, high = measured["low"] - neutral, measured["high"] - neutral
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

    >>> check = Check("fewer steps", "with BN", "without BN", target=0.9)
    >>> told(judged(check, {}, {"mean": 5.5, "low": 4.0, "high": 6.0, "n": 3}))
    'with BN takes fewer steps to 0.9 than without BN (ratio): 5.5, 95 % interval 4 to 6: upheld'
    """
    measured, words = checked.measured, WORDS[checked.check.kind].format(**asdict(checked.check)).replace("`", "")
    if measured is None:
        return f"{words}: no seed has both: {checked.outcome}"
    interval = "" if measured["low"] is None else f", 95 % interval {measured['low']:.4g} to {measured['high']:.4g}"
    return f"{words}: {number(measured['mean'])}{interval}: {checked.outcome}"


def number(mean: float | None) -> str:
    """A mean as it is told.

    >>> number(0.123456), number(None)
    ('0.1235', 'not finite')
    """
    return "not finite" if mean is None else f"{mean:.4g}"
