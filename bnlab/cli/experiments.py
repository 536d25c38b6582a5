"""`bnlab experiment`: its commands; what an experiment has found is shown by `bnlab compare`."""

import sys
from collections import Counter
from collections.abc import Mapping
from typing import Annotated, Any

import typer
from rich.box import SIMPLE_HEAD
from rich.table import Table

from bnlab.cli import comparison
from bnlab.cli.documents import read_document
from bnlab.sdk.client import Client
from bnlab.terminal.printing import cell, console, say, visible
from bnlab.terminal.progress import all_succeed

app = typer.Typer(help="Many jobs from one document, as examples/experiments has them.", no_args_is_help=True)

ExperimentId = Annotated[str, typer.Argument(metavar="ID", help="An experiment's id.")]


@app.command()
def submit(
    document: Annotated[str, typer.Argument(help="An experiment: a file, '-' for stdin, or JSON itself.")],
    watch: Annotated[bool, typer.Option(help="Follow its jobs until they have ended.")] = False,
) -> None:
    """Queue an experiment's jobs and print its id."""
    with Client() as client:
        experiment = client.submit_experiment(read_document(document))
        say(visible(experiment["id"]))
        if watch:
            _follow(client, experiment)


@app.command("list")
def list_them(limit: Annotated[int, typer.Option(help="The most experiments to show.", min=1)] = 20) -> None:
    """List experiments, newest first, with how many of their jobs stand where."""
    with Client() as client:
        table = Table("id", "created (UTC)", "name", "jobs", box=SIMPLE_HEAD)
        for each in client.experiments(limit=limit):
            created, jobs = each["created"][:16].replace("T", " "), _counted(each["jobs"], each["deleted"])
            table.add_row(*map(cell, (each["id"], created, each["name"] or "", jobs)))
        console.print(table)


@app.command("watch")
def watch_it(experiment_id: ExperimentId) -> None:
    """Follow its jobs live until they have ended, and show what it found; fails where one did not succeed."""
    with Client() as client:
        _follow(client, client.experiment(experiment_id))


@app.command()
def seeds(experiment_id: ExperimentId, number: Annotated[int, typer.Argument(help="How many more.")]) -> None:
    """Queue the jobs of further seeds."""
    with Client() as client:
        _say_jobs(client.add_seeds(experiment_id, number))


@app.command()
def cancel(experiment_id: ExperimentId) -> None:
    """Cancel those of its jobs that have not ended."""
    with Client() as client:
        for job in client.cancel_experiment(experiment_id)["jobs"]:
            client.wait(job["id"])
        _say_jobs(client.experiment(experiment_id))


@app.command()
def delete(experiment_id: ExperimentId) -> None:
    """Delete an experiment that has ended, with its jobs and everything that they recorded."""
    with Client() as client:
        client.delete_experiment(experiment_id)
        say(f"{experiment_id} deleted")


def _follow(client: Client, experiment: dict[str, Any]) -> None:
    succeeded = all_succeed(client, [job["id"] for job in experiment["jobs"]], console)
    comparison.run(client, [experiment["id"]], None, console)
    if not succeeded:
        sys.exit(1)


def _say_jobs(experiment: dict[str, Any]) -> None:
    counts = Counter(job["status"] for job in experiment["jobs"])
    say(visible(f"{experiment['id']} {_counted(counts, experiment['deleted'])}"))
    for reason in experiment["damaged"].values():
        say(visible(reason))


def _counted(jobs: Mapping[str, int], deleted: int) -> str:
    """How many jobs stand where: `2 succeeded, 1 deleted`."""
    counts = {**jobs, "deleted": deleted}
    return ", ".join(f"{number} {status}" for status, number in counts.items() if number)
