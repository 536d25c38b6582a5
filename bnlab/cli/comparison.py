"""`bnlab compare`: jobs, and the groups of experiments, side by side: what differs in them, and what came of each."""

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from rich.console import Console

from bnlab.cli.compared import BEST, ENDS, Compared, Found, find
from bnlab.cli.options import print_json
from bnlab.errors import CannotRun
from bnlab.figures.curves import curves_of, unit_of
from bnlab.figures.files import suffix_of
from bnlab.local.preconditions import require_installed
from bnlab.sdk.client import Client
from bnlab.sdk.differences import differing
from bnlab.terminal.apart import told_apart
from bnlab.terminal.differences import differences
from bnlab.terminal.pairs import pairs_in_words, verdicts_in_words
from bnlab.terminal.printing import say, visible
from bnlab.terminal.tables import side_by_side
from bnlab.terminal.tuned import tuned_in_words

SERIES = ("test.accuracy", "test.loss")
POINTS = 200  # of a curve in the figure: more would be noise where it has a value at every step
NEAREST = 4  # series that an error names
ABSENT = "-"
SHORT = 24  # characters of a variant's name that a sentence can hold twice


def run(
    client: Client,
    ids: Sequence[str],
    figure: Path | None,
    console: Console,
    series: Sequence[str] = (),
    *,
    as_json: bool = False,
) -> None:
    """Print the tables, or JSON in their place, and draw the figure where a file is named for it.

    series: such as `rank.hidden3.rank`; none: test accuracy and loss, and in the figure one unit of each. Raises
    CannotRun where an id is neither a job's nor an experiment's, or nothing has a series, and the client's errors.
    """
    require_drawable(figure)
    wanted = tuple(dict.fromkeys(series)) or SERIES
    found = find(client, list(dict.fromkeys(ids)), wanted)
    for name in wanted:
        _require_recorded(client, found.compared, name)
    labels = labels_of(found.compared)
    if figure is not None:
        draw(client, found.compared, labels, wanted, figure, units=not series)
    if as_json:
        print_json(answer_of(found, labels))
        return
    print_tables(found, labels, wanted, console)
    if figure is not None:
        say(f"The figure is {figure}.")


def require_drawable(figure: Path | None) -> None:
    """Raise CannotRun, before anything is asked of a server, where there could be no figure of this name."""
    if figure is not None:
        suffix_of(figure)
        require_installed(["matplotlib"])


def labels_of(compared: Sequence[Compared]) -> list[str]:
    """Short names, no two alike."""
    names, specs, ids = zip(*((each.name, each.spec, each.id) for each in compared), strict=True)
    return [visible(label) for label in told_apart(names, specs, ids, _unsaid(compared))]


def print_tables(found: Found, labels: Sequence[str], series: Sequence[str], console: Console) -> None:
    """What came of each, where their documents differ and, of experiments, what they conclude, and seed by seed why."""
    jobs = [f"\n{each.id}" if each.is_job else "" for each in found.compared]
    heads = [f"{number} {label}{job}" for number, (label, job) in enumerate(zip(labels, jobs, strict=True), 1)]
    numbers = [str(number) for number in range(1, len(labels) + 1)]
    for table in side_by_side(heads, measured(found.compared, series), console.width):
        console.print(table)
    if said := documents(found.compared):
        for table in side_by_side(numbers, said, console.width):
            console.print(table)
    for experiment_id, verdicts in found.verdicts.items():
        for line in (*tuned_in_words(found.tuned[experiment_id]), *verdicts_in_words(verdicts)):
            console.print(visible(line), markup=False, highlight=False)
    for (experiment, name), pairs in found.differences.items():
        if pairs:
            for line in (f"{name}, seed by seed:", *pairs_in_words(pairs, _called(found.compared, experiment))):
                console.print(visible(line), markup=False, highlight=False)


def measured(compared: Sequence[Compared], series: Sequence[str]) -> dict[str, list[str]]:
    """By what the table calls it, a cell for each thing."""
    names = [column for name in series for column in ((name, BEST) if name == SERIES[0] else (name,))]
    cells = {name: [each.cells.get(name, ABSENT) for each in compared] for name in names}
    return {"status": [each.status for each in compared]} | cells


def documents(compared: Sequence[Compared]) -> dict[str, list[str]]:
    """By place, in words, what each has there where they are not all the same."""
    specs = [each.spec for each in compared if each.spec is not None]
    said = differences(specs, _unsaid(compared)) if specs else {}
    return {place: _spread(compared, values) for place, values in said.items()}


def answer_of(found: Found, labels: Sequence[str]) -> dict[str, Any]:
    """The same as JSON holds it: documents' differences by pointer, those of seeds as the server gives them."""
    specs = [each.spec for each in found.compared if each.spec is not None]
    return {
        "compared": [{"label": label, **each.answer} for label, each in zip(labels, found.compared, strict=True)],
        "documents": differing(specs) if specs else {},
        "verdicts": [{"experiment": experiment, "verdicts": list(each)} for experiment, each in found.verdicts.items()],
        "tuned": [{"experiment": experiment, "tuned": list(each)} for experiment, each in found.tuned.items()],
        "differences": [
            {"experiment": experiment, "series": name, "pairs": list(pairs)}
            for (experiment, name), pairs in found.differences.items()
        ],
    }


def draw(
    client: Client, compared: Sequence[Compared], labels: Sequence[str], series: Sequence[str], path: Path, units: bool
) -> None:
    """Write the figure: a panel a series and, where units are wanted, one for a unit of each."""
    from bnlab.figures import drawing as figures  # matplotlib takes a second to load
    from bnlab.figures.panels import Panel, panels_of

    named = [
        label if each.succeeded else f"{label} ({each.status})" for label, each in zip(labels, compared, strict=True)
    ]
    curves = [list(curves_of(client, each.jobs, series, points=POINTS).values()) for each in compared]
    panels = [
        Panel(
            name,
            [[one[name] for one in each if name in one] for each in curves],
            [
                replace(each.ends[name], variant=called)
                for called, each in zip(named, compared, strict=True)
                if name in each.ends
            ],
        )
        for name in series
    ]
    first = [each.jobs[0] if each.jobs and units else None for each in compared]
    shown = [unit_of(client, job, label, POINTS) if job else None for job, label in zip(first, labels, strict=True)]
    figures.save(panels_of(named, panels, shown), path)


def _require_recorded(client: Client, compared: Sequence[Compared], series: str) -> None:
    """Raise CannotRun, and name the nearest series, where nothing has recorded one or is going to."""
    if any(series in each.cells for each in compared):
        return
    firsts = [each.jobs[0] for each in compared if each.jobs]
    if any(series in found for found in curves_of(client, firsts, [series], points=ENDS).values()):
        return
    everything = (curves_of(client, [job_id], ["*"], points=ENDS)[job_id] for job_id in firsts)
    known = dict.fromkeys(name for found in everything for name in found)
    nearest = [name for name in known if series in name][:NEAREST] or get_close_matches(series, known, NEAREST, 0.4)
    there = f"; the nearest: {', '.join(nearest)}" if nearest else ""
    raise CannotRun(f"nothing that is compared records the series '{series}'{there}")


def _unsaid(compared: Sequence[Compared]) -> tuple[str, ...]:
    """What does not count as a difference: a name is in the label, and a group is of all its seeds."""
    return ("/name",) if all(each.is_job for each in compared) else ("/name", "/training/seed")


def _spread(compared: Sequence[Compared], values: Sequence[str]) -> list[str]:
    """A value for each that has a document."""
    rest = iter(values)
    return [ABSENT if each.spec is None else next(rest) for each in compared]


def _called(compared: Sequence[Compared], experiment: str) -> dict[str, str]:
    """What sentences call the variants of an experiment: their names or, where those are long, their rows' numbers."""
    numbers: dict[str, list[str]] = {}
    for number, each in enumerate(compared, 1):
        if each.id == experiment:
            numbers.setdefault(each.answer["variant"], []).append(str(number))
    if max(map(len, numbers)) > SHORT and all(len(rows) == 1 for rows in numbers.values()):
        return {variant: row for variant, (row,) in numbers.items()}
    return {variant: f"'{variant}'" for variant in numbers}
