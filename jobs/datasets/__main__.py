"""`python -m jobs.datasets`: puts a dataset into the data folder, draws examples of one, or says what is in a file."""

import argparse
import signal
import sys
import tempfile
from io import TextIOWrapper
from pathlib import Path

from jobs.datasets.catalogue import CATALOGUE, named
from jobs.datasets.fetching.fetch import fetch
from jobs.datasets.files import folder_of
from jobs.datasets.judging.options import Options
from jobs.datasets.judging.sandbox import judge
from jobs.datasets.judging.told import as_text, faults_as_text
from jobs.errors import BnlabError, DatasetRefused
from jobs.settings import settings_or_exit


def main() -> int:
    """The exit code: 0 if the dataset is there, or can be; 1 if not, with the reasons on stderr."""
    parser = argparse.ArgumentParser(prog="python -m jobs.datasets", description="Datasets in the data folder.")
    commands = parser.add_subparsers(required=True, metavar="fetch | sheet | check")
    fetching = commands.add_parser("fetch", help="put a dataset there")
    fetching.set_defaults(run=_fetch)
    drawing = commands.add_parser("sheet", help="print examples of its images by class, as a PNG")
    drawing.set_defaults(run=_draw)
    for of_one in (fetching, drawing):
        of_one.add_argument("name", help=f"one of: {', '.join(CATALOGUE)}")
        of_one.add_argument("--data", type=Path, help="the data folder (default: BNLAB_DATA, else ./data)")
    checking = commands.add_parser("check", help="say what is in a file, or everything that is wrong with it")
    checking.add_argument("file", type=Path, help="npz, a zip of class folders, of IDX or of Parquet, Parquet, or CSV")
    checking.add_argument("--test", type=float, help="the share to test with, where the file has no test part")
    checking.add_argument("--size", type=int, help="scale images to so many pixels a side")
    checking.add_argument("--seed", type=int, default=0, help="by which examples to test with are drawn (default: 0)")
    checking.add_argument("--json", action="store_true", help="print JSON")
    checking.set_defaults(run=_check)
    if isinstance(sys.stdout, TextIOWrapper):  # a folder's name may have what a terminal's encoding has not
        sys.stdout.reconfigure(errors="replace")
    arguments = parser.parse_args()
    signal.signal(signal.SIGTERM, _leave)
    try:
        arguments.run(arguments)
    except DatasetRefused as refused:
        print(faults_as_text(refused), file=sys.stderr)
        return 1
    except BnlabError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _fetch(arguments: argparse.Namespace) -> None:
    data_folder = settings_or_exit(data=arguments.data).data
    fetch(arguments.name, data_folder)
    made = f"{arguments.name} is made when it is used: there is nothing to fetch"
    here = f"{arguments.name} is in {folder_of(arguments.name, data_folder)}"
    print(here if named(arguments.name).fetched else made)


def _draw(arguments: argparse.Namespace) -> None:
    from jobs.datasets.drawing import sheet_of  # whose library of images nothing else here loads

    sys.stdout.buffer.write(sheet_of(arguments.name, settings_or_exit(data=arguments.data).data))


def _check(arguments: argparse.Namespace) -> None:
    try:
        options = Options(arguments.test, arguments.size, arguments.seed)
        arguments.file.open("rb").close()
    except (OSError, ValueError) as error:
        sys.exit(f"cannot check '{arguments.file}': {error}")
    with tempfile.TemporaryDirectory(prefix="bnlab-check-") as folder:
        found = judge(arguments.file, options, Path(folder))
    print(found.to_json() if arguments.json else as_text(found))


def _leave(_signal: int, _frame: object) -> None:
    # As an exception, so that temporary folders go and neither pip nor a judge is left running.
    sys.exit(128 + signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
