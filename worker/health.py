"""`python -m worker.health`: whether the worker of this host was heard of lately, for a container's health check."""

import socket
import sys
from contextlib import closing

from sqlalchemy.exc import SQLAlchemyError

from jobs.lifecycle.workers import live_workers
from jobs.settings import settings_or_exit
from jobs.storage.database import connect


def main() -> int:
    """The exit code: 0 if it lives."""
    with closing(connect(settings_or_exit())) as database:
        try:
            lives = any(worker.host == socket.gethostname() for worker in live_workers(database))
        except SQLAlchemyError as error:
            sys.stderr.write(f"the database cannot say whether the worker lives: {error}\n")
            return 1
        return 0 if lives else 1


if __name__ == "__main__":
    sys.exit(main())
