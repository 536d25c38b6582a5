"""What the checks of a claim are of: asked of the server, once its experiment has ended, and judged."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cache
from math import isfinite
from typing import Any, Literal

from bnlab.claims.checks import Check, Checked, Summary
from bnlab.claims.verdicts import OF_VERDICT, concluded, judged
from bnlab.sdk.client import Client
from bnlab.sdk.estimates import number_of

Goal = Literal["min", "max"]
Point = dict[str, Any]

GOALS: dict[str, Goal] = {"higher": "max", "above": "max", "lower": "min", "below": "min"}
"""By a check's kind the end of its series at which one that diverged stands: the other one than is claimed."""

ESTIMATE = {"values": "value", "differences": "difference", "ratios": "ratio"}
"""By the part of a comparison where its estimates are."""

OVER = {"the members' mean": "over_mean", "the best by validation": "over_chosen"}
"""Of an ensemble's answer, what is gained over which of its members."""


def measure(client: Client, checks: Sequence[Check], experiment: Mapping[str, Any]) -> list[Checked]:
    """Every check at every grid point that it is of, from what the experiment has found."""

    @cache
    def compared(
        series: str, minus: str, summary: Summary, since: int | None, goal: Goal | None, tuned: bool
    ) -> dict[str, Any]:
        asked: dict[str, Any] = {"kind": summary, "first": since, "goal": goal, "minus": minus or None, "tuned": tuned}
        return client.compare(experiment["id"], series, **asked)

    made: list[Checked] = []
    for check in _as_tuned(checks, experiment):
        if check.kind in OF_VERDICT:
            verdicts = [each for each in experiment["verdicts"] if each["variant"] == check.variant]
            made += [concluded(check, each) for each in verdicts if _is_at(check, each["point"])]
        elif check.kind == "together":
            made.append(judged(check, {}, client.ensemble(experiment["id"])[OVER[check.than]]))
        else:
            of = check.series, check.minus, check.summary, check.since, GOALS.get(check.kind), check.tuned
            among = experiment["tuned" if check.tuned else "groups"]
            made += of_numbers(check, compared(*of), points_of(among))
    return made


def _as_tuned(checks: Sequence[Check], experiment: Mapping[str, Any]) -> Sequence[Check]:
    """The checks as they can be asked of the experiment, which in short tunes nothing."""
    tunes = experiment["document"]["tune"] is not None
    return [replace(check, tuned=check.tuned and tunes) for check in checks]


def points_of(among: Iterable[Mapping[str, Any]]) -> list[Point]:
    """The grid points of an experiment's groups, or what is left of them by what it tuned, in its document's order."""
    return [json.loads(key) for key in dict.fromkeys(json.dumps(each["point"]) for each in among)]


def of_numbers(check: Check, answer: Mapping[str, Any], points: Sequence[Point]) -> Iterator[Checked]:
    """A check of one number of each training at these grid points, from how the server compares it."""
    part = "values" if not check.than else "differences" if check.kind in ("higher", "lower") else "ratios"
    pair = check.variant, check.than
    found = {json.dumps(each["point"]): each for each in answer[part] if _pair(each) == pair}
    for point in points:
        if _is_at(check, point):
            each = found.get(json.dumps(point), {})
            p = each.get("p") if part == "differences" else None  # that of a ratio is of 1, which is not asked
            yield judged(check, point, each.get(ESTIMATE[part]), p, _values(each) if part == "values" else ())


def _values(each: Mapping[str, Any]) -> list[float]:
    """Each seed's number; none where one of them is not known, or not finite."""
    found = [number_of(seed["value"]) for seed in each.get("seeds", ())]
    known = [value for value in found if value is not None and isfinite(value)]
    return known if len(known) == len(found) else []


def _pair(each: Mapping[str, Any]) -> tuple[str, str]:
    """Of which variant it is, and against which, which stands before it in the document."""
    return each["variant"], each.get("minus") or each.get("over") or ""


def _is_at(check: Check, point: Mapping[str, Any]) -> bool:
    return all(point.get(axis) == value for axis, value in check.at.items())
