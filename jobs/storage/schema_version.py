"""Which release's tables a database has, and how they become this one's."""

from pathlib import Path

from sqlalchemy import Connection, Engine, inspect, text

from jobs.errors import DataFolderUnusable

NEWEST = "0004"  # the revision of this release's tables
MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 0x626E6C6162  # of PostgreSQL, taken while tables are changed


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
        raise DataFolderUnusable(f"{_place(connection)} is from before the first release: start with an empty folder")
    return None


def _migrate(connection: Connection, found: str | None) -> None:
    from alembic import command  # 0.1 s to load, for what happens once a release
    from alembic.config import Config
    from alembic.script import ScriptDirectory

    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if found is not None and found not in known:
        raise DataFolderUnusable(
            f"{_place(connection)} was written by a newer bnlab (its tables are {found}, ours {NEWEST}): "
            "install that one, or start with an empty folder; nothing was changed"
        )
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["connection"] = connection
    command.upgrade(config, NEWEST)


def _place(connection: Connection) -> str:
    return f"the database {connection.engine.url.render_as_string(hide_password=True)}"
