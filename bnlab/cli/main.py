"""The command line: each command is a thin shell over the client, the stack or the demo."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from bnlab.claims import claims as paper_claims
from bnlab.claims import demo as paper_demo
from bnlab.cli import comparison, experiments, recorded
from bnlab.cli.documents import read_document
from bnlab.cli.recorded import JobId
from bnlab.errors import ApiError, BnlabError
from bnlab.local import programs
from bnlab.local.children import interruptible
from bnlab.local.preconditions import require_installed
from bnlab.local.stack import Stack, curl_line, running
from bnlab.sdk.client import Client, Job
from bnlab.settings import read_settings
from bnlab.terminal.printing import complain, console, print_whatever_the_encoding, say, visible, warn
from bnlab.terminal.progress import all_succeed, table_of

LOOK = 0.2  # seconds between two looks at the parts of `bnlab up`
INTERRUPTED = 130  # exit code, as a shell has it after Ctrl-C

app = typer.Typer(
    help="Trains networks over HTTP and shows what batch normalization does inside them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
data_app = typer.Typer(help="Datasets in the data folder.", no_args_is_help=True)
app.add_typer(data_app, name="data")
app.add_typer(experiments.app, name="experiment")

DataFolder = Annotated[
    Path | None, typer.Option("--data", help="The folder of everything that is kept; else BNLAB_DATA, else ./data.")
]


def main() -> None:
    """Run the command line; what went wrong on purpose is one message on stderr."""
    print_whatever_the_encoding()
    try:
        app()
    except ApiError as error:
        complain(visible(str(error)))
        sys.exit(1)
    except BnlabError as error:
        complain(str(error))
        sys.exit(1)
    except BrokenPipeError:  # whoever read our output has seen enough
        sys.stderr.close()
        sys.exit(1)


@app.command()
def up(
    host: Annotated[str | None, typer.Option(help="The address to listen on; else BNLAB_HOST, else 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Its port, 0 for any; else BNLAB_PORT, else 8000.", min=0)] = None,
    data: DataFolder = None,
    workers: Annotated[
        int | None, typer.Option(help="How many jobs train at a time; else BNLAB_SLOTS, else 1.", min=1)
    ] = None,
) -> None:
    """Start broker, API and worker in this terminal; Ctrl-C ends them all and loses nothing."""
    settings = read_settings(host=host, port=port, data=data, slots=workers)
    try:
        with interruptible(), running(settings, say) as stack:
            say(f"bnlab is up at {stack.client.url}, its data in {settings.data.resolve()}\n")
            say(f"  {curl_line(stack.client.url, '/jobs', body=stack.example, token=stack.token)}")
            say(f"  {curl_line(stack.client.url, '/jobs/ID/metrics', token=stack.token)}")
            say(f"\nWhat it takes: {stack.client.url}/docs. Ctrl-C ends it; jobs go on at the next start.")
            _watch_over(stack)
    except KeyboardInterrupt:
        say("bnlab has ended.")


@app.command()
def submit(
    document: Annotated[str, typer.Argument(help="A job document: a file, '-' for stdin, or JSON itself.")] = "{}",
    watch: Annotated[bool, typer.Option(help="Follow it until it has ended.")] = False,
) -> None:
    """Queue a job and print its id; without a document, the paper's network on MNIST without batch normalization."""
    with Client() as client:
        job = client.submit(read_document(document))
        say(visible(job["id"]))
        for warning in job["warnings"]:
            warn(warning)
        if watch and not all_succeed(client, [job["id"]], console):
            sys.exit(1)


@app.command("watch")
def watch_jobs(job_ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Jobs' ids.")]) -> None:
    """Follow jobs live until they have ended; fails where one did not succeed."""
    with Client() as client:
        if not all_succeed(client, job_ids, console):
            sys.exit(1)


@app.command()
def jobs(
    status: Annotated[
        str | None, typer.Option(help="Only queued, running, paused, succeeded, failed or cancelled.")
    ] = None,
    limit: Annotated[int, typer.Option(help="The most jobs to show.", min=1)] = 20,
) -> None:
    """List jobs, newest first."""
    with Client() as client:
        console.print(table_of(client.jobs(status=status, limit=limit)))


app.command()(recorded.metrics)
app.command()(recorded.verify)


@app.command()
def compare(
    ids: Annotated[list[str], typer.Argument(metavar="ID...", help="Ids of jobs, and of experiments.")],
    figure: Annotated[Path | None, typer.Option(help="Draw their curves into this file, .svg, .png or .pdf.")] = None,
    series: Annotated[
        list[str] | None,
        typer.Option(help="What to compare, such as train.loss or rank.hidden3.rank; may be given several times."),
    ] = None,
) -> None:
    """Show jobs, and an experiment's variants, side by side: what differs in them, and what came of each."""
    with Client() as client:
        comparison.run(client, ids, figure, console, series or ())


@app.command()
def cancel(job_id: JobId) -> None:
    """Cancel a queued job, or stop a running one."""
    with Client() as client:
        client.cancel(job_id)
        say(visible(f"{job_id} {client.wait(job_id)['status']}"))


@app.command()
def pause(job_id: JobId) -> None:
    """Take a job out of the queue; a running one leaves its worker at a checkpoint."""
    with Client() as client:
        _say_status(client.pause(job_id))


@app.command()
def resume(job_id: JobId) -> None:
    """Queue a paused job again: it goes on at its checkpoint."""
    with Client() as client:
        _say_status(client.resume(job_id))


@app.command()
def retry(
    job_id: JobId,
    from_scratch: Annotated[bool, typer.Option(help="Begin at the first step, not at the last checkpoint.")] = False,
) -> None:
    """Queue a job that failed or was cancelled as a new one, and print its id."""
    with Client() as client:
        say(visible(client.retry(job_id, from_scratch=from_scratch)["id"]))


@app.command()
def delete(job_id: JobId) -> None:
    """Delete a job that has ended, with everything that it recorded."""
    with Client() as client:
        client.delete(job_id)
        say(f"{job_id} deleted")


@app.command()
def demo(
    steps: Annotated[int, typer.Option(help="Of each job; 50000 is the paper's length.", min=1)] = 10_000,
    seeds: Annotated[int, typer.Option(help="How often each network is trained.", min=1)] = 3,
    folder: Annotated[Path, typer.Option(help="Where its data, figure and summary go.")] = Path("demo"),
) -> None:
    """Run the paper's experiment on MNIST, with and without batch normalization, and draw its figure 1."""
    try:
        with interruptible():
            paper_demo.run(read_settings(), folder, steps, seeds, console)
    except KeyboardInterrupt:
        say("The demo was interrupted; its jobs wait in the data folder for the next start.")
        sys.exit(INTERRUPTED)


@app.command()
def claims(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which; all where none is named.")
    ] = None,
    folder: Annotated[Path, typer.Option(help="Where the report and its figures go.")] = Path("docs"),
    data: Annotated[Path, typer.Option(help="Where its own server keeps its data.")] = Path("demo/data"),
    workers: Annotated[int, typer.Option(help="How many jobs its own server trains at a time.", min=1)] = 2,
) -> None:
    """Run the paper's claims as experiments, judge them by a rule, and write the report."""
    try:
        with interruptible():
            paper_claims.run(read_settings(data=data, slots=workers), names or [], folder, console)
    except KeyboardInterrupt:
        say("The claims were interrupted; their jobs wait in the data folder for the next start.")
        sys.exit(INTERRUPTED)


@data_app.command()
def fetch(
    name: Annotated[str, typer.Argument(help="mnist, for one.")],
    data: DataFolder = None,
) -> None:
    """Put a dataset into the data folder; every byte of it is checked."""
    require_installed(["numpy"])
    sys.exit(programs.run(programs.fetch(name), read_settings(data=data)).returncode)


def _say_status(job: Job) -> None:
    say(visible(f"{job['id']} {job['requested'] or job['status']}"))


def _watch_over(stack: Stack) -> None:
    while True:
        stack.check()
        time.sleep(LOOK)
