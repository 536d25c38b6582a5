"""What the server's log says at its start: where its pages are, and how a browser gets in."""

import logging

from sqlalchemy.exc import SQLAlchemyError

from api.access.gate import token_needed
from jobs.logs import about
from jobs.settings import Settings
from jobs.storage.codes import LIFETIME, make_code
from jobs.storage.database import Database

log = logging.getLogger(__name__)


def say_where(settings: Settings, database: Database) -> None:
    """Say it: printed, for whoever has started the server in a terminal or a container; or as a line of JSON.

    Where a token is needed the address signs one browser in, but only where the server has printed its token there too:
    lines of JSON are for others to collect, and a token that was set may be kept from those who read the log.
    """
    pages, needed = f"{settings.local_url}/ui/", token_needed(settings)
    by_command = " (a browser signs in with 'bnlab open')" if needed else ""
    if settings.log == "json":
        log.info("its pages: %s%s", pages, by_command, extra=about("started"))
        return
    code = _code(database) if needed and not settings.token.get_secret_value() else ""
    print(f"Open bnlab in a browser: {pages}{f'#code={code}' if code else by_command}", flush=True)
    if code:
        told = f"This signs one browser in, within {LIFETIME / 60:.0f} minutes"
        print(f"{told}; a restart, or 'bnlab open', gives another address.", flush=True)


def _code(database: Database) -> str:
    """A code to sign in with, empty where none can be kept: on a full disk a server still shows what it has."""
    try:
        return make_code(database)
    except SQLAlchemyError:
        return ""
