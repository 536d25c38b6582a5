"""Experiments are made whole, whatever chance does."""

import pytest

from jobs.experiments import clients
from jobs.experiments.clients import Experiment
from jobs.experiments.document import read
from jobs.experiments.members import members
from jobs.settings import Settings
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database


def submit(database: Database) -> Experiment:
    """One of two jobs."""
    spec = read('{"base": {"data": {"dataset": "synthetic"}}, "variants": {"a": {}}, "seeds": 2}')
    return clients.submit(database, spec, members(spec, in_catalogue(Settings()), range(2)))


def test_an_experiment_whose_jobs_would_have_the_ids_of_others_is_made_under_ids_of_their_own(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.experiments.clients.time.time", lambda: 1795597000.123)
    drawn = iter("111122223333" + "444422223333" + "22225555" + "6666")
    monkeypatch.setattr("jobs.lifecycle.job.secrets.choice", lambda _: next(drawn))
    first, second = ([job.id for _, job in submit(database).jobs] for _ in range(2))
    assert [each[-4:] for each in first] == ["2222", "3333"]
    assert [each[-4:] for each in second] == ["6666", "5555"]
    assert second == sorted(second)
