"""`bnlab experiment`: its commands; what an experiment has found is shown by `bnlab compare`."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from rich.table import Column, Table

from bnlab.cli import comparison
from bnlab.cli.documents import read_document
from bnlab.cli.ids import experiment_id_of
from bnlab.cli.options import (
    AsJson,
    ExperimentId,
    ExperimentIds,
    Url,
    fail_unless,
    for_each,
    print_found,
    print_json,
)
from bnlab.sdk.client import Client
from bnlab.terminal.labels import age
from bnlab.terminal.printing import aside, cell, console, say, visible
from bnlab.terminal.progress import all_succeeded
from bnlab.terminal.progress import watch as follow

app = typer.Typer(help="Many jobs from one document, as examples/experiments has them.", no_args_is_help=True)


@app.command()
def submit(
    document: Annotated[str, typer.Argument(help="An experiment: a file, '-' for stdin, or JSON itself.")],
    watch: Annotated[
        bool,
        typer.Option(
            help="Follow its jobs until they have ended; with --json it is printed then, their progress on stderr."
        ),
    ] = False,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Queue an experiment's jobs and print its id."""
    with Client(url) as client:
        experiment = client.submit_experiment(read_document(document))
        if not (watch and as_json):
            print_found(experiment, experiment["id"], as_json=as_json)
        if watch:
            _follow(client, experiment, as_json=as_json)


@app.command("list")
def list_them(
    limit: Annotated[int, typer.Option(help="The most experiments to show.", min=1)] = 20,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """List experiments, newest first, with how many of their jobs stand where; as JSON `experiments` is a list."""
    with Client(url) as client:
        found = client.experiments(limit=limit)
    if as_json:
        print_json({"experiments": found})
    else:
        console.print(_table_of(found))


@app.command()
def show(ids: ExperimentIds, as_json: AsJson = False, url: Url = None) -> None:
    """Show how many of its jobs stand where, and what they have found so far."""
    with Client(url) as client:

        def tell(typed: str) -> None:
            experiment = client.experiment(experiment_id_of(client, typed))
            _print_jobs(experiment, as_json)
            if not as_json:
                comparison.run(client, [experiment["id"]], None, console)

        fail_unless(for_each(ids, tell))


@app.command("watch")
def watch_it(experiment: ExperimentId, url: Url = None) -> None:
    """Follow its jobs live until they have ended, and show what it found; fails where one did not succeed."""
    with Client(url) as client:
        _follow(client, client.experiment(experiment_id_of(client, experiment, instead="watch")))


@app.command()
def seeds(
    experiment: ExperimentId,
    number: Annotated[int, typer.Argument(help="How many more.")],
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Queue the jobs of further seeds."""
    with Client(url) as client:
        _print_jobs(client.add_seeds(experiment_id_of(client, experiment), number), as_json)


@app.command()
def cancel(ids: ExperimentIds, as_json: AsJson = False, url: Url = None) -> None:
    """Cancel those of an experiment's jobs that have not ended."""
    with Client(url) as client:
        asked: list[dict[str, Any]] = []

        def ask(typed: str) -> None:
            asked.append(client.cancel_experiment(experiment_id_of(client, typed, instead="cancel")))

        went_well = for_each(ids, ask)
        for experiment in asked:
            for job in experiment["jobs"]:
                client.wait(job["id"])
            _print_jobs(client.experiment(experiment["id"]), as_json)
        fail_unless(went_well)


@app.command()
def delete(ids: ExperimentIds, as_json: AsJson = False, url: Url = None) -> None:
    """Delete experiments that have ended, with their jobs and everything that they recorded."""
    with Client(url) as client:

        def remove(typed: str) -> None:
            experiment_id = experiment_id_of(client, typed, instead="delete")
            client.delete_experiment(experiment_id)
            print_found({"id": experiment_id, "status": "deleted"}, f"{experiment_id} deleted", as_json=as_json)

        fail_unless(for_each(ids, remove))


def _follow(client: Client, experiment: dict[str, Any], *, as_json: bool = False) -> None:
    ended = follow(client, [job["id"] for job in experiment["jobs"]], aside if as_json else console)
    if as_json:
        print_json(client.experiment(experiment["id"]))
    else:
        comparison.run(client, [experiment["id"]], None, console)
    fail_unless(all_succeeded(ended))


def _table_of(experiments: Sequence[Mapping[str, Any]]) -> Table:
    whole = (Column(name, no_wrap=True) for name in ("id", "age"))
    table = Table(*whole, Column("jobs", overflow="fold"), Column("name", overflow="fold"), box=None, pad_edge=False)
    now = datetime.now(UTC)
    for each in experiments:
        jobs = _counted(each["jobs"], each["deleted"])
        table.add_row(*map(cell, (each["id"], age(each["created"], now), jobs, each["name"] or "")))
    return table


def _print_jobs(experiment: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print_json(experiment)
        return
    counts = Counter(job["status"] for job in experiment["jobs"])
    say(visible(f"{experiment['id']} {_counted(counts, experiment['deleted'])}"))
    for reason in experiment["damaged"].values():
        say(visible(reason))


def _counted(jobs: Mapping[str, int], deleted: int) -> str:
    """How many jobs stand where: `2 succeeded, 1 deleted`."""
    counts = {**jobs, "deleted": deleted}
    return ", ".join(f"{number} {status}" for status, number in counts.items() if number)
