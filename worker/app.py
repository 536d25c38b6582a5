"""The Celery worker: `celery -A worker.app worker`. It starts the supervisor, and ends it when Celery ends."""

import sys
from typing import Any

from celery import signals
from celery.apps import worker as celery_worker
from sqlalchemy.exc import SQLAlchemyError

from jobs.errors import BnlabError
from jobs.logs import configure
from jobs.settings import settings_or_exit
from jobs.storage.database import open_database
from jobs.wake import make_app
from worker.supervise.supervisor import Supervisor

settings = settings_or_exit()
configure(settings.log)
app = make_app(settings)
app.conf.update(include=["worker.tasks"], worker_concurrency=settings.slots)
app.amqp.queues.select([name.strip() for name in settings.queues.split(",")])


def keep_logging(**_: object) -> None:
    """Have Celery leave logging as it is set up, which it does where somebody hears this signal."""


def show_no_banner(instance: Any, **_: object) -> None:
    """Have Celery print nothing beside the log."""
    instance.quiet = True


if settings.log == "json":
    signals.setup_logging.connect(keep_logging)
    signals.celeryd_init.connect(show_no_banner)
    celery_worker.safe_say = lambda *_: None  # what it writes past every log when it is told to end


@signals.worker_init.connect  # type: ignore[untyped-decorator]  # celery publishes no types
def start(sender: Any, **_: object) -> None:
    """Start the supervisor before any broker is there: with it down, Celery would never say that it is ready."""
    try:
        app.supervisor = Supervisor(settings, open_database(settings), slots=sender.concurrency)
        app.supervisor.start()
    except (BnlabError, SQLAlchemyError, OSError) as error:
        # Celery would go on without a supervisor, and say that it is ready.
        sys.exit(f"the worker cannot start: {type(error).__name__}: {error}")


@signals.worker_shutting_down.connect  # type: ignore[untyped-decorator]  # celery publishes no types
def leave(**_: object) -> None:
    """On SIGTERM: Celery waits for its tasks, so they must end now."""
    app.supervisor.leave()


@signals.worker_shutdown.connect  # type: ignore[untyped-decorator]  # celery publishes no types
def end(**_: object) -> None:
    """Give back what the poller runs, too."""
    app.supervisor.drain()
