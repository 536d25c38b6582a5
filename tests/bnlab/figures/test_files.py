"""Files that figures become."""

from pathlib import Path

import pytest

from bnlab.errors import CannotRun
from bnlab.figures.files import suffix_of, write


@pytest.mark.parametrize("name", ["figure", "figure.jpg", "figure.svg.txt", ".png", "svg"])
def test_a_name_without_a_format_is_refused_with_those_that_there_are(name: str) -> None:
    with pytest.raises(CannotRun, match=r"end its name in \.svg or \.png or \.pdf"):
        suffix_of(Path(name))


def test_the_format_is_the_suffix_in_either_case() -> None:
    assert [suffix_of(Path(name)) for name in ("a.svg", "a.PNG", "a.b.pdf")] == [".svg", ".png", ".pdf"]


def test_what_cannot_be_written_is_one_message(tmp_path: Path) -> None:
    (tmp_path / "folder.png").mkdir()
    (tmp_path / "full.png").symlink_to("/dev/full")
    for name, reason in {"no/x.png": "No such file", "folder.png": "Is a directory", "full.png": "No space"}.items():
        with pytest.raises(CannotRun, match=rf"cannot write .*{name}: {reason}"):
            write(b"drawn", tmp_path / name)
