"""The commands that find jobs, and say what they are called."""

from typing import Annotated, Any

import typer

from bnlab.cli.ids import experiment_id_of, job_id_of
from bnlab.cli.options import AsJson, JobIds, Url, fail_unless, for_each, print_json
from bnlab.errors import CannotRun
from bnlab.sdk.client import Client
from bnlab.terminal.printing import console, say, visible
from bnlab.terminal.progress import table_of

SHOWN = ("status", "created", "progress", "latest", "spec")  # what the table is made of


def list_jobs(
    status: Annotated[
        list[str] | None, typer.Option(help="Only queued, running, paused, succeeded, failed or cancelled; or several.")
    ] = None,
    name: Annotated[str | None, typer.Option(help="Only those whose name begins so.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Only those with this tag; several: with all of them.")] = None,
    dataset: Annotated[str | None, typer.Option(help="Only those trained on it.")] = None,
    architecture: Annotated[str | None, typer.Option(help="Only those of this preset, or 'layers'.")] = None,
    batch_norm: Annotated[bool | None, typer.Option("--bn/--no-bn", help="Only those with BN, or without.")] = None,
    experiment: Annotated[str | None, typer.Option(metavar="ID", help="Only those of this experiment.")] = None,
    where: Annotated[
        list[str] | None, typer.Option(help="Only where it holds: 'test.accuracy>0.9', 'best.test.loss<0.2'.")
    ] = None,
    sort: Annotated[
        str | None, typer.Option(help="By what: created, name, test.accuracy, ...; '-test.accuracy': greatest first.")
    ] = None,
    fields: Annotated[str | None, typer.Option(help="With --json: what each has, such as 'status,best,spec'.")] = None,
    limit: Annotated[int, typer.Option(help="The most jobs to show.", min=1)] = 20,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """List jobs, newest first or as --sort says; as JSON an object whose `jobs` is a list."""
    if fields is not None and not as_json:
        raise CannotRun("--fields is of --json: the table shows what there is room for")
    with Client(url) as client:
        found = client.jobs(
            status=status or (),
            name=name,
            tags=tag or (),
            dataset=dataset,
            architecture=architecture,
            batch_norm=batch_norm,
            experiment=None if experiment is None else experiment_id_of(client, experiment),
            where=where or (),
            sort=sort,
            fields=_fields(fields) if as_json else SHOWN,
            limit=limit,
        )
    if as_json:
        print_json({"jobs": found})
    else:
        console.print(table_of(found, console.width))


def relabel(
    ids: JobIds,
    name: Annotated[str | None, typer.Option(help="What it is called from now on; '' for nothing.")] = None,
    tag: Annotated[list[str] | None, typer.Option(help="Its tags from now on, in place of all it had.")] = None,
    no_tags: Annotated[bool, typer.Option("--no-tags", help="It has none any more.")] = False,
    retain: Annotated[
        bool | None, typer.Option("--retain/--no-retain", help="Keep it whatever the retention says, or not.")
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Change what jobs are called, their tags, and whether they are kept; what they train is fixed."""
    tags: list[str] | None = [] if no_tags else tag
    given = {"name": name, "tags": tags, "retain": retain}
    changed: dict[str, Any] = {
        key: value or None if key == "name" else value for key, value in given.items() if value is not None
    }
    if not changed:
        raise CannotRun("say what to change: --name, --tag, --no-tags, --retain or --no-retain")
    if no_tags and tag:
        raise CannotRun("--no-tags takes all tags away; leave --tag out")
    with Client(url) as client:

        def change(typed: str) -> None:
            job = client.relabel(job_id_of(client, typed), **changed)
            if as_json:
                print_json(job)
            else:
                told = ", ".join(filter(None, (job["name"], *job["tags"], "kept" if job["retain"] else "")))
                say(visible(f"{job['id']} {told}".rstrip()))

        fail_unless(for_each(ids, change))


def _fields(text: str | None) -> tuple[str, ...]:
    return () if text is None else tuple(text.split(","))
