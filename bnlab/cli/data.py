"""`bnlab data`: people's own datasets, which are checked here, uploaded to a server, looked at and deleted."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bnlab.cli.options import AsJson, Url, fail_unless, for_each, print_found, print_json
from bnlab.errors import ApiError
from bnlab.local import programs
from bnlab.local.folders import as_file
from bnlab.local.preconditions import require_installed
from bnlab.sdk.client import Client
from bnlab.settings import read_settings
from bnlab.terminal.datasets import classes_of, facts_of, table_of
from bnlab.terminal.printing import aside, complain, console, visible
from bnlab.terminal.sending import sending

REFUSED = "dataset_refused"

File = Annotated[
    Path, typer.Argument(help="An .npz, a zip of class folders or such a folder, Parquet, or CSV with a label column.")
]
Names = Annotated[list[str], typer.Argument(metavar="NAME", help="What datasets are called.")]
Test = Annotated[
    float | None, typer.Option(help="The share of each class that is held out to test, where there is no test part.")
]
Size = Annotated[int | None, typer.Option(help="Scale images to so many pixels a side.")]
Seed = Annotated[int, typer.Option(help="By which the test part is drawn.")]


def add(
    file: File,
    name: Annotated[str, typer.Option(help="What it is called from now on.")],
    test: Test = None,
    size: Size = None,
    seed: Seed = 0,
    as_json: AsJson = False,
    url: Url = None,
) -> None:
    """Upload a dataset and show what was found in it; or everything that is wrong with it, and fail."""
    with Client(url) as client, as_file(file) as whole:
        try:
            with sending(aside) as progress:
                found = client.upload_dataset(name, whole, test=test, size=size, seed=seed, progress=progress)
        except ApiError as error:
            if error.code != REFUSED:
                raise
            for fault in error.errors:
                complain(visible(": ".join(filter(None, (fault.get("member"), fault["message"])))))
            sys.exit(1)
    if as_json:
        print_json(found)
    else:
        console.print(facts_of(found), classes_of(found))


def check(file: File, test: Test = None, size: Size = None, seed: Seed = 0, as_json: AsJson = False) -> None:
    """Say what a server would find in a file, or everything that is wrong with it; nothing is sent anywhere."""
    require_installed(["numpy", "pyarrow", "PIL"])
    with as_file(file) as whole:
        program = programs.check(whole, test=test, size=size, seed=seed, as_json=as_json)
        sys.exit(programs.run(program, read_settings()).returncode)


def list_datasets(as_json: AsJson = False, url: Url = None) -> None:
    """List the datasets that every server has, and those that were uploaded."""
    with Client(url) as client:
        found = client.datasets()
    if as_json:
        print_json(found)
    else:
        console.print(table_of(found))


def show(names: Names, as_json: AsJson = False, url: Url = None) -> None:
    """Show what is known of datasets: their classes, how many examples these have, and what to look at again."""
    with Client(url) as client:

        def tell(name: str) -> None:
            found = client.dataset(name)
            if as_json:
                print_json(found)
            else:
                console.print(facts_of(found), classes_of(found))

        fail_unless(for_each(names, tell))


def delete(names: Names, as_json: AsJson = False, url: Url = None) -> None:
    """Delete uploaded datasets, unless jobs train on them that have not ended."""
    with Client(url) as client:

        def remove(name: str) -> None:
            client.delete_dataset(name)
            print_found({"name": name, "status": "deleted"}, f"{name} deleted", as_json=as_json)

        fail_unless(for_each(names, remove))
