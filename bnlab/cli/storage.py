"""The commands of who looks after a server: what takes how much room, and a copy of everything."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from bnlab.cli.options import AsJson, Url, print_json
from bnlab.cli.service import DataFolder
from bnlab.local import programs
from bnlab.local.preconditions import require_installed
from bnlab.sdk.client import Client
from bnlab.settings import read_settings
from bnlab.terminal.printing import say
from bnlab.terminal.storage import lines_of


def storage(as_json: AsJson = False, url: Url = None) -> None:
    """Show what takes how much room, the largest jobs, how much is free, and how long jobs are kept."""
    with Client(url) as client:
        found = client.storage()
    if as_json:
        print_json(found)
    else:
        say("\n".join(lines_of(found)))


def backup(
    target: Annotated[Path, typer.Argument(help="The folder that the copy goes to: a new one, or an earlier backup.")],
    data: DataFolder = None,
) -> None:
    """Copy a data folder of this machine while its server goes on; every byte of the copy is checked."""
    require_installed(["sqlalchemy"])
    sys.exit(programs.run(programs.backup(target), read_settings(data=data)).returncode)
