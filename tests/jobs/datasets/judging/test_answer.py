"""A child may write whatever it likes: its parent believes what agrees with the rest."""

import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from jobs.datasets.judging import answer
from jobs.datasets.judging.answer import Answer, Nonsense, answer_in, names_of
from jobs.datasets.judging.found import Found
from jobs.errors import Fault
from tests.support.judging import judged
from tests.support.uploads import small_csv, small_npz

TOLD = "answer.json"


def left(folder: Path, content: bytes = b"") -> Found:
    """What an honest child leaves in the folder."""
    found = judged(content or small_npz(), folder, test=0.5).found
    (folder / TOLD).write_text(Answer(7, found).to_json())
    return found


def nonsense(folder: Path) -> str:
    with pytest.raises(Nonsense) as caught:
        answer_in(folder)
    return str(caught.value)


@pytest.mark.parametrize("content", [small_npz(), small_csv()])
def test_what_agrees_is_believed(content: bytes, tmp_path: Path) -> None:
    found = left(tmp_path, content)
    assert answer_in(tmp_path) == Answer(7, found)
    assert {path.name for path in tmp_path.iterdir()} == {*names_of(found), TOLD}


def test_faults_are_bounded_whoever_tells_them(tmp_path: Path) -> None:
    (tmp_path / TOLD).write_text(Answer(7, None, (Fault("a\x1b", "b" * 9_999),)).to_json())
    (fault,) = answer_in(tmp_path).faults
    assert (fault.member, len(fault.message)) == (r"a\x1b", 500)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "null",
        "{}",
        '{"landlock": 7, "found": null, "faults": []}',
        '{"landlock": "7", "found": null, "faults": []}',
    ],
)
def test_an_answer_that_is_none_is_nonsense(text: str, tmp_path: Path) -> None:
    (tmp_path / TOLD).write_text(text)
    assert nonsense(tmp_path).startswith(TOLD)


def test_no_answer_is_nonsense(tmp_path: Path) -> None:
    assert nonsense(tmp_path) == "answer.json: No such file or directory"


def test_an_answer_of_both_or_of_too_many_faults_is_nonsense(tmp_path: Path) -> None:
    found = left(tmp_path)
    faults = (Fault(None, "bad"),)
    for each in (Answer(7, found, faults), Answer(7, None, faults * 22)):
        (tmp_path / TOLD).write_text(each.to_json())
        assert "neither findings nor faults, or both, or too many" in nonsense(tmp_path)


def test_an_answer_that_is_too_large_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    left(tmp_path)
    monkeypatch.setattr(answer, "MAX_ANSWER", 100)
    assert nonsense(tmp_path) == "answer.json is no regular file of at most 100 bytes"


def test_facts_that_contradict_each_other_are_nonsense(tmp_path: Path) -> None:
    found = left(tmp_path)
    (tmp_path / TOLD).write_text(Answer(7, replace(found, mean=())).to_json())
    assert "it is not so that each channel or feature has its mean and sd" in nonsense(tmp_path)


def linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to(path.with_name("elsewhere"))


def linked_hard(path: Path) -> None:
    os.link(path, path.with_name("elsewhere"))


def piped(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-1])


def reshaped(path: Path) -> None:
    np.save(path, np.load(path)[np.newaxis])


def retyped(path: Path) -> None:
    np.save(path, np.load(path).astype(np.int32))


def pickled(path: Path) -> None:
    np.save(path, np.array([{}], dtype=object), allow_pickle=True)


DEEDS = [linked, linked_hard, piped, cut, reshaped, retyped, pickled, Path.unlink]


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("name", ["train_images.npy", "test_labels.npy"])
def test_files_that_are_not_what_the_answer_says_are_nonsense(
    name: str, deed: Callable[[Path], None], tmp_path: Path
) -> None:
    left(tmp_path)
    deed(tmp_path / name)
    assert nonsense(tmp_path).startswith(name)


@pytest.mark.parametrize("deed", [linked, linked_hard, piped, Path.unlink])
def test_an_answer_or_a_sheet_that_is_no_file_of_its_own_is_nonsense(
    deed: Callable[[Path], None], tmp_path: Path
) -> None:
    for name in ("sheet.png", TOLD):
        folder = tmp_path / name
        folder.mkdir()
        left(folder)
        deed(folder / name)
        assert nonsense(folder).startswith(name)


def test_a_sheet_that_is_no_png_is_nonsense(tmp_path: Path) -> None:
    left(tmp_path)
    (tmp_path / "sheet.png").write_bytes(b"<svg onload='alert(1)'/>")
    assert nonsense(tmp_path) == "sheet.png is no PNG"
