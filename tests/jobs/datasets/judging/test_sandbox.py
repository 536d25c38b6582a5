"""What the parent gives the child that judges, and what it makes of the child's end, whatever that is."""

import io
import json
import logging
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from jobs.datasets.judging import sandbox
from jobs.datasets.judging.judge import examine
from jobs.datasets.judging.limits import BOUNDS, MIB, Bounds
from jobs.datasets.judging.options import Options
from jobs.datasets.judging.outputs import FULL
from jobs.datasets.judging.sandbox import ENVIRONMENT, judge, num_anonymous, run
from jobs.errors import DataFolderUnusable, DatasetRefused
from tests.support.disk import disk_of
from tests.support.processes import is_running
from tests.support.uploads import encoded, noise, npz, small_npz, zipped
from tests.support.workers import until

PLAIN = Options()
PROBE = """
import json, os
descriptors = {int(name): os.readlink(f"/proc/self/fd/{name}") for name in os.listdir("/proc/self/fd")[:-1]}
told = json.dumps([descriptors, dict(os.environ), os.listdir(".")])
open("told", "w").write(told)
"""
A_GRANDCHILD = """
import os, time
if os.fork():
    os._exit(5)
print(os.getpid(), file=open("../../grandchild", "w"), flush=True)
time.sleep(3600)
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "folder"
    folder.mkdir()
    return folder


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    file.write_bytes(small_npz())
    return file


def refusal(file: Path, folder: Path, options: Options = PLAIN, bounds: Bounds = BOUNDS) -> str:
    with pytest.raises(DatasetRefused) as caught:
        judge(file, options, folder, bounds)
    assert list(folder.iterdir()) == []
    return str(caught.value)


def test_a_child_finds_and_writes_what_this_process_would(file: Path, folder: Path, tmp_path: Path) -> None:
    here = tmp_path / "here"
    here.mkdir()
    options = Options(size=4)
    assert judge(file, options, folder) == examine(io.BytesIO(file.read_bytes()), options, here)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        path.name: path.read_bytes() for path in here.iterdir()
    }


def test_a_file_that_is_refused_leaves_nothing(file: Path, folder: Path) -> None:
    file.write_bytes(small_npz(y_train=np.array([0, 1, 2, 4] * 2), x_test=noise(4, 2, 2)))
    assert refusal(file, folder) == (
        "x_test.npy: has examples of uint8 [1, 2, 2], and the training part of uint8 [1, 6, 6]; "
        "labels have gaps: they reach 4, and none is 3: number them from 0"
    )


def test_a_file_that_is_not_there_is_no_refusal(folder: Path) -> None:
    with pytest.raises(FileNotFoundError):
        judge(folder / "absent", Options(), folder)
    assert list(folder.iterdir()) == []


def test_the_child_has_the_file_and_nothing_else(file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BNLAB_TOKEN", "secret")
    with open(os.devnull) as one, os.fdopen(os.dup(one.fileno())) as other:
        os.set_inheritable(other.fileno(), True)
        assert run((sys.executable, "-I", "-c", PROBE), file, folder, BOUNDS).status == 0
    descriptors, environment, names = json.loads((folder / "told").read_text())
    assert descriptors == {"0": str(file), "1": os.devnull, "2": str(folder / "errors")}
    assert {name: environment[name] for name in environment if name != "LC_CTYPE"} == ENVIRONMENT  # Python's own
    assert names == ["errors"]


def test_a_child_that_takes_too_much_memory_is_ended(file: Path, folder: Path) -> None:
    assert refusal(file, folder, bounds=Bounds(anonymous=MIB)) == "judging the file takes more than 1 MiB of memory"


def test_a_child_that_takes_too_long_is_ended(file: Path, folder: Path) -> None:
    assert refusal(file, folder, bounds=Bounds(seconds=0)) == "judging the file takes longer than 0 seconds"


def test_a_child_that_computes_too_long_is_ended(file: Path, folder: Path) -> None:
    large = encoded(np.zeros((4096, 4096), np.uint8), compress_level=1)
    file.write_bytes(zipped({f"{number % 2}/{number}.png": large for number in range(60)}, method=0))
    told = refusal(file, folder, Options(test=0.2, size=8), Bounds(processor=1))
    assert told == "judging the file takes more than 1 seconds of computing"


FAILED = "the file is damaged, or made to do harm: the process that judges it failed at it"


@pytest.mark.parametrize(
    ("program", "logged"),
    [
        ("import os; os.abort()", "it ended with status -6"),
        ("import sys; sys.exit('red \\x1b[31m text')", r"it ended with status 1: red \x1b[31m text"),
        ("print(1 / 0)", "ZeroDivisionError"),
        ("pass", "answer.json: No such file or directory"),
        ("open('answer.json', 'w').write('[' * 100_000)", "answer.json: "),
        ("import os; os.mkdir('answer.json'); os.mkdir('train_images.npy')", "answer.json is no regular file"),
        ("import os; os.remove('errors'); os.symlink('/etc/passwd', 'errors'); 1 / 0", "ZeroDivisionError"),
        ("import os; os.symlink('/etc/passwd', 'answer.json')", "answer.json: Too many levels of symbolic links"),
    ],
)
def test_a_child_that_fails_is_a_refusal_and_a_line_in_the_log(
    program: str,
    logged: str,
    file: Path,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    monkeypatch.setattr(sandbox, "BEGIN", program)
    assert refusal(file, folder) == FAILED
    assert logged in caplog.text
    assert "\x1b" not in caplog.text


def test_what_a_child_has_started_ends_with_it(
    file: Path, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "grandchild").touch()
    monkeypatch.setattr(sandbox, "BEGIN", A_GRANDCHILD)
    assert refusal(file, folder) == FAILED
    started = [int(word) for word in (tmp_path / "grandchild").read_text().split()]
    until(lambda: not any(map(is_running, started)))


def test_a_full_disk_is_not_the_files_fault(file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sandbox, "BEGIN", f"import sys; sys.exit({FULL})")
    with pytest.raises(DataFolderUnusable, match="the disk is full; make room on it"):
        judge(file, Options(), folder)
    assert list(folder.iterdir()) == []


def test_a_disk_that_fills_while_a_file_is_decoded_is_told_as_that(file: Path, tmp_path: Path) -> None:
    file.write_bytes(npz(x_train=np.zeros((64, 256, 256), np.uint8) + noise(256, 256), y_train=np.arange(64) % 2))
    with disk_of(2, tmp_path / "disk") as disk:
        with pytest.raises(DataFolderUnusable, match="the disk is full"):
            judge(file, Options(test=0.5), disk)
        assert list(disk.iterdir()) == []


def test_a_kernel_without_landlock_is_told_in_the_log(
    file: Path, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answer = json.dumps({"landlock": 0, "found": None, "faults": [{"member": "a", "message": "is bad"}]})
    monkeypatch.setattr(sandbox, "BEGIN", f"open('answer.json', 'w').write('''{answer}''')")
    assert refusal(file, folder) == "a: is bad"
    assert [(record.levelno, "no Landlock" in record.message) for record in caplog.records] == [(logging.WARNING, True)]


def test_memory_that_belongs_to_no_file_is_counted() -> None:
    before = num_anonymous(os.getpid())
    taken = np.ones(64 * MIB, np.uint8)
    assert num_anonymous(os.getpid()) - before > 60 * MIB
    assert len(taken) == 64 * MIB
    assert num_anonymous(2**22) == 0
