"""The page of the claims, from the results that `bnlab claims` keeps beside it."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from bnlab.claims.checks import in_words
from bnlab.claims.verdicts import RULE
from bnlab.sdk.estimates import centre_in_words, estimate_of, interval_in_words

INTRODUCTION = f"""# The paper's claims, measured

Written by `bnlab claims` from the experiments in [examples/experiments](../examples/experiments): each section is one
document to post to `/experiments`.
"The paper" is Ioffe and Szegedy 2015; what it does not give and we chose is marked *ours*.

{RULE}
Intervals are of signed ranks over pairs of seeds, and each says how often it holds the truth
([statistics](science/statistics.md)).
"""

HEAD = 2  # lines of a table above its rows
SHOWN = 6  # the most rows of a table that are shown at once


def write(folder: Path, titles: Mapping[str, str]) -> None:
    """`claims.md` of every claim that has a result in `claims/`; titles by the claims' names, in order.

    Results that an earlier release wrote have other statistics: they are left out, until their claims are run again.
    """
    paths = [folder / "claims" / f"{name}.json" for name in titles]
    results = [result for path in paths if path.exists() and "verdicts" in (result := json.loads(path.read_text()))]
    lines = [INTRODUCTION, "| claim | verdict | jobs | minutes |", "|---|---|---|---|"]
    for result in results:
        jobs, minutes = sum(len(group["jobs"]) for group in result["groups"]), result["seconds"] / 60
        lines.append(
            f"| [{titles[result['name']]}](#{result['name']}) | **{result['verdict']}** | {jobs} | {minutes:.1f} |"
        )
    sections = [_section(result, titles[result["name"]]) for result in results]
    (folder / "claims.md").write_text("\n".join([*lines, "", *sections]))


def _section(result: dict[str, Any], title: str) -> str:
    name, document = result["name"], result["document"]
    lines = [
        f'<a id="{name}"></a>\n\n## {title}: {result["verdict"]}\n',
        f"{document['claim']}\n",
        f"`curl --json @examples/experiments/{name}.json localhost:8000/experiments`: {document['seeds']} seeds.\n",
        f"![{title}](claims/{name}.svg)\n",
        *_concluded(result),
        *_caught_up(result),
        *_folded(_checks(result), _counted(result)),
        "",
        *_folded(_table(result), "Accuracy on the test set at the end, of every variant"),
        "",
        f"{result['seconds'] / 60:.1f} minutes; {_environment(result)}.\n",
    ]
    return "\n".join(lines)


def _folded(table: Sequence[str], summary: str) -> list[str]:
    """A table; where it is long, folded under a line that says what it holds.

    >>> _folded(["| a |", "|---|", *["| 1 |"] * 7], "seven")[0]
    '<details><summary>seven</summary>\\n'
    >>> _folded(["| a |", "|---|", "| 1 |"], "one")
    ['| a |', '|---|', '| 1 |']
    """
    if len(table) - HEAD <= SHOWN:
        return [*table]
    return [f"<details><summary>{summary}</summary>\n", *table, "\n</details>"]


def _counted(result: dict[str, Any]) -> str:
    """How many checks came out how: `8 checks: 5 upheld, 3 open`."""
    outcomes = Counter(checked["outcome"] for checked in result["checks"])
    told = ", ".join(f"{number} {outcome}" for outcome, number in outcomes.items())
    return f"{len(result['checks'])} checks: {told}"


def _checks(result: dict[str, Any]) -> list[str]:
    lines = ["| check | at | measured | interval | seeds | |", "|---|---|---|---|---|---|"]
    return [*lines, *(_row(checked) for checked in result["checks"])]


def _row(checked: dict[str, Any]) -> str:
    measured = checked["measured"]
    what, at = in_words(checked["check"]), _at(checked["point"])
    if measured is None:
        return f"| {what} | {at} | no seed has both | | 0 | {checked['outcome']} |"
    found = estimate_of(measured)
    numbers = f"{centre_in_words(found)} | {interval_in_words(found)} | {found.n}"
    return f"| {what} | {at} | {numbers} | {checked['outcome']} |"


def _table(result: dict[str, Any]) -> list[str]:
    """Every group's accuracy at the end, plainly."""
    lines = ["| variant | at | final test accuracy | interval | succeeded | failed |", "|---|---|---|---|---|---|"]
    for group in result["groups"]:
        final = group["final_accuracy"]
        found = None if final is None else estimate_of(final)
        centre, interval = ("", "") if found is None else (centre_in_words(found), interval_in_words(found))
        failed = len(group["diverged"]) + len(group["failed"]) + len(group["cancelled"])
        at = _at(group["point"])
        lines.append(f"| {group['variant']} | {at} | {centre} | {interval} | {group['succeeded']} | {failed or ''} |")
    return lines


def _concluded(result: dict[str, Any]) -> list[str]:
    """The experiment's own verdicts in words, where there are few enough to be read."""
    if len(result["verdicts"]) > SHOWN:
        return []
    return [f"- {each['sentence']}" for each in result["verdicts"]] + [""]


def _caught_up(result: dict[str, Any]) -> list[str]:
    """Where a check is not upheld or open, said as plainly as the rest."""
    missed = [checked for checked in result["checks"] if checked["outcome"] != "upheld"]
    if not missed:
        return []
    places = ", ".join(dict.fromkeys(f"{_of(each['check'])} {_at(each['point'])}".strip() for each in missed))
    return [f"Not shown to hold: {places}.\n"]


def _of(check: dict[str, Any]) -> str:
    """What a check is of: a variant, or all of them."""
    return "all members together" if check["kind"] == "together" else str(check["variant"])


def _at(point: dict[str, Any]) -> str:
    return ", ".join(f"{pointer.rsplit('/', 1)[-1]} {value:g}" for pointer, value in point.items())


def _environment(result: dict[str, Any]) -> str:
    return ", ".join(f"{key} {value}" for key, value in result["environment"].items())
