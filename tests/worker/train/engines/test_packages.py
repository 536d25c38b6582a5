"""The folder of packages: what is found in it, what is not taken from it, and how it stays small and clean."""

import multiprocessing
import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.workers import until
from worker.train.engines.packages import ABOUT, LOOP, STEP, Input, Package, Packages, Unavailable, digest

INPUTS = (Input((2, 3), (3, 1), "float32"), Input((), (), "float64"))
ASKED = digest("a step")


@pytest.fixture
def folder(tmp_path: Path) -> Packages:
    return Packages(tmp_path / "packages", 3 * 2**20)


def made(packages: Packages, name: str = "a", size: int = 2**20) -> Package:
    """A package of so many bytes, found by its name from now on."""
    with packages.working() as place:
        (place / STEP).write_bytes(name.encode() * size)
        (place / LOOP).write_bytes(b"what calls it")
        package = packages.put(digest([name]), place, INPUTS, 1.5)
    packages.remember(digest(name), package)
    return package


def test_what_was_made_is_found_by_what_was_asked_for(folder: Packages) -> None:
    assert folder.find(digest("a")) is None
    package = made(folder)
    assert folder.find(digest("a")) == package
    assert package.inputs == INPUTS
    assert (package.place / STEP).read_bytes() == b"a" * 2**20


def test_two_that_ask_for_one_graph_share_a_package(folder: Packages) -> None:
    package = made(folder)
    folder.remember(digest("another document of the same step"), package)
    assert folder.find(digest("another document of the same step")) == package


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)


HARM: dict[str, Callable[[Path], object]] = {
    "a flipped byte": lambda place: flip(place / STEP),
    "cut short": lambda place: os.truncate(place / STEP, 1000),
    "an empty library": lambda place: os.truncate(place / STEP, 0),
    "no library": lambda place: (place / STEP).unlink(),
    "a flipped byte in what calls it": lambda place: flip(place / LOOP),
    "nothing that calls it": lambda place: (place / LOOP).unlink(),
    "half of what is said of it": lambda place: os.truncate(place / ABOUT, 20),
    "nothing that is said of it": lambda place: (place / ABOUT).write_text("{}"),
    "something else": lambda place: (place / ABOUT).write_text("[1]"),
    "somebody else's library": lambda place: os.chown(place / STEP, 12345, 12345),
    "what somebody else says of it": lambda place: os.chown(place / ABOUT, 12345, 12345),
}


@pytest.mark.parametrize("harm", HARM.values(), ids=HARM)
def test_what_is_damaged_or_foreign_is_not_taken_and_can_be_made_anew(
    folder: Packages, harm: Callable[[Path], object]
) -> None:
    if os.getuid() != 0 and harm in (HARM["somebody else's library"], HARM["what somebody else says of it"]):
        pytest.skip("only root gives files away")
    package = made(folder)
    harm(package.place)
    assert folder.find(digest("a")) is None
    assert made(folder) == package
    assert folder.find(digest("a")) == package


def test_a_folder_that_is_open_to_others_is_not_used(folder: Packages) -> None:
    made(folder)
    folder.folder.chmod(0o755)
    with pytest.raises(Unavailable, match="open to others, and a package is code"):
        folder.find(digest("a"))


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives folders away")
def test_somebody_elses_folder_is_not_used(folder: Packages) -> None:
    made(folder)
    os.chown(folder.folder, 12345, 12345)
    with pytest.raises(Unavailable, match="belongs to somebody else"):
        folder.find(ASKED)
    with pytest.raises(Unavailable, match="belongs to somebody else"), folder.working():
        pass


def test_a_folder_that_there_cannot_be_is_said_to_be_of_no_use(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Unavailable, match=r"cannot be used: .*file/packages"):
        Packages(tmp_path / "file" / "packages", 1).find(ASKED)


def test_what_cannot_be_read_is_said_to_be_of_no_use(folder: Packages) -> None:
    made(folder)
    (folder.folder / "asked" / digest("a")).unlink()
    (folder.folder / "asked" / digest("a")).mkdir()  # of which nobody reads a text
    with pytest.raises(Unavailable, match="cannot be used"):
        folder.find(digest("a"))


def test_it_is_closed_to_others_from_the_first(folder: Packages) -> None:
    made(folder)
    assert all(place.stat().st_mode & 0o077 == 0 for place in (folder.folder, *folder.folder.iterdir()))


def test_those_that_were_used_longest_ago_go_first(folder: Packages) -> None:
    for number, name in enumerate("abc"):
        os.utime(made(folder, name, 900_000).place, (number, number))
    assert folder.find(digest("a")) is not None  # which is now the one that was used last
    made(folder, "d", 900_000)
    assert sorted(path.name for path in folder.folder.glob("asked/*")) == sorted(map(digest, "acd"))
    assert [name for name in "abcd" if folder.find(digest(name))] == ["a", "c", "d"]


def test_one_that_is_larger_than_all_may_be_together_is_kept_while_it_is_the_newest(folder: Packages) -> None:
    made(folder, "a")
    made(folder, "b", 5 * 2**20)
    assert [name for name in "ab" if folder.find(digest(name))] == ["b"]


def work(folder: Path) -> None:
    with Packages(folder, 1).working() as place:
        (place / "half").write_text("a library")
        time.sleep(60)


def test_what_a_killed_process_leaves_is_swept_and_what_a_living_one_makes_is_not(folder: Packages) -> None:
    context = multiprocessing.get_context("fork")
    both = [context.Process(target=work, args=(folder.folder,)) for _ in range(2)]
    for process in both:
        process.start()
    until(lambda: len(list(folder.folder.glob("making-*/half"))) == 2)
    assert both[0].pid is not None
    os.kill(both[0].pid, signal.SIGKILL)
    both[0].join()
    folder.sweep()
    assert len(list(folder.folder.glob("making-*"))) == 1
    both[1].kill()
    both[1].join()
    folder.sweep()
    assert not list(folder.folder.glob("making-*"))


def hold(folder: Path, asked: str, file: Path) -> None:
    with Packages(folder, 1).alone(asked):
        file.touch()
        time.sleep(60)


def test_whoever_makes_it_is_waited_for_until_he_is_done_or_dead(folder: Packages, tmp_path: Path) -> None:
    context = multiprocessing.get_context("fork")
    first, second = (context.Process(target=hold, args=(folder.folder, ASKED, tmp_path / name)) for name in "12")
    first.start()
    until(lambda: (tmp_path / "1").exists())
    second.start()
    time.sleep(0.3)
    assert not (tmp_path / "2").exists()
    first.kill()
    until(lambda: (tmp_path / "2").exists())
    second.kill()
    for process in (first, second):
        process.join()
