"""A folder becomes one file, the same whenever its files were written."""

import os
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

from bnlab.local.folders import as_file


def test_a_file_is_itself(tmp_path: Path) -> None:
    (tmp_path / "own.npz").write_bytes(b"arrays")
    with as_file(tmp_path / "own.npz") as file:
        assert file == tmp_path / "own.npz"


def test_a_folder_is_a_zip_of_its_files_whenever_they_were_written(tmp_path: Path) -> None:
    contents = {"cat/1.png": b"a cat", "dog/2.png": b"a dog"}
    made = []
    for time in (0, 2e9):  # the former is before a zip's times begin
        for name, content in contents.items():
            (tmp_path / name).parent.mkdir(exist_ok=True)
            (tmp_path / name).write_bytes(content)
            os.utime(tmp_path / name, (time, time))
        with as_file(tmp_path) as file:
            made.append(file.read_bytes())
            with ZipFile(file) as archive:
                assert {info.filename: archive.read(info) for info in archive.infolist()} == contents
                assert {info.compress_type for info in archive.infolist()} == {ZIP_STORED}
        assert not file.exists()
    assert made[0] == made[1]


def test_a_name_that_is_no_text_is_one_with_other_characters(tmp_path: Path) -> None:
    (tmp_path / os.fsdecode(b"caf\xe9.png")).write_bytes(b"a picture")
    with as_file(tmp_path) as file, ZipFile(file) as archive:
        assert archive.namelist() == ["caf\ufffd.png"]
