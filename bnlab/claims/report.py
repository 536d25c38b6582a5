"""The page of the claims, from the results that `bnlab claims` keeps beside it and from what is told of each."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from bnlab.claims.first import FIRST
from bnlab.claims.sentences import Result, clause, in_short, missed, paragraph
from bnlab.claims.tables import accuracies, arrivals, checks, settings, shown
from bnlab.claims.told import references, told_of
from bnlab.claims.verdicts import RULE, SIGNIFICANT, holm
from bnlab.errors import CannotRun

INTRODUCTION = """\
# The paper's claims, measured

"The paper" is Ioffe and Szegedy 2015, [arXiv:1502.03167](https://arxiv.org/abs/1502.03167). What it claims of batch
normalization (BN), and some of what was found later, is tried here on networks that train in seconds: each claim by an
experiment in [examples/experiments](../examples/experiments), many times over with different seeds. `bnlab claims`
wrote this page; what the paper does not give and we chose is marked *ours*.
"""

OUTCOMES = """\
**Reading the verdicts.** *Upheld*: the numbers show what is claimed, and chance alone would hardly give them, of this
claim by itself. *Not upheld*: they show something else, or that there is no difference worth the name. *Open*: they
show neither, and more seeds may decide. *Mixed*: part of the claim is upheld, and part is not or is open. A *seed* is
one training; what differs between seeds is chance alone. An *interval* is where the true number lies, in so many of
100 such experiments as it says; one that holds "no difference" leaves open whether there is one.
"""

QUICK = """\
> **Quick.** {which} run in short: three seeds, and one learning rate where each variant would be tuned. With three
> seeds no exact test of pairs can reach 5 %, so that none of their differences can be upheld: `bnlab claims` without
> `--quick` runs them whole.
"""

JUDGED = "How checks and claims are judged, exactly"
ENDINGS = {True: "was", False: "were"}


def write(folder: Path, titles: Mapping[str, str]) -> None:
    """`claims.md` of every claim that has a result in `claims/`; titles by the claims' names, in order.

    Results that an earlier release wrote have other statistics: they are left out, until their claims are run again.
    """
    results = kept(folder, titles)
    lines = [
        INTRODUCTION,
        *_of_quick(results, titles),
        OUTCOMES,
        *_summary(results, titles),
        "",
        *_folded(RULE.strip(), JUDGED),
        "Statistics: [statistics.md](science/statistics.md).\n",
        *(_section(result, titles[result["name"]]) for result in results),
        f"## References\n\n{references()}\n",
    ]
    (folder / "claims.md").write_text("\n".join(lines))


def kept(folder: Path, names: Iterable[str]) -> list[Result]:
    """The results of these claims that are in the folder, in their order. Raises CannotRun for a file that is none."""
    results = []
    for path in (folder / "claims" / f"{name}.json" for name in names):
        try:
            result = json.loads(path.read_text()) if path.exists() else {}
        except ValueError as error:
            told = f"'{path}' is no claim's result, {error}: delete it, or run that claim again"
            raise CannotRun(told) from None
        if "p" in result:
            results.append(result)
    return results


def _of_quick(results: Sequence[Result], titles: Mapping[str, str]) -> list[str]:
    quick = [titles[result["name"]] for result in results if result["quick"]]
    if not quick:
        return []
    which = "All claims were" if len(quick) == len(results) else f"{', '.join(quick)} {ENDINGS[len(quick) == 1]}"
    return [QUICK.format(which=which)]


def _summary(results: Sequence[Result], titles: Mapping[str, str]) -> list[str]:
    """A row for each claim, with its own p and the one that is corrected for all of them."""
    lines = ["| claim | verdict | in short | p | of all | jobs | minutes |", "|---|---|---|---|---|---|---|"]
    for result, corrected in zip(results, holm([result["p"] for result in results]), strict=True):
        jobs, minutes = sum(len(group["jobs"]) for group in result["groups"]), result["seconds"] / 60
        title = f"[{titles[result['name']]}](#{result['name']})" + (" (quick)" if result["quick"] else "")
        numbers = (*map(_p, (result["p"], corrected)), str(jobs), f"{minutes:.1f}")
        lines.append(f"| {title} | **{result['verdict']}** | {clause(result)} | {' | '.join(numbers)} |")
    return [*lines, "", *_of_p(results)]


def _p(p: float) -> str:
    return f"{p:.2g}" if p < 1 else ""


def _of_p(results: Sequence[Result]) -> list[str]:
    """What the two columns of p are, and that many claims of few seeds cannot pass together."""
    if not results:
        return []
    n = len(results)
    seeds, _ = Counter(int(result["document"]["seeds"]) for result in results).most_common(1)[0]
    least = 2 / 2**seeds
    told = (
        f"*p*: how likely such numbers were by chance, of the claim by itself; *of all*: corrected by Holm for the {n} "
        f"claims here. Empty: neither upheld nor not upheld. Verdicts are of each claim by itself, and a p in their "
        f"sentences is corrected for all variants that were tried."
    )
    if n * least > SIGNIFICANT:
        together = f"{n * least:.2g}" if n * least < 1 else "1 or more"
        told += (
            f" No exact test of {seeds} pairs of seeds has a p below {least:.2g}, and {n} times that is "
            f"{together}: that all claims here are free of chance together, {seeds} seeds cannot show."
        )
    return [told]


def _section(result: Result, title: str) -> str:
    name, told = result["name"], told_of(result["name"])
    heading = f"{title}: {result['verdict']}" + (" (quick)" if result["quick"] else "")
    lines = [
        f'<a id="{name}"></a>\n\n## {heading}\n',
        f"{told.asked} {paragraph(result)}\n",
        *missed(result),
        *_otherwise(result),
        f"![{title}](claims/{name}.svg)\n",
        f"**The paper.** {told.said}\n",
        f"**Changed.**\n\n{told.changed}\n",
        f"**Since.** {told.since}\n",
        *_folded("\n".join(checks(result)), _counted(result)),
        *_folded("\n".join(settings(result)), "The settings that were tried, and the chosen ones"),
        *_folded("\n".join(shown(result)), "What else was measured"),
        *_folded("\n".join(accuracies(result)), "Accuracy on the test set at the end, of every variant"),
        *_folded("\n".join(arrivals(result)), "Steps to the targets, of every variant"),
        f"**Run it.** `bnlab claims {name}`, or on a server: `curl --json @examples/experiments/{name}.json "
        f"localhost:8000/experiments`. Its document says: *{result['document']['claim']}*\n",
        f"{result['document']['seeds']} seeds, {result['seconds'] / 60:.1f} minutes; {_environment(result)}.\n",
    ]
    return "\n".join(lines)


def _otherwise(result: Result) -> list[str]:
    """What the first report concluded where that was something else, with both numbers and why."""
    first = FIRST.get(result["name"])
    if first is None or result["quick"] or first.verdict == result["verdict"]:
        return []
    now, why = in_short(result), f"{first.why[0].lower()}{first.why[1:]}"
    return [
        f"*Otherwise than in the first report*, which said **{first.verdict}**: {first.measured}. "
        f"Now it is **{result['verdict']}**: {now}. Why: {why}\n"
    ]


def _folded(text: str, summary: str) -> list[str]:
    """Under a line that says what it holds, where it holds something."""
    return [f"<details><summary>{summary}</summary>\n\n{text}\n\n</details>\n"] if text else []


def _counted(result: Result) -> str:
    """How many checks came out how: `8 checks: 5 upheld, 3 open`."""
    outcomes = Counter(checked["outcome"] for checked in result["checks"])
    number = len(result["checks"])
    return f"{number} check{'s' * (number != 1)}: {', '.join(f'{n} {outcome}' for outcome, n in outcomes.items())}"


def _environment(result: Result) -> str:
    return ", ".join(f"{key} {value}" for key, value in result["environment"].items())
