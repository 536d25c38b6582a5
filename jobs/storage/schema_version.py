"""Which release's tables a database has, and how they become this one's."""

import logging
import sqlite3
import sys
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    ColumnElement,
    Connection,
    Engine,
    Float,
    String,
    column,
    inspect,
    literal,
    make_url,
    select,
    table,
    text,
)

from jobs.errors import DataFolderUnusable
from jobs.logs import about
from jobs.settings import Settings, settings_or_exit

NEWEST = "0013"  # the revision of this release's tables
MIGRATIONS = Path(__file__).parent / "migrations"
PATIENCE = 60.0  # seconds that workers of an earlier release get to leave; one that is told to takes half of it
LOOK = 1.0  # seconds between two looks whether they have
HEARD_OF = 10.0  # seconds without a beat after which a worker is not there any more
_BEFORE_LEASE_CLOCK = ("0001", "0002")  # revisions whose workers beat on the wall clock
_LOCK = 0x626E6C6162  # of PostgreSQL, taken while tables are changed

Clock = Callable[[], ColumnElement[Any]]

log = logging.getLogger(__name__)


def main() -> None:
    """End with a line where a newer release has written the data folder, for whoever starts all the others."""
    try:
        refuse_newer(settings_or_exit())
    except DataFolderUnusable as error:
        sys.exit(str(error))


def refuse_newer(settings: Settings) -> None:
    """Raise DataFolderUnusable where a newer release has written the SQLite file, before anything is touched.

    To open it as usual would move into it what a killed server left in its log.
    """
    url = make_url(settings.resolved_database_url)
    if url.get_backend_name() != "sqlite" or not url.database:
        return
    file = Path(url.database).absolute()
    for how in _looks(file):
        found = _revision(file, how)
        if found is not None:
            _refuse_unknown(found, url)


def bring_up_to_date(engine: Engine, clock: Clock) -> None:
    """Make the tables, or change them, as every migration since theirs says, in one transaction; untouched on an error.

    Workers that run on the tables as they are, which an earlier release has started, get a minute to leave. clock:
    gives now, on the clock of the leases. Raises DataFolderUnusable where they stay, where a newer release has written
    the tables, or one from before there were migrations.
    """
    with engine.connect().execution_options(bnlab_read=True) as connection:
        if _version(connection) == NEWEST:
            return
    deadline = time.monotonic() + PATIENCE
    while (hosts := _migrated_unless_used(engine, clock)) and time.monotonic() < deadline:
        log.warning(
            "waiting for the workers of an earlier release on %s to leave", hosts, extra=about("migration_waits")
        )
        time.sleep(LOOK)
    if hosts:
        raise DataFolderUnusable(
            f"{_place(engine.url)} is used by workers of an earlier release on {hosts}: stop them first; "
            "nothing was changed"
        )


def _migrated_unless_used(engine: Engine, clock: Clock) -> str:
    """Nothing, once the tables are this release's; else the hosts of the workers in whose way that would be."""
    with engine.begin() as connection:  # on SQLite this waits for whoever else does the same
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        found = _version(connection)
        if found == NEWEST:
            return ""
        if found is not None:
            _refuse_unknown(found, engine.url)
            if hosts := _hosts_of_workers(connection, found, clock):
                return ", ".join(hosts)
        _migrate(connection)
        return ""


def _hosts_of_workers(connection: Connection, found: str, clock: Clock) -> Sequence[str]:
    """Where workers were heard of lately."""
    beat, host = column("beat", Float), column("host", String)
    now = literal(time.time()) if found in _BEFORE_LEASE_CLOCK else clock()
    heard = select(host).select_from(table("workers")).where(beat.between(now - HEARD_OF, now + HEARD_OF))
    return connection.scalars(heard.distinct().order_by(host)).all()


def _version(connection: Connection) -> str | None:
    """The revision that the tables are of; None where there are none."""
    names = inspect(connection).get_table_names()
    if "alembic_version" in names:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    if "jobs" in names:
        raise DataFolderUnusable(
            f"{_place(connection.engine.url)} is from before the first release: start with an empty folder"
        )
    return None


def _migrate(connection: Connection) -> None:
    from alembic import command  # as slow to load
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, NEWEST)


def _looks(file: Path) -> tuple[str, ...]:
    """How to open an SQLite file only to look: without its log, which writes nothing; then, if it has one, with it.

    The latter may write the index beside the log, which SQLite makes anew wherever it is missing.
    """
    log = file.with_name(f"{file.name}-wal")
    is_there, has_log = (path.is_file() and path.stat().st_size > 0 for path in (file, log))
    looks = {"immutable=1": is_there, "mode=ro": is_there and has_log}
    return tuple(how for how, helps in looks.items() if helps)


def _revision(file: Path, how: str) -> str | None:
    """The revision of a file's tables; None where it has none, or what is wrong with it is for who opens it to say."""
    with suppress(sqlite3.Error), closing(sqlite3.connect(f"{file.as_uri()}?{how}", uri=True)) as connection:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None
    return None


def _refuse_unknown(found: str, url: URL) -> None:
    if found == NEWEST:
        return
    from alembic.script import ScriptDirectory  # 0.1 s to load, for what happens once a release

    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if found not in known:
        raise DataFolderUnusable(
            f"{_place(url)} was written by a newer bnlab (its tables are {found}, ours {NEWEST}): "
            "install that one, or start with an empty folder; nothing was changed"
        )


def _place(url: URL) -> str:
    return f"the database {url.render_as_string(hide_password=True)}"


if __name__ == "__main__":
    main()
