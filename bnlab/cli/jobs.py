"""The commands that queue jobs, list and follow them."""

from typing import Annotated

import typer

from bnlab.cli.documents import read_document
from bnlab.cli.ids import job_id_of
from bnlab.cli.options import AsJson, JobIds, Url, fail_unless, print_found, print_json
from bnlab.sdk.client import Client
from bnlab.terminal.printing import console, warn
from bnlab.terminal.progress import all_succeed, table_of


def submit(
    document: Annotated[str, typer.Argument(help="A job document: a file, '-' for stdin, or JSON itself.")] = "{}",
    watch: Annotated[bool, typer.Option(help="Follow it until it has ended.")] = False,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Queue a job and print its id; without a document, the paper's network on MNIST without batch normalization."""
    with Client(url) as client:
        job = client.submit(read_document(document))
        print_found(job, job["id"], as_json=as_json)
        for warning in job["warnings"]:
            warn(warning)
        if watch:
            fail_unless(all_succeed(client, [job["id"]], console))


def watch(ids: JobIds, url: Url = None) -> None:
    """Follow jobs live until they have ended; fails where one did not succeed."""
    with Client(url) as client:
        job_ids = [job_id_of(client, typed, instead="watch") for typed in ids]
        fail_unless(all_succeed(client, job_ids, console))


def list_jobs(
    status: Annotated[
        str | None, typer.Option(help="Only queued, running, paused, succeeded, failed or cancelled.")
    ] = None,
    limit: Annotated[int, typer.Option(help="The most jobs to show.", min=1)] = 20,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """List jobs, newest first; as JSON an object whose `jobs` is a list."""
    with Client(url) as client:
        found = client.jobs(status=status, limit=limit)
    if as_json:
        print_json({"jobs": found})
    else:
        console.print(table_of(found, console.width))
