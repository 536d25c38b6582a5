"""The one Celery task: a wake-up. It carries a job's id for the log, and no authority."""

from jobs.wake import LOOK
from worker.app import app


@app.task(name=LOOK)  # type: ignore[untyped-decorator]  # celery publishes no types
def look(_job_id: str) -> None:
    """Look into the database for queued jobs."""
    app.supervisor.work_next()
