"""Codes with which a browser signs in: each is good once, and not for long; the database has only their digests."""

import secrets
from hashlib import sha256

from sqlalchemy import delete, insert, or_

from jobs.storage import tables
from jobs.storage.database import Database, now_on

LIFETIME = 600.0  # seconds
SIZE = 16  # bytes of chance: too many to guess


def make_code(database: Database) -> str:
    """A new code. Those whose time is over are forgotten. Raises SQLAlchemyError."""
    code, column = secrets.token_urlsafe(SIZE), tables.codes.c
    with database.write() as connection:
        now = now_on(database, connection)
        # A clock that starts with the machine is behind those that were made before it was started again.
        connection.execute(delete(tables.codes).where(or_(column.expires <= now, column.created > now)))
        made = {"sha256": _digest(code), "created": now, "expires": now + LIFETIME}
        connection.execute(insert(tables.codes).values(made))
    return code


def spend_code(database: Database, code: str) -> bool:
    """Whether it is a code that is still good; it is not any more. Of two who come at once, one has it."""
    column = tables.codes.c
    with database.write() as connection:
        now = now_on(database, connection)
        is_good = (column.sha256 == _digest(code), column.created <= now, column.expires > now)
        return connection.execute(delete(tables.codes).where(*is_good)).rowcount == 1


def _digest(code: str) -> str:
    return sha256(code.encode(errors="surrogatepass")).hexdigest()
