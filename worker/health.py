"""`python -m worker.health`: whether the worker of this host was heard of lately, for a container's health check."""

import socket
import sys
from contextlib import closing

from jobs.database import open_database
from jobs.settings import Settings
from jobs.store import live_workers


def main() -> int:
    """The exit code: 0 if it lives."""
    with closing(open_database(Settings())) as database:
        return 0 if any(worker.host == socket.gethostname() for worker in live_workers(database)) else 1


if __name__ == "__main__":
    sys.exit(main())
