"""What sentences about experiments call numbers, axes of a grid, and that by which variants are compared."""

import json
from collections import Counter
from collections.abc import Callable, Sequence
from math import inf
from typing import Any

from pydantic import JsonValue

from jobs.experiments.document import Point
from jobs.experiments.question import AnyPrimary, AreaAbove, Gain, Last, Mean, Range, Rms, Wander
from jobs.sentences import either
from jobs.spec.pointers import parts_of

NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
MOST = 40  # characters of a value of the grid


def number(n: int) -> str:
    """
    >>> number(3), number(12)
    ('three', '12')
    """
    return NUMBERS[n] if n < len(NUMBERS) else str(n)


def of_all(k: int, n: int) -> str:
    """`all three seeds`, `both seeds`, `two of three seeds`."""
    if n == 1:
        return "the one seed"
    every = "both" if n == 2 else f"all {number(n)}"
    return f"{every} seeds" if k in (0, n) else f"{number(k)} of {number(n)} seeds"


def end(value: float) -> str:
    """An end of an interval."""
    return "infinity" if value == inf else "minus infinity" if value == -inf else f"{value:.4g}"


def axis_in_words(axis: str) -> str:
    """Its last name, with that of the layer, or of the initialization, that it is of.

    >>> axis_in_words("/training/optimizer/learning_rate"), axis_in_words("/architecture/hidden/0")
    ('learning rate', 'hidden 0')
    >>> axis_in_words("/architecture/layers/dropout1/rate"), axis_in_words("/architecture/init/std")
    ('dropout1 rate', 'init std')
    """
    parts = parts_of(axis)
    named = next((i for i in range(len(parts) - 1, -1, -1) if not parts[i].isdigit()), 0)
    if named and (parts[named - 1] == "init" or "layers" in parts[named - 2 : named - 1]):
        named -= 1
    return " ".join(parts[named:]).replace("_", " ")


def value_in_words(value: JsonValue) -> str:
    """
    >>> value_in_words(0.3), value_in_words(3.0), value_in_words("adam"), value_in_words(True)
    ('0.3', '3', 'adam', 'true')
    """
    said = value if isinstance(value, str) else json.dumps(value).removesuffix(".0")
    return said if len(said) <= MOST else f"{said[:MOST]}..."


def best_in_words(axes: Sequence[str], number_of_settings: int) -> str:
    """`best of 4 values of the learning rate`, `best of 12 settings (learning rate and std)`."""
    names = [axis_in_words(axis) for axis in axes]
    if len(names) == 1:
        return f"best of {number_of_settings} values of the {names[0]}"
    return f"best of {number_of_settings} settings ({either(names, 'and')})"


def settings_in_words(chosen: Sequence[Point]) -> str:
    """At which setting most seeds are: `at 0.3`, `most often at 0.3`, `at 0.3 or 1`.

    >>> settings_in_words([{"/a": 0.3}, {"/a": 0.3}, {"/a": 1}]), settings_in_words([{"/a": 0.3}])
    ('most often at 0.3', 'at 0.3')
    """
    counted = Counter(_setting(point) for point in chosen).most_common()
    if len(counted) == 1:
        return f"at {counted[0][0]}"
    if counted[0][1] == counted[1][1]:
        most = [said for said, n in counted if n == counted[0][1]]
        return f"{'at' if len(most) == len(counted) else 'most often at'} {either(most)}"
    return f"most often at {counted[0][0]}"


def _setting(point: Point) -> str:
    if len(point) == 1:
        return value_in_words(next(iter(point.values())))
    return " and ".join(f"{axis_in_words(axis)} {value_in_words(value)}" for axis, value in point.items())


def named(primary: AnyPrimary) -> str:
    """What a difference is one in: `test.accuracy at the end`."""
    return NAMED[type(primary)](primary)


def _over_steps(what: str) -> Callable[[Any], str]:
    def said(primary: Mean | Rms) -> str:
        first = "the first step" if primary.from_step is None else f"step {primary.from_step:,}"
        last = "the last" if primary.to_step is None else f"step {primary.to_step:,}"
        return f"{primary.series}, its {what} from {first} to {last}"

    return said


NAMED: dict[type, Callable[[Any], str]] = {
    Last: lambda primary: f"{primary.series} at the end",
    Mean: _over_steps("mean"),
    Rms: _over_steps("root mean square"),
    Wander: lambda primary: f"how far the units of {primary.series.partition('.')[2]} wander over their width",
    AreaAbove: lambda _: "the area above the curve of test.accuracy",
    Range: lambda primary: f"how far test.accuracy at the end ranges over {axis_in_words(primary.over)}",
    Gain: lambda primary: (
        f"what {axis_in_words(primary.over)} gains over {value_in_words(primary.without)} in test.accuracy at the end"
    ),
}
"""By primary; what is compared as a ratio has sentences of its own."""
