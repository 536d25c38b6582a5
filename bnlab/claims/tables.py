"""A claim's result in tables of Markdown: its checks, the settings that were tried, and every group's numbers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from bnlab.claims.checks import in_words
from bnlab.figures.columns import point_of
from bnlab.sdk.estimates import centre_in_words, estimate_of, interval_in_words
from bnlab.terminal.spoken import number_in_words, point_in_words

Result = Mapping[str, Any]
"""What `bnlab claims` keeps of a claim."""

Table = list[str]
"""Its lines; none where it has no row."""


def checks(result: Result) -> Table:
    """Each check at each grid point; what is measured beside the claim is marked."""
    rows = []
    for checked in result["checks"]:
        beside = " (beside)" if checked["check"]["role"] == "beside" else ""
        n = "0" if checked["measured"] is None else str(estimate_of(checked["measured"]).n)
        said = in_words(checked["check"])
        rows.append((said, _at(checked["point"]), *_numbers(checked["measured"]), n, checked["outcome"] + beside))
    return _table(("check", "at", "measured", "interval", "n", ""), rows)


def settings(result: Result) -> Table:
    """Of each variant where it was tuned: how good each setting is by validation, and how many seeds have it."""
    rows = []
    for tuned in result["tuned"]:
        counts = Counter(point_of(each["at"]) for each in tuned["chosen"])
        for setting in tuned["settings"]:
            learned = "" if setting["learned"] is None else f"{setting['learned']} of {setting['n']}"
            chosen = counts[point_of(setting["at"])] or ""
            where = (tuned["variant"], _at(tuned["point"]), _at(setting["at"]))
            rows.append((*where, *_numbers(setting["by"]), learned, str(chosen)))
    by = result["tuned"][0]["by"] if result["tuned"] else ""
    return _table(("variant", "at", "setting", f"`{by}`", "interval", "learned", "seeds that have it"), rows)


def shown(result: Result) -> Table:
    """The series that are kept beside the checks, by variant."""
    rows = [
        (f"`{series}`", each["variant"], _at(each["point"]), *_numbers(each["value"]))
        for series, values in result["shown"].items()
        for each in values
    ]
    return _table(("series", "variant", "at", "value", "interval"), rows)


def accuracies(result: Result) -> Table:
    """Every group's accuracy at the end."""
    rows = []
    for group in result["groups"]:
        failed = len(group["diverged"]) + len(group["failed"]) + len(group["cancelled"])
        numbers = _numbers(group["final_accuracy"])
        rows.append((group["variant"], _at(group["point"]), *numbers, str(group["succeeded"]), str(failed or "")))
    return _table(("variant", "at", "final test accuracy", "interval", "succeeded", "did not"), rows)


def arrivals(result: Result) -> Table:
    """Of every group the steps to each target, and how many seeds have arrived."""
    rows = []
    for group in result["groups"]:
        where = (group["variant"], _at(group["point"]))
        for reached in group["steps_to"]:
            arrived = f"{reached['arrived']} of {reached['ended']}"
            rows.append((*where, _target(reached), *_numbers(reached["steps"]), arrived))
    return _table(("variant", "at", "target", "steps, the median seed's", "interval", "seeds that arrived"), rows)


def _target(reached: Mapping[str, Any]) -> str:
    """`0.9`, or `0.9633, the best of the first variant`."""
    accuracy = "unknown" if reached["accuracy"] is None else number_in_words(reached["accuracy"])
    return accuracy if reached["target"] == reached["accuracy"] else f"{accuracy}, the best of the first variant"


def _table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> Table:
    if not rows:
        return []
    return [_row(heads), "|---" * len(heads) + "|", *map(_row, rows)]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _numbers(said: Mapping[str, Any] | None) -> tuple[str, str]:
    """An estimate and its interval."""
    if said is None:
        return "nothing", ""
    found = estimate_of(said)
    return centre_in_words(found), interval_in_words(found)


def _at(point: Mapping[str, Any]) -> str:
    return point_in_words(point)
