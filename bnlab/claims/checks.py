"""What a claim is judged by: checks, each of one number and of where it has to lie, and how they are said."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Outcome = Literal["upheld", "not upheld", "open"]
Summary = Literal["last", "mean", "rms", "wander"]
Role = Literal["primary", "part", "beside"]
Kind = Literal["better", "worse", "equal", "higher", "lower", "above", "below", "near", "together"]

WORDS: dict[Kind, str] = {
    "better": "{variant} is better than the first variant",
    "worse": "{variant} is worse than the first variant",
    "equal": "{variant} is equal to the first variant",
    "higher": "{number} of {variant} is higher than of '{than}' (difference)",
    "lower": "{number} of {variant} is lower than of '{than}' (difference)",
    "above": "{number} of {variant} is above {target:.4g}",
    "below": "{number} of {variant} is below {target:.4g}",
    "near": "{number} of {variant} is within {percent:.3g} % of {target:.4g}",
    "together": "all members together are more accurate than {than} (gain)",
}
"""What a check says, to be formatted with its fields, `number`, what it is of, and its share as `percent`."""

NUMBERS: dict[Summary, str] = {
    "last": "`{series}`",
    "mean": "the mean of `{series}`",
    "rms": "the root mean square of `{series}`",
    "wander": "the wandering of `{series}`",
}


@dataclass(frozen=True)
class Check:
    """What is claimed of `variant`, at every grid point that has what `at` says.

    `better`, `worse` and `equal` are the experiment's verdict on it against the first variant, by its `primary`. All
    others but `together` are of one number of each training: a series' `summary`, less that of the series `minus`,
    from the step `since` on. `higher` and `lower` are of the difference to `than`, against 0. `above` and `below` are
    of the value itself, or of its ratio to that of `than` where one is named, against `target`; `near` asks that it is
    within `share` times the target of it. Where it is `tuned`, each seed's training is the one at the setting that was
    chosen for it. `together` is of what the mean of all members' probabilities gains over the members, as `than` says,
    with its interval over the test examples.
    """

    kind: Kind
    variant: str = ""
    than: str = ""
    series: str = "test.accuracy"
    minus: str = ""
    summary: Summary = "last"
    since: int | None = None
    target: float = 0.0
    share: float = 0.0
    tuned: bool = False
    at: Mapping[str, Any] = field(default_factory=dict)
    role: Role = "part"


@dataclass(frozen=True)
class Checked:
    """A check at one grid point: what was measured, its outcome and, of an experiment's verdict, the sentence.

    p: how likely what was measured, or more of it, were by chance; at most so likely, where all that is known of it is
    that the interval leaves out what chance would give.
    """

    check: Check
    point: dict[str, Any]
    measured: Mapping[str, Any] | None  # an estimate
    outcome: Outcome
    sentence: str = ""
    p: float | None = None


def in_words(check: Mapping[str, Any]) -> str:
    """What a check says, from its fields.

    >>> in_words(vars(Check("lower", "BN", "none", "landscape.loss_max", "landscape.loss_min", "mean")))
    "the mean of `landscape.loss_max` minus `landscape.loss_min` of 'BN' is lower than of 'none' (difference)"
    """
    check = {**vars(Check(check["kind"])), **check}  # what an earlier release kept has fewer fields
    number = NUMBERS[check["summary"]].format(**check) + (f" minus `{check['minus']}`" if check["minus"] else "")
    ratio = bool(check["than"]) and check["kind"] in ("above", "below", "near")
    variant = f"'{check['variant']}', by that of '{check['than']}'," if ratio else f"'{check['variant']}'"
    percent = 100 * check["share"]
    words = WORDS[check["kind"]].format(**{**check, "variant": variant, "number": number, "percent": percent})
    return f"{words}, each seed at its chosen setting" if check["tuned"] else words
