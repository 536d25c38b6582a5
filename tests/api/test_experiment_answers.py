"""An answer about an experiment is made once for as long as nothing of it changes, and is bounded."""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf, nan
from typing import Any

import httpx
import pytest

from api.experiment_answers import ALL_POINTS, SEEDS, ExperimentAnswers, Shown, plain
from jobs.lifecycle import attempts
from jobs.lifecycle.attempts import Hold
from jobs.lifecycle.held import Held
from jobs.series.format.schema import TEST
from jobs.series.write.writer import Writer
from jobs.settings import Settings
from jobs.storage.database import Database
from jobs.storage.objects.opening import open_objects
from tests.support.asked_experiments import finish, submitted
from tests.support.recorded_jobs import rows, take


@dataclass(frozen=True)
class At:
    """An experiment of two jobs, of which the first one runs."""

    client: httpx.Client
    database: Database
    settings: Settings
    id: str
    hold: Hold


@pytest.fixture
def at(client: httpx.Client, database: Database, settings: Settings) -> At:
    experiment = submitted(client, grid={}, seeds=1)
    job = take(database)
    return At(client, database, settings, experiment["id"], Hold(job.id, job.attempt))


def evaluated(at: At) -> None:
    writer = Writer(Held(at.database, open_objects(at.settings), at.hold))
    writer.append(TEST, rows(range(2), ("loss", "accuracy")))
    writer.commit()


CHANGES: dict[str, Callable[[At], object]] = {
    "an evaluation": evaluated,
    "progress": lambda at: attempts.record_progress(at.database, at.hold, 5, 10.0, {}),
    "a job that ends": lambda at: finish(at.database, at.settings, [0.1, 0.5]),
    "more seeds": lambda at: at.client.post(f"/experiments/{at.id}/seeds", json={"seeds": 1}),
    "a job that is cancelled": lambda at: at.client.post(f"/experiments/{at.id}/cancel"),
    "a job that is deleted": lambda at: [
        at.client.post(f"/experiments/{at.id}/cancel"),
        at.client.delete(f"/jobs/{at.client.get(f'/experiments/{at.id}').json()['jobs'][1]['id']}"),
    ],
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_whatever_changes_is_in_the_next_answer(at: At, change: Callable[[At], object]) -> None:
    answers = ExperimentAnswers(at.database, open_objects(at.settings))
    before = answers.of(at.id)
    assert answers.of(at.id) is before
    change(at)
    after = answers.of(at.id)
    assert after.tag != before.tag
    assert after.data == ExperimentAnswers(at.database, open_objects(at.settings)).of(at.id).data


def test_what_is_shown_is_kept_apart(at: At) -> None:
    answers = ExperimentAnswers(at.database, open_objects(at.settings))
    one, other = answers.of(at.id), answers.of(at.id, Shown(seeds=False))
    assert answers.of(at.id) is one
    assert answers.of(at.id, Shown(seeds=False)) is other
    assert one.tag != other.tag


def test_who_has_the_answer_is_told_so(at: At) -> None:
    path = f"/experiments/{at.id}"
    first = at.client.get(path)
    again = at.client.get(path, headers={"If-None-Match": first.headers["etag"]})
    assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", first.headers["etag"])
    cancelled = at.client.post(f"{path}/cancel")
    assert cancelled.headers["etag"] != first.headers["etag"]
    assert at.client.get(path, headers={"If-None-Match": first.headers["etag"]}).status_code == 200


def test_of_many_jobs_seeds_are_shown_where_they_are_asked_for_and_curves_are_thinned(
    client: httpx.Client, database: Database, settings: Settings
) -> None:
    rates = {"/training/optimizer/learning_rate": [0.001 * i for i in range(1, 52)]}
    experiment = submitted(client, grid=rates, seeds=2)
    assert len(experiment["jobs"]) > SEEDS
    finish(database, settings, [0.1] * 101, every=1)
    path = f"/experiments/{experiment['id']}"

    def groups(**asked: Any) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = client.get(path, params=asked).json()["groups"]
        return found

    assert {group["seeds"] is None for group in groups()} == {True}
    assert all(len(group["seeds"]) == 2 for group in groups(seeds=True))
    assert 2 <= len(groups()[0]["step"]) <= ALL_POINTS // 102
    assert len(groups(points=101)[0]["step"]) == 101
    whole, small = (client.get(path, params={"points": 2, "seeds": seeds}) for seeds in (True, False))
    assert len(small.content) < len(whole.content)


def test_what_json_has_not_is_a_word_or_null() -> None:
    assert plain({"a": (inf, -inf, nan, 0.5, 1, "b", None)}) == {
        "a": ["Infinity", "-Infinity", None, 0.5, 1, "b", None]
    }
