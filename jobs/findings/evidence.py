"""What the rules look at: a job's document and its series, thinned; pure, and the words that measure them."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from math import ceil, log, prod

import numpy as np
from numpy.typing import NDArray

from bn.architecture.layers import Weighted
from bn.architecture.plan import Placed
from bn.architecture.tensors import layers_like
from jobs.spec.document import JobSpec
from jobs.spec.resolved import Resolved

Values = NDArray[np.float64]

SMOOTHED = 2000  # examples that an accuracy is the mean of before it is compared with chance
LASTING = 5  # rows
RECENT = 0.25  # of the rows of a series: what is meant by "now"


@dataclass(frozen=True, eq=False)
class Line:
    """A series in at most some 200 rows, each of one step or of several.

    first, last: int64 [n], the steps that a row begins and ends with. least, mean, greatest: [n], of the row's finite
    values, NaN where it has none. broken: the first step whose value is not finite, None where all are.
    """

    first: NDArray[np.int64]
    last: NDArray[np.int64]
    least: Values
    mean: Values
    greatest: Values
    broken: int | None = None

    @property
    def now(self) -> float:
        """The median of the last quarter of the rows; NaN where none of them has a finite value."""
        rows = self.mean[-ceil(RECENT * len(self.mean)) :]
        return _median(rows)

    @property
    def early(self) -> float:
        """The median of the first half of the rows; NaN where none of them has a finite value."""
        return _median(self.mean[: ceil(len(self.mean) / 2)])

    def since(self, holds: NDArray[np.bool_]) -> int | None:
        """The step from which on a condition [n] has held in every row up to the last one.

        None where it does not hold now, or has held for fewer than five rows: what comes and goes is not worth a word.
        Of a series of fewer than five rows it must hold in all.

        >>> line = Line(*np.array([[1, 2, 6, 10, 14, 18], [1, 5, 9, 13, 17, 21]]), *np.zeros((3, 6)))
        >>> line.since(np.array([False, True, True, True, True, True]))
        2
        >>> line.since(np.array([True, False, True, True, True, True])) is None
        True
        """
        others = np.flatnonzero(~holds)
        start = int(others[-1]) + 1 if len(others) else 0
        return int(self.first[start]) if len(holds) - start >= min(LASTING, len(holds)) > 0 else None


Layer = Mapping[str, Line]  # by statistic, of those that are recorded

NO_LAYER: Layer = {}


@dataclass(frozen=True)
class Evidence:
    """What a job has recorded so far. Tables and layers without a row are empty."""

    resolved: Resolved
    train: Mapping[str, Line]
    test: Mapping[str, Line]
    layers: Mapping[str, Layer]
    """By name, in forward order."""

    @property
    def spec(self) -> JobSpec:
        """The job's document."""
        return self.resolved.spec

    @property
    def step(self) -> int:
        """The last step that is recorded."""
        return int(self.train["loss"].last[-1]) if self.train else 0

    @property
    def accuracy(self) -> float:
        """The better one of the accuracy in training now and in the last evaluation; 0 where there is neither."""
        training = self.train["accuracy"].now if self.train else 0.0
        tested = float(self.test["accuracy"].mean[-1]) if self.test else 0.0
        return float(np.nanmax([0.0, training, tested]))

    @property
    def evaluated(self) -> int | None:
        """The step of the last evaluation."""
        return int(self.test["accuracy"].last[-1]) if self.test else None

    @property
    def was_better_than_chance(self) -> bool:
        """Whether any evaluation was better than guessing."""
        return bool(self.test) and bool((self.test["accuracy"].greatest > self._bound_of_chance).any())

    @property
    def chance(self) -> float:
        """The accuracy of guessing, where every class is as frequent as the others."""
        return 1 / self.resolved.dataset.classes

    @property
    def loss_of_chance(self) -> float:
        """The cross entropy of giving every class the same probability."""
        return log(self.resolved.dataset.classes)

    @cached_property
    def placed(self) -> dict[str, Placed]:
        """The network's layers by name."""
        return {placed.name: placed for placed in self.resolved.plan.layers}

    @cached_property
    def weighted(self) -> dict[str, Layer]:
        """The layers with weights that are trained, of which something is recorded, in forward order."""
        initial = self.spec.initial
        frozen = layers_like(initial.frozen, self.resolved.plan) if initial else frozenset[str]()
        return {
            name: layer
            for name, layer in self.layers.items()
            if isinstance(self.placed[name].layer, Weighted) and "update_ratio" in layer and name not in frozen
        }

    def lines(self, statistic: str) -> dict[str, Line]:
        """A statistic by layer, of the layers that have it."""
        return {name: layer[statistic] for name, layer in self.layers.items() if statistic in layer}

    @cached_property
    def values_a_channel(self) -> dict[str, int]:
        """By layer with batch normalization that moves, of how many values each of its means is in training."""
        return {
            placed.name: self.spec.data.batch_size * prod(placed.output[1:])
            for placed in self.resolved.plan.layers
            if placed.normalization is not None and not placed.normalization.frozen
        }

    @cached_property
    def at_chance_since(self) -> int | None:
        """The step from which on training accuracy has been no better than guessing, within what chance allows.

        Of each row with those before it, as many as have 2,000 examples. At ten classes up to 0.145 is chance.
        """
        if not self.train:
            return None
        accuracy = self.train["accuracy"]
        examples = (accuracy.last - accuracy.first + 1) * self.spec.data.batch_size
        rows = max(1, ceil(SMOOTHED / max(1, int(np.median(examples)))))
        return accuracy.since(_smoothed(accuracy.mean, rows) <= self._bound_of_chance)

    @property
    def _bound_of_chance(self) -> float:
        return min(1.5 * self.chance, self.chance + 0.05 * (1 - self.chance))


def _median(values: Values) -> float:
    finite = values[np.isfinite(values)]
    return float(np.median(finite)) if len(finite) else float("nan")


def _smoothed(values: Values, rows: int) -> Values:
    """Each value's mean with those before it, so many in all; of the first ones with fewer."""
    total = np.cumsum(np.nan_to_num(values))
    before = np.concatenate([np.zeros(min(rows, len(values))), total[:-rows]])
    means: Values = (total - before) / np.minimum(np.arange(1, len(values) + 1), rows)
    return means
