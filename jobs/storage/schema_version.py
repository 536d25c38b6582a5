"""Which release's tables a database has, and how they become this one's."""

import sqlite3
import sys
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, inspect, make_url, text

from jobs.errors import DataFolderUnusable
from jobs.settings import Settings, settings_or_exit

NEWEST = "0006"  # the revision of this release's tables
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x626E6C6162  # of PostgreSQL, taken while tables are changed


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


def bring_up_to_date(engine: Engine) -> None:
    """Make the tables, or change them, as every migration since theirs says, in one transaction; untouched on an error.

    Raises DataFolderUnusable where a newer release has written them, or one from before there were migrations.
    """
    with engine.connect().execution_options(bnlab_read=True) as connection:
        if _version(connection) == NEWEST:
            return
    with engine.begin() as connection:  # on SQLite this waits for whoever else does the same
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))
        found = _version(connection)
        if found != NEWEST:
            _migrate(connection, found)


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


def _migrate(connection: Connection, found: str | None) -> None:
    from alembic import command  # as slow to load
    from alembic.config import Config

    if found is not None:
        _refuse_unknown(found, connection.engine.url)
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
