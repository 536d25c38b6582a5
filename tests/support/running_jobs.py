"""Jobs that are running, for tests: where their series goes, and rows to write into it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, fields
from typing import Any, TypeVar

import numpy as np
import orjson
from numpy.typing import ArrayLike
from sqlalchemy import update

from jobs.datasets.preprocessing import Preprocessing
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.lifecycle.job import Job
from jobs.series.answers import answers
from jobs.series.format.manifest import read_manifest
from jobs.series.format.schema import BINS, Rows
from jobs.series.read.cuts import Cut
from jobs.series.read.reader import Series, View
from jobs.series.write.writer import Writer
from jobs.storage import keys, tables
from jobs.storage.database import Database
from jobs.storage.objects.protocol import Objects

Answer = TypeVar("Answer")
AS_STORED = Preprocessing(False, (0.0,), (1.0,))
"""What becomes of inputs to which nothing is done."""
CUT = {field.name for field in fields(Cut)}


def text(answer: dict[str, Any]) -> bytes:
    """An answer as it is sent."""
    return orjson.dumps(answer, option=orjson.OPT_SERIALIZE_NUMPY)


@dataclass(frozen=True)
class Run:
    """A running job's first attempt."""

    database: Database
    objects: Objects
    job: Job

    @property
    def hold(self) -> Hold:
        return Hold(self.job.id, self.job.attempt)

    @property
    def series(self) -> Series:
        return Series(self.job, self.database, self.objects)

    @property
    def view(self) -> View:
        """What is recorded, as it stands now."""
        return View(read_manifest(self.database, self.job.id), self.objects)

    @property
    def held(self) -> Held:
        return Held(self.database, self.objects, self.hold)

    def writer(self) -> Writer:
        return Writer(self.held)

    def record(self, *commits: dict[str, Rows]) -> None:
        """Write each commit's rows, by table, as chunks of their own."""
        writer = self.writer()
        for commit in commits:
            for table, rows in commit.items():
                writer.append(table, rows)
            writer.commit()

    def files(self) -> list[str]:
        """The key of everything that the job has stored."""
        return list(self.objects.keys(keys.of_job(self.job.id)))


def rows(step: ArrayLike, **columns: ArrayLike) -> Rows:
    """Rows at these steps, half a second apart; a column is one number for all rows, or one for each."""
    at = np.asarray(step, np.int64)
    values = {name: np.broadcast_to(np.asarray(column, np.float32), at.shape) for name, column in columns.items()}
    return Rows(at, 1.7e9 + at / 2, {name.replace("__", "."): column for name, column in values.items()})


def train(first: int, last: int) -> Rows:
    """Training metrics of these steps: a loss that falls, and a rate that stays."""
    step = np.arange(first, last + 1)
    return rows(step, loss=2 / (1 + step), accuracy=step / (1 + step), learning_rate=0.1, gradient_norm=np.sqrt(step))


def histograms(step: ArrayLike, layer: str) -> Rows:
    """Histograms of one layer, whose bins hold 0, 1, 2, ... values, and a multiple of the step more."""
    at = np.asarray(step, np.int64)
    counts = (np.arange(BINS) + 100 * at[:, None]).astype(np.uint32)
    low, high = (-at).astype(np.float32), at.astype(np.float32)
    return Rows(at, 1.7e9 + at / 2, {f"{layer}.lo": low, f"{layer}.hi": high, f"{layer}.counts": counts})


def ask(what: Callable[..., Answer], run: Run, *how: str, **query: Any) -> Answer:
    """An answer, or an export in the form `how`, of what `query` says: the fields of a cut, and whatever else."""
    cut = Cut(**{name: query.pop(name) for name in CUT & query.keys()})
    return what(run.series, *how, cut=cut, **query)


def metrics(run: Run, **query: Any) -> Any:
    """The answer as a client sees it."""
    return orjson.loads(text(ask(answers.metrics, run, **query)))


def activations(run: Run, *more: str, **query: Any) -> Any:
    """The answer as a client sees it; `more`: the tables beside `activations`."""
    cut = Cut(**{name: query.pop(name) for name in CUT & query.keys()})
    return orjson.loads(text(answers.activations(run.series, ("activations", *more), cut=cut, **query)))


def diagnostics(run: Run, **query: Any) -> Any:
    """The answer as a client sees it."""
    return orjson.loads(text(ask(answers.diagnostics, run, **query)))


def csv_of(what: Callable[..., Iterator[bytes]], run: Run, **query: Any) -> str:
    """A table as CSV, whole."""
    return b"".join(ask(what, run, "csv", **query)).decode()


def waits_are_over(database: Database) -> None:
    """As if time had passed: whatever was lost may be tried again."""
    with database.write() as connection:
        connection.execute(update(tables.jobs).values(not_before=None))
