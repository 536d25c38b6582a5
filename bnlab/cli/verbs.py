"""The commands that change what becomes of jobs: cancel, pause, resume, retry, delete."""

from collections.abc import Callable
from typing import Annotated

import typer

from bnlab.cli.ids import job_id_of
from bnlab.cli.options import AsJson, JobIds, Url, fail_unless, for_each, print_found
from bnlab.sdk.client import Client, Job


def cancel(ids: JobIds, as_json: AsJson = False, url: Url = None) -> None:
    """Cancel queued jobs, or stop running ones."""
    with Client(url) as client:
        asked: list[str] = []

        def ask(typed: str) -> None:
            asked.append(client.cancel(job_id_of(client, typed, instead="cancel"))["id"])

        went_well = for_each(ids, ask)
        for job_id in asked:
            _print_status(client.wait(job_id), as_json)
        fail_unless(went_well)


def pause(ids: JobIds, as_json: AsJson = False, url: Url = None) -> None:
    """Take jobs out of the queue; a running one leaves its worker at a checkpoint."""
    with Client(url) as client:
        _move(client, ids, client.pause, as_json)


def resume(ids: JobIds, as_json: AsJson = False, url: Url = None) -> None:
    """Queue paused jobs again: they go on at their checkpoints."""
    with Client(url) as client:
        _move(client, ids, client.resume, as_json)


def retry(
    ids: JobIds,
    from_scratch: Annotated[bool, typer.Option(help="Begin at the first step, not at the last checkpoint.")] = False,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Queue jobs that failed or were cancelled as new ones, and print their ids."""
    with Client(url) as client:

        def queue_anew(typed: str) -> None:
            job = client.retry(job_id_of(client, typed), from_scratch=from_scratch)
            print_found(job, job["id"], as_json=as_json)

        fail_unless(for_each(ids, queue_anew))


def delete(ids: JobIds, as_json: AsJson = False, url: Url = None) -> None:
    """Delete jobs that have ended, with everything that they recorded."""
    with Client(url) as client:

        def remove(typed: str) -> None:
            job_id = job_id_of(client, typed, instead="delete")
            client.delete(job_id)
            print_found({"id": job_id, "status": "deleted"}, f"{job_id} deleted", as_json=as_json)

        fail_unless(for_each(ids, remove))


def _move(client: Client, ids: list[str], verb: Callable[[str], Job], as_json: bool) -> None:
    def move(typed: str) -> None:
        _print_status(verb(job_id_of(client, typed)), as_json)

    fail_unless(for_each(ids, move))


def _print_status(job: Job, as_json: bool) -> None:
    print_found(job, f"{job['id']} {job['requested'] or job['status']}", as_json=as_json)
