"""What a network gets wrong in its dataset's test part, first that of which it is most convinced."""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from api.predicting.amounts import affordable, most_at_once, spread
from api.predicting.networks import Asked, Network, Networks, probabilities_of
from api.recent import Recent
from jobs.datasets.catalogue import Dataset
from jobs.datasets.uploaded import the_test_part
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects, Stored

MOST = 100  # mistakes that are named
MOST_KEPT = 16  # networks whose mistakes are kept, without the inputs

Labels = NDArray[np.int64]


@dataclass(frozen=True)
class Mistake:
    """A test input whose most probable class is not its own."""

    index: int
    """In the test part."""
    label: int
    predicted: int
    probability: float
    """Of the predicted class."""
    label_probability: float


@dataclass(frozen=True)
class Tested:
    """What a network says of a test part."""

    step: int
    classes: tuple[str, ...]
    tested: int
    """How many inputs it was asked about."""
    of: int
    """How many there are."""
    wrong: int
    not_finite: int
    """How many have logits that are not finite; they are no mistakes."""
    mistakes: tuple[Mistake, ...]
    """The most convinced first, of equals the first in the test part."""


class Examined:
    """The networks that were tested last. Not for several threads: whoever asks holds `Opened.predicting`."""

    def __init__(self, database: Database, objects: Objects, networks: Networks) -> None:
        self._database, self._objects, self._networks = database, objects, networks
        self._kept: Recent[tuple[Stored, bool], Tested] = Recent(MOST_KEPT)

    def of(self, asked: Asked, stored: Stored) -> Tested:
        """What the network says that this object has. Raises as `Networks.of` and `the_test_part` do."""
        return self._kept.of((stored, asked.checkpoint == "best"), partial(self._examined, asked))

    def inputs(self, dataset: Dataset, mistakes: tuple[Mistake, ...]) -> list[NDArray[Any]]:
        """The inputs of these, as the dataset has them."""
        images, _ = self._test_part(dataset)
        return [images[mistake.index] for mistake in mistakes]

    def _examined(self, asked: Asked) -> Tested:
        return examine(self._networks.of(asked), asked, *self._test_part(asked.job.resolved.dataset))

    def _test_part(self, dataset: Dataset) -> tuple[NDArray[Any], Labels]:
        return the_test_part(dataset, self._database.data, self._objects)


def examine(network: Network, asked: Asked, images: NDArray[Any], labels: Labels) -> Tested:
    """What a network says of a test part, or of as much of it as is `affordable`."""
    plan = asked.job.resolved.plan
    places = spread(affordable(plan), of=len(labels))
    size = most_at_once(plan)
    pieces = [places[start : start + size] for start in range(0, len(places), size)]
    said = [_said(network(images[piece]), labels[piece]) for piece in pieces]  # of many classes little is kept
    predicted, greatest, own = (np.concatenate(column) for column in zip(*said, strict=True))
    wrong = np.flatnonzero((predicted != labels[places]) & np.isfinite(greatest))
    first = wrong[np.argsort(-greatest[wrong], kind="stable")][:MOST]
    columns = (each[first].tolist() for each in (places, labels[places], predicted, greatest, own))
    mistakes = tuple(Mistake(*row) for row in zip(*columns, strict=True))
    not_finite = int(np.isnan(greatest).sum())
    return Tested(network.step, network.classes, len(places), len(images), len(wrong), not_finite, mistakes)


def _said(logits: NDArray[np.float32], labels: Labels) -> tuple[Labels, NDArray[np.float32], NDArray[np.float32]]:
    """Of each row the predicted class, its probability and its label's; NaN where not all of it is finite."""
    probabilities = probabilities_of(logits)
    probabilities[~np.isfinite(logits).all(1)] = np.nan
    predicted, rows = probabilities.argmax(1), np.arange(len(labels))
    return predicted, probabilities[rows, predicted], probabilities[rows, labels]
