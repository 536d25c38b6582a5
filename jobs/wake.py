"""The wake-up: a Celery message that says "look into the database". It carries a job's id and no authority."""

import logging

from celery import Celery
from kombu.exceptions import OperationalError

from jobs.lifecycle.job import Job
from jobs.logs import about
from jobs.settings import Settings

LOOK = "bnlab.look"  # the one task's name
QUEUE, GPU_QUEUE = "bnlab", "bnlab.cuda"

# Whoever sends does not wait for a broker that is away: kombu would try again for two seconds.
AT_ONCE = {"max_retries": 1, "interval_start": 0.0, "interval_step": 0.0, "interval_max": 0.0}

log = logging.getLogger(__name__)


def make_app(settings: Settings) -> Celery:
    """The Celery application, for the API to send with and for the worker to run."""
    app = Celery("bnlab", broker=settings.broker_url)
    app.conf.update(
        task_ignore_result=True,
        task_acks_late=False,
        task_default_queue=QUEUE,
        task_serializer="json",
        accept_content=["json"],
        task_create_missing_queues=True,
        worker_pool="threads",
        worker_prefetch_multiplier=1,
        worker_disable_prefetch=True,
        worker_cancel_long_running_tasks_on_connection_loss=False,
        worker_hijack_root_logger=False,
        worker_redirect_stdouts=False,
        broker_connection_retry_on_startup=True,
        broker_connection_max_retries=None,
        broker_transport_options={"socket_timeout": 2.0, "socket_connect_timeout": 0.5, **AT_ONCE},
        broker_connection_timeout=0.5,
    )
    return app


def queue_of(job: Job) -> str:
    """The queue that the workers of the job's device listen to."""
    return GPU_QUEUE if (job.device or job.resolved.device) == "cuda" else QUEUE


def wake(app: Celery, job: Job) -> bool:
    """Tell the workers of the job's device to look. False: the broker did not take it; they look by themselves."""
    try:
        app.send_task(LOOK, args=[job.id], queue=queue_of(job), retry=False)
    except OperationalError as error:
        about_it = about("wake_up_lost", job=job.id)
        log.warning("no wake-up for job %s: the broker does not answer (%s)", job.id, error, extra=about_it)
        return False
    return True


def broker_answers(app: Celery) -> bool:
    """Whether the broker takes connections now."""
    try:
        with app.connection_for_write() as connection:
            connection.ensure_connection(max_retries=1, timeout=1)
    except OperationalError:
        return False
    return True
