"""The commands that queue jobs, list and follow them."""

from collections.abc import Sequence
from typing import Annotated

import typer

from bnlab.cli.documents import read_document
from bnlab.cli.ids import job_id_of
from bnlab.cli.inside import say_findings
from bnlab.cli.options import AsJson, JobIds, Url, fail_unless, for_each, print_found, print_json
from bnlab.sdk.client import Client
from bnlab.terminal.descriptions import description_of, layers_of
from bnlab.terminal.printing import aside, console, say, warn
from bnlab.terminal.progress import all_succeeded
from bnlab.terminal.progress import watch as follow

JobDocument = Annotated[str, typer.Argument(help="A job document: a file, '-' for stdin, or JSON itself.")]
Like = Annotated[
    str | None,
    typer.Option(metavar="ID", help="The document is a JSON merge patch of that job's: what it names is changed."),
]


def submit(
    document: JobDocument = "{}",
    like: Like = None,
    watch: Annotated[
        bool, typer.Option(help="Follow it until it has ended; with --json it is printed then, its progress on stderr.")
    ] = False,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Queue a job and print its id; without a document, the paper's network on MNIST without batch normalization.

    bnlab submit --like ID '{"training": {"optimizer": {"learning_rate": 0.3}}}' is that job at another rate.
    """
    with Client(url) as client:
        job = client.submit(read_document(document), like=_whole(client, like))
        if not (watch and as_json):
            print_found(job, job["id"], as_json=as_json)
        for warning in job["warnings"]:
            warn(warning)
        if watch:
            _follow(client, [job["id"]], as_json=as_json)


def validate(document: JobDocument = "{}", like: Like = None, as_json: AsJson = False, url: Url = None) -> None:
    """Show the network that a job document describes, layer by layer, and queue nothing; fails where it is refused."""
    with Client(url) as client:
        found = client.validate(read_document(document), like=_whole(client, like))
    if as_json:
        print_json(found)
        return
    console.print(layers_of(found, console.width))
    say(f"{found['parameters']:,} parameters, {found['multiply_adds']:,} multiply-adds an example")
    for warning in found["warnings"]:
        warn(warning)


def show(ids: JobIds, as_json: AsJson = False, url: Url = None) -> None:
    """Show jobs in words: what they train, how far they are, and why one failed."""
    with Client(url) as client:

        def tell(typed: str) -> None:
            job = client.job(job_id_of(client, typed))
            if as_json:
                print_json(job)
            else:
                console.print(description_of(job))

        fail_unless(for_each(ids, tell))


def watch(ids: JobIds, url: Url = None) -> None:
    """Follow jobs live until they have ended, and say what is wrong with them; fails where one did not succeed."""
    with Client(url) as client:
        _follow(client, [job_id_of(client, typed, instead="watch") for typed in ids])


def _follow(client: Client, job_ids: Sequence[str], *, as_json: bool = False) -> None:
    ended = follow(client, job_ids, aside if as_json else console)
    if as_json:
        for job in ended:
            print_json(job)
    else:
        say_findings(client, ended)
    fail_unless(all_succeeded(ended))


def _whole(client: Client, like: str | None) -> str | None:
    return None if like is None else job_id_of(client, like)
