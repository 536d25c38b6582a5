"""What cannot be meant of an experiment's question, by where it stands in the document."""

import json
from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from jobs.experiments.question import (
    LATEST,
    SEED,
    AlongAxis,
    AnyPrimary,
    Gain,
    Largest,
    OfSeries,
    OverSteps,
    StepsTo,
    Tune,
    Wander,
    goal_of_series,
    is_without,
)
from jobs.sentences import shown, suggestion
from jobs.series.format.columns import METRICS
from jobs.series.format.schema import TABLES, UNITS, VALIDATION
from jobs.spec.pointers import Place

_OF_SEEDS = "variants are compared seed by seed, and along this axis no seed has two values; take another axis"

Fault = tuple[Place, str]
Grid = Mapping[str, Sequence[JsonValue]]


def faults_of(
    primary: AnyPrimary, targets: Sequence[float | str], tune: Tune | None, grid: Grid, learned: float | None
) -> Iterator[Fault]:
    """Each fault of the fields of these names, and what is wrong with it."""
    if isinstance(primary, StepsTo) and primary.target not in targets:
        yield ("primary", "target"), f"'{primary.target}' is none of the experiment's targets: add it to them"
    if isinstance(primary, OfSeries | Wander):
        yield from _of_series(primary)
    if tune is not None:
        yield from _of_tuning(tune, grid)
    if isinstance(primary, AlongAxis):
        yield from _along_axis(primary, tune, grid)
    if isinstance(primary, Largest) and learned is None:
        yield (
            ("learned",),
            "must be given with 'largest': from which test accuracy on, at the end, a training has learned",
        )


def _of_series(primary: OfSeries | Wander) -> Iterator[Fault]:
    table, _, name = primary.series.partition(".")
    if table not in TABLES or not name:
        yield ("primary", "series"), f"this begins with no table and a dot; there is: {', '.join(TABLES)}"
    elif isinstance(primary, Wander):
        if table != UNITS:
            yield ("primary", "series"), "it is units that wander: 'units', a dot and a layer, such as 'units.hidden3'"
    elif goal_of_series(primary.series, primary.goal) is None:
        yield ("primary", "goal"), "say whether less ('min') or more ('max') of this series is better"
    if isinstance(primary, OverSteps):
        first, last = primary.from_step or 0, LATEST if primary.to_step is None else primary.to_step
        if first > last:
            yield ("primary", "to_step"), f"this lies before 'from_step', {first}"


def _of_tuning(tune: Tune, grid: Grid) -> Iterator[Fault]:
    for i, axis in enumerate(tune.over):
        if axis not in grid:
            yield ("tune", "over", i), _no_axis(axis, grid)
        elif axis in tune.over[:i]:
            yield ("tune", "over", i), "this axis is tuned over already"
        elif axis == SEED:
            yield ("tune", "over", i), _OF_SEEDS
    known = [f"{VALIDATION}.{name}" for name in METRICS[VALIDATION]]
    if tune.by not in known:
        told = f"settings are chosen on the validation part: by {' or '.join(map(shown, known))}, not {shown(tune.by)}"
        yield ("tune", "by"), told


def _along_axis(primary: AlongAxis, tune: Tune | None, grid: Grid) -> Iterator[Fault]:
    if primary.over not in grid:
        yield ("primary", "over"), _no_axis(primary.over, grid)
        return
    if primary.over == SEED:
        yield ("primary", "over"), _OF_SEEDS
    if tune is not None and primary.over in tune.over:
        yield ("primary", "over"), f"'{primary.kind}' is of all values of this axis: it cannot be tuned over as well"
    values = grid[primary.over]
    if isinstance(primary, Largest):
        for odd in [each for each in values if not _is_positive(each)][:1]:
            yield ("primary", "over"), f"the largest of numbers above 0 is asked for; this axis has {shown(odd)}"
    elif len(values) < 2:
        yield ("primary", "over"), f"'{primary.kind}' needs an axis of at least two values"
    elif isinstance(primary, Gain):
        alike = [is_without(primary, value) for value in values]
        if all(alike) or not any(alike):
            said = "is every one" if all(alike) else "is none"
            told = f"{shown(primary.without)} {said} of the axis' values: {json.dumps(values)[:200]}"
            yield ("primary", "without"), told


def _is_positive(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value > 0


def _no_axis(axis: str, grid: Grid) -> str:
    there = f"; there is: {', '.join(grid)}" if grid else ": there is none"
    return f"'{axis}' is no axis of the grid{suggestion(axis, grid)}{there}"
