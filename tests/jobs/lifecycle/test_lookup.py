"""Jobs as clients see them."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from jobs.lifecycle import clients, lookup
from jobs.lifecycle.workers import Worker, announce
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue
from jobs.storage.database import Database, is_away, open_database


def test_a_list_asks_the_database_no_more_often_however_long_it_is(database: Database, settings: Settings) -> None:
    def queries(limit: int) -> int:
        asked: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            asked.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        assert len(lookup.list_jobs(database, status=None, limit=limit, before=None)) == limit
        event.remove(database.engine, "before_cursor_execute", note)
        return len(asked)

    for _ in range(30):
        clients.submit(database, check('{"data": {"dataset": "synthetic"}}', in_catalogue(settings)))
    assert queries(30) == queries(1)


def test_who_writes_waits_for_others_of_the_process_no_longer_than_for_those_of_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.storage.database.BUSY_TIMEOUT", 0.2)
    with closing(open_database(Settings(data=tmp_path))) as database, database.write(), ThreadPoolExecutor(1) as other:
        with pytest.raises(OperationalError, match="database is locked") as refused:
            other.submit(announce, database, Worker("w", "here", 1, 1, ("cpu",), 0.0, 0.0)).result()
        assert is_away(refused.value)
