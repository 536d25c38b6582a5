"""People's own datasets by the command line, against a served API."""

import json
from pathlib import Path

import pytest
from PIL import Image

from bnlab import Client
from tests.support.command_line import bnlab
from tests.support.own_data import npz


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Eight pictures in two classes."""
    for i in range(8):
        place = tmp_path / "animals" / ("cat", "dog")[i % 2] / f"{i}.png"
        place.parent.mkdir(parents=True, exist_ok=True)
        Image.new("RGB", (6, 6), (i, 20 * i, 0)).save(place)
    return tmp_path / "animals"


def test_a_folder_of_classes_is_uploaded_and_what_was_found_is_shown(client: Client, folder: Path) -> None:
    added = bnlab("data", "add", str(folder), "--name", "animals", "--test", "0.25", url=client.url)
    assert (added.returncode, added.stderr) == (0, "")
    found = client.dataset("animals")
    assert [(each["name"], each["train"], each["test"]) for each in found["classes"]] == [("cat", 3, 1), ("dog", 3, 1)]
    for said in ("3 x 6 x 6, uint8", "6 to train, 2 to test, in 2 classes", found["sha256"], "cat"):
        assert said in added.stdout
    again = bnlab("data", "add", str(folder), "--name", "animals", "--test", "0.25", "--json", url=client.url)
    assert json.loads(again.stdout) == found
    assert bnlab("data", "show", "animals", url=client.url).stdout == added.stdout
    lines = bnlab("data", "list", url=client.url).stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["name", "mnist", "fashion_mnist", "cifar10", "synthetic", "animals"]
    gone = bnlab("data", "delete", "animals", url=client.url)
    assert (gone.returncode, gone.stdout) == (0, "animals deleted\n")


def test_each_fault_is_a_line_and_the_command_fails(client: Client, folder: Path) -> None:
    for name in ("cat/0.png", "dog/1.png"):
        (folder / name).write_bytes(b"no picture")
    done = bnlab("data", "add", str(folder), "--name", "animals", url=client.url)
    assert (done.returncode, done.stdout) == (1, "")
    told = done.stderr.splitlines()
    assert {line.split(":")[1].strip() for line in told} >= {"cat/0.png", "dog/1.png"}


def test_a_file_is_checked_without_a_server_by_the_same_code(tmp_path: Path) -> None:
    (tmp_path / "--size").write_bytes(npz())
    done = bnlab("data", "check", "--json", "--", str(tmp_path / "--size"))
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["train_counts"] == [10, 10]
    (tmp_path / "no test part").write_bytes(npz(x_test=None, y_test=None))
    done = bnlab("data", "check", str(tmp_path / "no test part"))
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no test part: say test=0.2" in done.stderr


def test_a_file_that_is_not_there_is_told_in_one_line(client: Client) -> None:
    done = bnlab("data", "add", "nowhere.npz", "--name", "own", url=client.url)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", "bnlab: there is no 'nowhere.npz'\n")
