"""A claim's experiment in a tenth of its time: three seeds, each tuned axis at one value, none of it tuned. Pure."""

from collections.abc import Mapping
from typing import Any

SEEDS = 3


def shortened(experiment: Mapping[str, Any], steps: int | None) -> dict[str, Any]:
    """The document with fewer jobs, and of so many steps where a number is given.

    Of an axis that it is tuned over the value in the middle is left, the earlier one of two.

    >>> shortened({"base": {}, "seeds": 8, "grid": {"/a": [1, 2, 3, 4]}, "tune": {"over": "/a"}}, 100)
    {'base': {'training': {'steps': 100}}, 'seeds': 3, 'grid': {'/a': [2]}}
    """
    over = experiment.get("tune", {}).get("over", ())
    tuned = (over,) if isinstance(over, str) else over
    base = experiment["base"]
    short = {} if steps is None else {"training": base.get("training", {}) | {"steps": steps}}
    grid = {axis: [_middle(values)] if axis in tuned else values for axis, values in experiment.get("grid", {}).items()}
    kept = {name: each for name, each in experiment.items() if name != "tune"}
    return kept | {"base": base | short, "seeds": SEEDS, "grid": grid}


def _middle(values: list[Any]) -> Any:
    return values[(len(values) - 1) // 2]
