"""Which mistakes are named, and in which order."""

from collections.abc import Iterator
from contextlib import closing

import numpy as np
import pytest

from api.predicting.mistakes import examine
from api.predicting.networks import Asked, Networks
from jobs.settings import Settings
from jobs.storage.database import Database, open_database
from jobs.storage.objects.opening import open_objects
from tests.support import asked_jobs


@pytest.fixture
def settings(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return Settings(data=tmp_path_factory.mktemp("house"))


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    with closing(open_database(settings)) as database:
        yield database


def test_equally_convinced_mistakes_stand_in_the_order_of_the_test_part(database: Database, settings: Settings) -> None:
    asked = Asked(asked_jobs.train(database, settings).job, "final", "running")
    network = Networks(database, open_objects(settings)).of(asked)
    found = examine(network, asked, np.zeros((4, 1, 28, 28), np.uint8), np.array([0, 1, 2, 3]))
    assert found.wrong == len(found.mistakes) >= 3
    assert [each.index for each in found.mistakes] == sorted(each.index for each in found.mistakes)
