"""`python -m jobs.datasets fetch NAME [--data DIR]`: put a dataset into the data folder."""

import argparse
import signal
import sys
from io import TextIOWrapper
from pathlib import Path

from jobs.datasets.catalogue import CATALOGUE, named
from jobs.datasets.fetching.fetch import fetch
from jobs.datasets.files import folder_of
from jobs.errors import BnlabError
from jobs.settings import settings_or_exit


def main() -> int:
    """The exit code: 0 if the dataset is there, 1 if not, with the reason on stderr."""
    parser = argparse.ArgumentParser(prog="python -m jobs.datasets", description="Datasets in the data folder.")
    fetching = parser.add_subparsers(required=True, metavar="fetch").add_parser("fetch", help="put a dataset there")
    fetching.add_argument("name", help=f"one of: {', '.join(CATALOGUE)}")
    fetching.add_argument("--data", type=Path, help="the data folder (default: BNLAB_DATA, else ./data)")
    if isinstance(sys.stdout, TextIOWrapper):  # a folder's name may have what a terminal's encoding has not
        sys.stdout.reconfigure(errors="replace")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _leave)
    data_folder = settings_or_exit(data=arguments.data).data
    try:
        fetch(arguments.name, data_folder)
    except BnlabError as error:
        print(error, file=sys.stderr)
        return 1
    made = f"{arguments.name} is made when it is used: there is nothing to fetch"
    here = f"{arguments.name} is in {folder_of(arguments.name, data_folder)}"
    print(here if named(arguments.name).fetched else made)
    return 0


def _leave(_signal: int, _frame: object) -> None:
    # As an exception, so that temporary folders go and pip is not left running.
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
