"""Jobs as clients see them."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from jobs.lifecycle.workers import Worker, announce
from jobs.settings import Settings
from jobs.storage.database import is_away, open_database


def test_who_writes_waits_for_others_of_the_process_no_longer_than_for_those_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.storage.database.BUSY_TIMEOUT", 0.2)
    with closing(open_database(Settings(data=tmp_path))) as database, database.write(), ThreadPoolExecutor(1) as other:
        with pytest.raises(OperationalError, match="database is locked") as refused:
            other.submit(announce, database, Worker("w", "here", 1, 1, ("cpu",), 0.0, 0.0)).result()
        assert is_away(refused.value)
