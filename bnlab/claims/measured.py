"""What the checks of a claim are of: asked of the server, once its experiment has ended, and judged."""

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any, Literal

from bnlab.claims.checks import Check, Checked, Summary
from bnlab.claims.verdicts import OF_VERDICT, concluded, judged
from bnlab.sdk.client import Client
from bnlab.sdk.estimates import number_of

Goal = Literal["min", "max"]
Point = dict[str, Any]

GOALS: dict[str, Goal] = {"higher": "max", "above": "max", "lower": "min", "below": "min"}
"""By a check's kind the end of its series at which one that diverged stands: the other one than is claimed."""

OVER = {"mean": "over_mean", "the best by validation": "over_chosen"}
"""Of an ensemble's answer, what is gained over which of its members."""


def measure(client: Client, checks: Sequence[Check], experiment: Mapping[str, Any]) -> list[Checked]:
    """Every check at every grid point that it is of, from what the experiment has found."""

    @cache
    def compared(series: str, minus: str, summary: Summary, since: int | None, goal: Goal | None) -> dict[str, Any]:
        return client.compare(
            experiment["id"], series, kind=summary, first=since, goal=goal, minus=minus or None
        )

    made: list[Checked] = []
    for check in checks:
        if check.kind in OF_VERDICT:
            verdicts = [each for each in experiment["verdicts"] if each["variant"] == check.variant]
            made += [concluded(check, each) for each in verdicts if _is_at(check, each["point"])]
        elif check.kind == "together":
            made.append(judged(check, {}, client.ensemble(experiment["id"])[OVER[check.than]]))
        else:
            of = check.series, check.minus, check.summary, check.since, GOALS.get(check.kind)
            made += _of_numbers(check, compared(*of), points_of(experiment))
    return made


def points_of(experiment: Mapping[str, Any]) -> list[Point]:
    """The grid points of an experiment, in the order of its document."""
    return [json.loads(key) for key in dict.fromkeys(json.dumps(group["point"]) for group in experiment["groups"])]


def _of_numbers(check: Check, answer: Mapping[str, Any], points: Sequence[Point]) -> Iterator[Checked]:
    found = _values(check, answer) if not check.than else _pairs(check, answer)
    for point in points:
        if _is_at(check, point):
            measured, p = found.get(json.dumps(point), (None, None))
            yield judged(check, point, measured, p)


Found = dict[str, tuple[Mapping[str, Any] | None, float | None]]
"""By grid point an estimate, and its p where it has one."""


def _values(check: Check, answer: Mapping[str, Any]) -> Found:
    of_variant = [each for each in answer["values"] if each["variant"] == check.variant]
    return {json.dumps(each["point"]): (each["value"], None) for each in of_variant}


def _pairs(check: Check, answer: Mapping[str, Any]) -> Found:
    """Of two variants; the answer has each pair once, the later variant against the earlier one."""
    found: Found = {}
    is_difference = check.kind in ("higher", "lower")
    for each in answer["differences" if is_difference else "ratios"]:
        estimate = each["difference" if is_difference else "ratio"]
        pair = each["variant"], each["minus" if is_difference else "over"]
        if pair == (check.variant, check.than):
            found[json.dumps(each["point"])] = estimate, each.get("p")
        elif pair == (check.than, check.variant):
            turned = negated(estimate) if is_difference else inverted(estimate)
            found[json.dumps(each["point"])] = turned, each.get("p")
    return found


def negated(estimate: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The difference the other way round."""
    return _turned(estimate, lambda value: -value)


def inverted(estimate: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The ratio the other way round."""
    return _turned(estimate, lambda value: 1 / value if value else float("inf"))


def _is_at(check: Check, point: Mapping[str, Any]) -> bool:
    return all(point.get(axis) == value for axis, value in check.at.items())
