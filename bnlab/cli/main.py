"""The command line: each command is a thin shell over the client, the stack or the demo."""

import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Annotated

import typer

from bnlab.cli import (
    comparison,
    data,
    experiments,
    inside,
    jobs,
    listing,
    logs,
    mistakes,
    models,
    pages,
    predict,
    recorded,
    service,
    status,
    storage,
    verbs,
)
from bnlab.cli.ids import any_id_of
from bnlab.cli.options import AsJson, RootUrl, Url, tell
from bnlab.errors import BnlabError
from bnlab.sdk.client import Client
from bnlab.terminal.printing import complain, console, give_up_printing, print_whatever_the_encoding, say

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
data_app = typer.Typer(help="Datasets: your own, and those that every server has.", no_args_is_help=True)


def main() -> None:
    """Run the command line; what went wrong on purpose is one message on stderr."""
    print_whatever_the_encoding()
    try:
        _run()
    except BnlabError as error:
        tell(error)
        sys.exit(1)
    except BrokenPipeError:  # whoever read our output has seen enough
        give_up_printing()
        sys.exit(1)
    except OSError as error:  # of a file that was named, or of what is printed, as on a full disk
        give_up_printing()
        complain(f"{error.filename or 'what is printed'}: {error.strerror}")
        sys.exit(1)


def _run() -> None:
    """The command, and what it printed out: else a full disk would show itself behind our back."""
    try:
        app()
    finally:
        sys.stdout.flush()


def _print_version(asked: bool) -> None:
    if asked:
        say(f"bnlab {_version()}")
        raise typer.Exit


def _version() -> str:
    try:
        return version("bnlab")
    except PackageNotFoundError:
        return "of a checkout that is not installed"


@app.callback()
def root(
    url: RootUrl = None,
    shown: Annotated[
        bool, typer.Option("--version", help="Show the version and end.", callback=_print_version, is_eager=True)
    ] = False,
) -> None:
    """Trains networks over HTTP and shows what batch normalization does inside them."""


def compare(
    ids: Annotated[list[str], typer.Argument(metavar="ID", help="Ids of jobs, and of experiments.")],
    figure: Annotated[Path | None, typer.Option(help="Draw their curves into this file, .svg, .png or .pdf.")] = None,
    series: Annotated[
        list[str] | None,
        typer.Option(help="What to compare, such as train.loss or rank.hidden3.rank; may be given several times."),
    ] = None,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Show jobs, and an experiment's variants, side by side: what differs in them, and what came of each."""
    comparison.require_drawable(figure)
    with Client(url) as client:
        wanted = [any_id_of(client, typed) for typed in ids]
        comparison.run(client, wanted, figure, console, series or (), as_json=as_json)


PANELS: dict[str, dict[str, Callable[..., None]]] = {
    "Start": {"up": service.up, "open": pages.open_pages, "status": status.status},
    "Train": {
        "submit": jobs.submit,
        "validate": jobs.validate,
        "watch": jobs.watch,
        "jobs": listing.list_jobs,
        "label": listing.relabel,
        "show": jobs.show,
        "logs": logs.logs,
    },
    "See what was recorded": {
        "layers": inside.layers,
        "metrics": recorded.metrics,
        "diagnostics": recorded.diagnostics,
        "compare": compare,
        "verify": recorded.verify,
    },
    "Use the trained network": {"model": models.model, "predict": predict.predict, "mistakes": mistakes.mistakes},
    "Change what becomes of jobs": {
        "cancel": verbs.cancel,
        "pause": verbs.pause,
        "resume": verbs.resume,
        "retry": verbs.retry,
        "delete": verbs.delete,
    },
    "Keep house": {"storage": storage.storage, "backup": storage.backup},
    "The paper": {"demo": service.demo, "claims": service.claims},
}
"""By panel of `bnlab --help`, every command but those of `experiment` and `data`, as a newcomer needs them."""

DATA: dict[str, Callable[..., None]] = {
    "add": data.add,
    "check": data.check,
    "list": data.list_datasets,
    "show": data.show,
    "delete": data.delete,
    "fetch": service.fetch,
}
"""The commands of `bnlab data`."""

for panel, commands in PANELS.items():
    for name, command in commands.items():
        app.command(name, rich_help_panel=panel)(command)
for name, command in DATA.items():
    data_app.command(name)(command)
app.add_typer(experiments.app, name="experiment", rich_help_panel="Many at once")
app.add_typer(data_app, name="data", rich_help_panel="Start")
