"""Many jobs that differ in everything that lists are asked for."""

import random
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import pytest
from sqlalchemy import insert

from jobs.lifecycle.clients import queued_row
from jobs.lifecycle.job import Status
from jobs.lifecycle.scores import Score, keep
from jobs.settings import Settings
from jobs.storage import tables
from jobs.storage.database import Database, open_database
from tests.support.documents import resolved

NUMBER = 120
NAMES = (None, "a", "A", "ab", "a_", "a%", "b\u00fc", "")
TAGS = ("x", "y", "z z")
ARCHITECTURES: tuple[Any, ...] = (
    "mlp",
    "convnet",
    {"layers": [{"kind": "flatten"}, {"kind": "linear", "features": 10}]},
)
VALUES = (None, 0.25, 0.5, 0.5, 0.75)


@dataclass(frozen=True)
class Listed:
    """What lists can know of a job, as plain values."""

    id: str
    created: float
    started: float | None
    status: Status
    name: str | None
    tags: frozenset[str]
    dataset: str
    architecture: str
    batch_norm: bool
    experiment: str | None
    step: int
    scores: dict[str, Score]


@dataclass(frozen=True)
class House:
    """A database, and what is in it."""

    database: Database
    jobs: tuple[Listed, ...] = field(repr=False)


def fill(database: Database, number: int, seed: int = 0) -> tuple[Listed, ...]:
    """Put so many jobs into a database, drawn from a seed."""
    draw = random.Random(seed)  # noqa: S311 - the same jobs in each run
    asked = {
        (dataset, i, bn): resolved(data={"dataset": dataset}, architecture=architecture, batch_norm=bn)
        for dataset in ("synthetic", "mnist")
        for i, architecture in enumerate(ARCHITECTURES)
        for bn in (False, True)
    }
    # Three of a time, and no time of another seed: of very many ids of one millisecond two would be the same.
    created = [1.7e9 + i // 3 + seed / 1000 for i in range(number)]
    found = [_drawn(draw, i, at, draw.choice(list(asked.items()))) for i, at in enumerate(created)]
    with database.write() as connection:
        connection.execute(insert(tables.jobs), [row for row, _ in found])
        for _, job in found:
            keep(connection, job.id, job.scores)
        tags = [{"job_id": job.id, "tag": tag} for _, job in found for tag in job.tags]
        members = [
            {"job_id": job.id, "experiment_id": job.experiment, "variant": "v", "point": {}, "seed": 0}
            for _, job in found
            if job.experiment
        ]
        for table, rows in ((tables.tags, tags), (tables.members, members)):
            if rows:
                connection.execute(insert(table), rows)
    return tuple(job for _, job in found)


def _drawn(draw: random.Random, i: int, created: float, asked: Any) -> tuple[dict[str, Any], Listed]:
    (dataset, architecture, batch_norm), document = asked
    row = queued_row(document, created)
    scores = {"test.accuracy": _score(draw), "train.loss": _score(draw)}
    job = Listed(
        row["id"],
        row["created"],
        draw.choice((None, 1.7e9, 1.7e9 + i)),
        draw.choice(list(Status)),
        draw.choice(NAMES),
        frozenset(draw.sample(TAGS, draw.randint(0, 3))),
        dataset,
        ("mlp", "convnet", "layers")[architecture],
        batch_norm,
        draw.choice((None, None, "0exp0", "0exp1")),
        draw.randint(0, 3),
        {series: score for series, score in scores.items() if score is not None},
    )
    changed = {"name": job.name, "started": job.started, "status": job.status, "step": job.step}
    return row | changed, job


def _score(draw: random.Random) -> Score | None:
    if draw.random() < 0.2:
        return None
    best = draw.choice(VALUES)
    return Score(draw.choice(VALUES), best, None if best is None else draw.randint(1, 9))


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """On both kinds of database."""
    settings = Settings(data=tmp_path_factory.mktemp("lists"))
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres").new_database()
        settings = settings.model_copy(update={"database_url": url})
    with closing(open_database(settings)) as database:
        with database.write() as connection:
            experiments = [{"id": f"0exp{i}", "created": 0.0, "document": {}} for i in range(2)]
            connection.execute(insert(tables.experiments), experiments)
        yield House(database, fill(database, NUMBER))
