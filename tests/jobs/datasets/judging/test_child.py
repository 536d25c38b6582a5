"""The process that judges, from inside: what it can still do after it has given up the rest, in one probe for all."""

import json
import os
import signal
import socket
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from jobs.datasets.judging.landlock import version
from jobs.datasets.judging.limits import BOUNDS, MAX_FILE
from jobs.datasets.judging.sandbox import ROOT, run
from tests.support.requirements import missing
from tests.support.uploads import foldered, npy, small_csv, small_idx, small_npz, small_parquet, zipped

PROBE = """
import os, sys
sys.path.insert(0, sys.argv[1])
import ctypes, io, json, resource, socket, threading
from pathlib import Path
from tempfile import TemporaryDirectory
from jobs.datasets.judging import child
from jobs.datasets.judging.limits import BOUNDS
from jobs.datasets.judging.options import Options

here, elsewhere = Path.cwd(), Path(sys.argv[2])
listening = int(sys.argv[3])
threads = len(os.listdir("/proc/self/task"))
if sys.argv[4] == "nobody":
    os.chown(here, 65534, 65534)
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
told = {"threads": threads, "landlock": child.limit(BOUNDS, here)}
told["limits"] = {
    name: resource.getrlimit(getattr(resource, f"RLIMIT_{name}"))[0]
    for name in ("CPU", "FSIZE", "NOFILE", "NPROC", "CORE")
}
told["nice"] = os.nice(0)
at_parents_end = ctypes.c_int()
ctypes.CDLL(None).prctl(2, ctypes.byref(at_parents_end), 0, 0, 0)
told["at_parents_end"] = at_parents_end.value
told["no_new_privileges"] = ctypes.CDLL(None).prctl(39, 0, 0, 0, 0)

def connect():
    socket.socket().connect(("127.0.0.1", listening))

def bind():
    socket.socket().bind(("127.0.0.1", 0))

DEEDS = {
    "read elsewhere": lambda: (elsewhere / "secret").read_text(),
    "write elsewhere": lambda: (elsewhere / "new").write_text("x"),
    "list elsewhere": lambda: os.listdir(elsewhere),
    "read a program": lambda: open("/bin/sh", "rb"),
    "run a program": lambda: os.execv("/bin/sh", ["sh", "-c", "exit 0"]),
    "make a link": lambda: (here / "link").symlink_to("/etc/passwd"),
    "make a folder": lambda: (here / "folder").mkdir(),
    "move elsewhere": lambda: (here / "errors").rename(elsewhere / "moved"),
    "connect": connect,
    "listen": bind,
    "start a thread": lambda: threading.Thread(target=print).start(),
    "write here": lambda: (here / "new").write_text("x"),
    "read here": lambda: (here / "new").read_text(),
    "delete here": lambda: (here / "new").unlink(),
}
told["deeds"] = {}
for name, deed in DEEDS.items():
    try:
        deed()
        told["deeds"][name] = "done"
    except (OSError, RuntimeError) as error:
        told["deeds"][name] = type(error).__name__
told["formats"], told["faults"] = [], []
with open(0, "rb") as file:
    samples = [bytes.fromhex(line) for line in file.read().decode().split()]
for content in samples:
    for part in ("train", "test"):
        for what in ("images", "labels"):
            (here / f"{part}_{what}.npy").unlink(missing_ok=True)
    try:
        told["formats"].append(child.examine(io.BytesIO(content), Options(test=0.5), here).source_format)
    except child.DatasetRefused as refused:
        told["faults"].append(str(refused))
(here / "told").write_text(json.dumps(told))
"""
SAMPLES = {
    "npz": small_npz(),
    "folders": zipped(foldered()),
    "parquet": small_parquet(),
    "csv": small_csv(),
    "idx": zipped(small_idx()),
}
BAD = zipped({"x_train.npy": npy("é", "(2,)")})
"""A name in a header for which Python would import what it knows of characters."""
FILES = {"read elsewhere", "write elsewhere", "list elsewhere", "read a program", "run a program", "move elsewhere"}
OWN = {"write here", "read here", "delete here"}


@pytest.fixture(scope="module", params=["whoever runs this", "nobody"])
def told(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the probe tells, as whoever runs the tests, and where that is root as nobody too."""
    user = request.param
    if user == "nobody" and os.getuid() != 0:
        missing("only root can become nobody")
    elsewhere = tmp_path_factory.mktemp("elsewhere")
    (elsewhere / "secret").write_text("secret")
    file = elsewhere / "file"
    file.write_text("\n".join(content.hex() for content in (*SAMPLES.values(), BAD)))
    # Not a folder of pytest's, into which nobody but its owner gets.
    with socket.create_server(("127.0.0.1", 0)) as server, TemporaryDirectory() as folder:
        arguments = (str(ROOT), str(elsewhere), str(server.getsockname()[1]), user)
        ended = run((sys.executable, "-I", "-c", PROBE, *arguments), file, Path(folder), BOUNDS)
        assert ended.status == 0, ended.printed.decode()
        found: dict[str, Any] = json.loads((Path(folder) / "told").read_text())
    return found | {"user": user}


def test_every_format_is_judged_after_all_is_given_up(told: dict[str, Any]) -> None:
    assert told["formats"] == list(SAMPLES)


def test_a_header_has_nothing_imported(told: dict[str, Any]) -> None:
    assert told["faults"] == ["x_train.npy: has a header that makes no sense"]


def test_its_limits_are_those_of_the_table(told: dict[str, Any]) -> None:
    assert told["limits"] == {"CPU": BOUNDS.processor, "FSIZE": MAX_FILE, "NOFILE": 16, "NPROC": 0, "CORE": 0}
    assert (told["nice"], told["no_new_privileges"]) == (10, 1)


def test_it_ends_when_who_started_it_ends(told: dict[str, Any]) -> None:
    assert told["at_parents_end"] == signal.SIGKILL


def test_no_thread_was_there_that_would_not_be_confined(told: dict[str, Any]) -> None:
    assert told["threads"] == 1


def test_its_folder_is_its_own(told: dict[str, Any]) -> None:
    assert {name: told["deeds"][name] for name in OWN} == dict.fromkeys(OWN, "done")


def test_it_starts_no_thread_unless_it_is_root(told: dict[str, Any]) -> None:
    is_root = os.getuid() == 0 and told["user"] != "nobody"
    assert told["deeds"]["start a thread"] == ("done" if is_root else "RuntimeError")


def test_landlock_denies_every_other_file(told: dict[str, Any]) -> None:
    needs(1)
    denied = {"PermissionError", "OSError"}  # moving between folders is of two devices for Landlock
    assert {name for name in FILES if told["deeds"][name] not in denied} == set()
    assert told["deeds"]["make a link"] == told["deeds"]["make a folder"] == "PermissionError"
    assert told["landlock"] == version()


def test_landlock_denies_every_tcp_port(told: dict[str, Any]) -> None:
    needs(4)
    assert told["deeds"]["connect"] == told["deeds"]["listen"] == "PermissionError"


def needs(least: int) -> None:
    if version() < least:
        missing(f"Landlock {least} is needed, this kernel has {version() or 'none'}")
