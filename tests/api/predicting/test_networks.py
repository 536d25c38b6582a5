"""The networks that stay open: the four that were asked last."""

import weakref
from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from api.predicting import networks
from api.predicting.networks import Asked, Network, Networks, logits_of
from jobs.models.chosen import Checkpoint
from jobs.models.onnx_file import Moments
from jobs.settings import Settings
from jobs.storage.database import Database, open_database
from jobs.storage.objects.opening import open_objects
from tests.support import asked_jobs
from tests.support.asked_jobs import Trained

WAYS: list[tuple[Checkpoint, Moments]] = [
    *(("final", "running"), ("final", "batch"), ("best", "running"), ("best", "batch")),
]


@pytest.fixture(scope="module")
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data=tmp_path_factory.mktemp("house"))


@pytest.fixture(scope="module")
def database(settings: Settings) -> Iterator[Database]:
    with closing(open_database(settings)) as database:
        yield database


@pytest.fixture(scope="module")
def trained(database: Database, settings: Settings) -> Trained:
    return asked_jobs.train(database, settings, evaluation={"every": 5, "keep": "best"})


@pytest.fixture
def open_networks(database: Database, settings: Settings) -> Networks:
    return Networks(database, open_objects(settings))


def test_four_networks_stay_open_and_the_one_that_was_asked_longest_ago_goes(
    open_networks: Networks, trained: Trained, database: Database, settings: Settings
) -> None:
    asked = [Asked(trained.job, *way) for way in WAYS]
    held: list[weakref.ref[Network]] = [weakref.ref(open_networks.of(each)) for each in asked]
    assert all(open_networks.of(each) is network() for each, network in zip(asked, held, strict=True))
    open_networks.of(asked[0])
    open_networks.of(Asked(asked_jobs.train(database, settings).job, "final", "running"))
    assert [network() is None for network in held] == [False, True, False, False]


def test_large_networks_do_not_stay_open_beside_others(
    database: Database, settings: Settings, trained: Trained, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(networks, "MOST_BYTES", 1)
    open_networks = Networks(database, open_objects(settings))
    first = weakref.ref(open_networks.of(Asked(trained.job, "final", "running")))
    second = open_networks.of(Asked(trained.job, "final", "batch"))
    assert first() is None
    assert open_networks.of(Asked(trained.job, "final", "batch")) is second


def test_inputs_go_through_in_pieces_and_come_out_in_their_order(open_networks: Networks, trained: Trained) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (250, 1, 28, 28), dtype=np.uint8)
    asked = Asked(trained.job, "final", "running")
    _, logits = logits_of(open_networks, asked, pixels.astype(np.float32))
    assert logits == pytest.approx(trained.logits(pixels), abs=1e-5)
