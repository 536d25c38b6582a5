"""What a job document may name, and how much it may ask for."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from jobs.datasets.catalogue import CATALOGUE, Dataset
from jobs.errors import NotFound
from jobs.settings import Settings
from jobs.spec.initial import Initial, StoredNetwork


class Known(Protocol):
    """Whoever judges a document says what there is: a server its own, a test what it likes."""

    @property
    def settings(self) -> Settings:
        """Of them the caps, `max_steps` and so on."""

    def dataset(self, name: str) -> Dataset | None:
        """The facts of a dataset, where there is one of that name."""

    def datasets(self) -> tuple[str, ...]:
        """The names of those there are."""

    def weights(self, initial: Initial) -> StoredNetwork:
        """The stored network that a document names. Raises BnlabError where there is none."""


@dataclass(frozen=True)
class Listed:
    """The datasets of a dict."""

    settings: Settings
    by_name: Mapping[str, Dataset]

    def dataset(self, name: str) -> Dataset | None:
        """The facts of a dataset, where there is one of that name."""
        return self.by_name.get(name)

    def datasets(self) -> tuple[str, ...]:
        """The names of those there are."""
        return tuple(self.by_name)

    def weights(self, initial: Initial) -> StoredNetwork:
        """There are no jobs here. Raises NotFound."""
        return no_source(initial)


def no_source(initial: Initial) -> StoredNetwork:
    """What is found where there are no jobs. Raises NotFound."""
    raise NotFound(f"no job {initial.job}")


def in_catalogue(settings: Settings) -> Known:
    """The datasets of the catalogue, which every server has beside those that were uploaded to it."""
    return Listed(settings, {name: entry.dataset for name, entry in CATALOGUE.items()})
