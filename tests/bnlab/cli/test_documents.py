"""Documents as they are named on the command line."""

import io
import os
import sys
from pathlib import Path

import pytest

from bnlab.cli.documents import read_document
from bnlab.errors import CannotRun


def test_what_begins_like_json_is_the_document_itself() -> None:
    assert read_document(' {"name": "é"}') == ' {"name": "é"}'.encode()


def test_bytes_that_the_terminals_encoding_has_not_are_as_they_were_typed() -> None:
    typed = b'{"name": "' + b"\xfc" + b'"}'
    assert read_document(os.fsdecode(typed)) == typed


def test_anything_else_is_a_file_that_is_read_to_the_byte(tmp_path: Path) -> None:
    (tmp_path / "job.json").write_bytes(b"\xef\xbb\xbf{}")
    assert read_document(str(tmp_path / "job.json")) == b"\xef\xbb\xbf{}"
    with pytest.raises(CannotRun, match=r"cannot read the document 'none\.json': No such file or directory"):
        read_document("none.json")


def test_a_dash_is_what_comes_on_stdin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff{}")))
    assert read_document("-") == b"\xff{}"
