"""A database is opened where its tables are as the code has them, or can be made so; on both kinds."""

import time
from contextlib import closing

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import insert, select, text

from jobs.errors import DataFolderUnusable
from jobs.settings import Settings
from jobs.storage.database import Database, connect, lease_clock, open_database
from jobs.storage.schema_version import MIGRATIONS, NEWEST
from jobs.storage.tables import metadata


def test_the_migrations_make_the_tables_that_the_code_has(database: Database) -> None:
    assert ScriptDirectory(str(MIGRATIONS)).get_current_head() == NEWEST
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


@pytest.mark.usefixtures("database")
def test_opened_again_nothing_is_changed(settings: Settings) -> None:
    with closing(open_database(settings)) as again, again.read() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1


def test_a_database_of_a_newer_release_is_refused_and_untouched(database: Database, settings: Settings) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(DataFolderUnusable, match=rf"written by a newer bnlab \(its tables are 9999, ours {NEWEST}\)"):
        open_database(settings)
    with database.read() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == "9999"


def test_a_database_from_before_there_were_migrations_is_refused(database: Database, settings: Settings) -> None:
    with database.write() as connection:
        connection.execute(text("DROP TABLE alembic_version"))
    with pytest.raises(DataFolderUnusable, match="from before the first release: start with an empty folder"):
        open_database(settings)


@pytest.mark.parametrize("revision", ["0002", "0003"])
def test_tables_that_workers_of_an_earlier_release_use_are_left_as_they_are(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, revision: str
) -> None:
    with monkeypatch.context() as earlier:
        earlier.setattr("jobs.storage.schema_version.NEWEST", revision)
        with closing(open_database(settings)) as old, old.write() as connection:
            now = time.time() if revision == "0002" else connection.scalar(select(lease_clock(old)))
            worker = {"id": "w", "host": "there", "pid": 1, "slots": 1, "devices": ["cpu"], "started": 0.0}
            connection.execute(insert(metadata.tables["workers"]).values(beat=now, **worker))
    monkeypatch.setattr("jobs.storage.schema_version.PATIENCE", 0.0)
    with pytest.raises(DataFolderUnusable, match="is used by workers of an earlier release on there: stop them first"):
        open_database(settings)
    with closing(connect(settings)) as old, old.write() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == revision
        connection.execute(text("UPDATE workers SET beat = beat - 11"))  # it was not heard of since
    open_database(settings).close()
