"""Jobs as clients see them."""

from typing import Any

from sqlalchemy import event

from jobs import store
from jobs.database import Database
from jobs.settings import Settings
from jobs.submission import check


def test_a_list_asks_the_database_no_more_often_however_long_it_is(database: Database, settings: Settings) -> None:
    def queries(limit: int) -> int:
        asked: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            asked.append(statement)

        event.listen(database.engine, "before_cursor_execute", note)
        assert len(store.list_jobs(database, status=None, limit=limit, before=None)) == limit
        event.remove(database.engine, "before_cursor_execute", note)
        return len(asked)

    for _ in range(30):
        store.submit(database, check('{"data": {"dataset": "synthetic"}}', settings))
    assert queries(30) == queries(1)
