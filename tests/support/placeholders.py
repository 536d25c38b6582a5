"""Files that look like a dataset's to whoever does not read them."""

from pathlib import Path

from jobs.datasets.files import FILES, folder_of


def put_files(data_folder: Path, name: str = "mnist") -> None:
    """Put files of the right names and sizes into a data folder; they take no room."""
    folder = folder_of(name, data_folder)
    folder.mkdir(parents=True)
    for file in FILES[name]:
        with (folder / file.name).open("wb") as empty:
            empty.truncate(file.size)
