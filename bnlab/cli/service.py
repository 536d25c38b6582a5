"""The commands that run something on this machine: the service itself, the paper's experiments, fetching data."""

import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from bnlab.claims import claims as paper_claims
from bnlab.claims import demo as paper_demo
from bnlab.local import programs
from bnlab.local.children import interruptible
from bnlab.local.preconditions import require_installed
from bnlab.local.slots import with_slots
from bnlab.local.stack import Stack, curl_line, export_line, running
from bnlab.settings import read_settings
from bnlab.terminal.printing import console, say

LOOK = 0.2  # seconds between two looks at the parts of `bnlab up`
SIGNS_IN = "\nThis signs one browser in, within 10 minutes; 'bnlab open' gives another address."
INTERRUPTED = 130  # exit code, as a shell has it after Ctrl-C

DataFolder = Annotated[
    Path | None, typer.Option("--data", help="The folder of everything that is kept; else BNLAB_DATA, else ./data.")
]


def up(
    host: Annotated[str | None, typer.Option(help="The address to listen on; else BNLAB_HOST, else 127.0.0.1.")] = None,
    port: Annotated[int | None, typer.Option(help="Its port, 0 for any; else BNLAB_PORT, else 8000.", min=0)] = None,
    data: DataFolder = None,
    workers: Annotated[
        int | None,
        typer.Option(help="How many jobs train at a time; else BNLAB_SLOTS, else one a GPU, or a core.", min=1),
    ] = None,
) -> None:
    """Start broker, API and worker in this terminal; Ctrl-C ends them all and loses nothing."""
    settings, slots = with_slots(read_settings(host=host, port=port, data=data, slots=workers))
    try:
        with interruptible(), running(settings, say) as stack:
            say(f"bnlab is up at {stack.client.url}, its data in {settings.data.resolve()}")
            say(f"It trains {slots}.\n")
            pages = stack.client.pages_url()
            say(f"Its pages: {pages}{SIGNS_IN if '#' in pages else ''}\n")
            say(f"  {curl_line(stack.client.url, '/jobs', body=stack.example, token=stack.token)}")
            say(f"  {curl_line(stack.client.url, '/jobs/ID/metrics?points=10', token=stack.token)}")
            if line := export_line(stack.client.url, stack.token):
                say(f"\nThe client finds it in another terminal after:\n\n  {line}")
            say(f"\nWhat it takes: {stack.client.url}/docs. Ctrl-C ends it; jobs go on at the next start.")
            _watch_over(stack)
    except KeyboardInterrupt:
        say("bnlab has ended.")


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


def claims(
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME]...", help="Which; all where none is named.")
    ] = None,
    quick: Annotated[
        bool, typer.Option("--quick", help="Three seeds at one learning rate: a look, from which nothing follows.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option(help="Where the report and its figures go; else docs, and demo/quick of --quick.")
    ] = None,
    data: Annotated[Path, typer.Option(help="Where its own server keeps its data.")] = Path("demo/data"),
    workers: Annotated[
        int | None, typer.Option(help="How many jobs its own server trains at a time; else as many as `up`.", min=1)
    ] = None,
) -> None:
    """Run the paper's claims as experiments, judge them by a rule, and write the report."""
    where = folder or Path("demo/quick" if quick else "docs")
    asked = paper_claims.Asked(names or [], where, quick)
    try:
        with interruptible():
            paper_claims.run(with_slots(read_settings(data=data, slots=workers))[0], asked, console)
    except KeyboardInterrupt:
        say(f"The claims were interrupted; what they have found so far is in {where}.")
        sys.exit(INTERRUPTED)


def fetch(
    name: Annotated[str, typer.Argument(help="mnist, for one.")],
    data: DataFolder = None,
) -> None:
    """Put a dataset into the data folder; every byte of it is checked."""
    require_installed(["numpy"])
    sys.exit(programs.run(programs.fetch(name), read_settings(data=data)).returncode)


def _watch_over(stack: Stack) -> None:
    while True:
        stack.check()
        time.sleep(LOOK)
