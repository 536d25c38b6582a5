import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path

from jobs.datasets.files import folder_of
from jobs.datasets.judging.found import Found
from tests.support.uploads import small_csv, zipped

COMMAND = (sys.executable, "-m", "jobs.datasets", "fetch")
SMALL_FILES_ONLY = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000_000, 10_000_000))
sys.argv = ["jobs.datasets", "fetch", "mnist", "--data", sys.argv[1]]
runpy.run_module("jobs.datasets", run_name="__main__")
"""


def run(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, env=os.environ | environment, capture_output=True, text=True, check=False)


def test_a_dataset_that_is_there_ends_well(mnist: Path) -> None:
    done = run(*COMMAND, "mnist", "--data", str(mnist))
    assert (done.returncode, done.stdout, done.stderr) == (0, f"mnist is in {folder_of('mnist', mnist)}\n", "")


def test_the_environment_names_the_data_folder(mnist: Path) -> None:
    done = run(*COMMAND, "mnist", BNLAB_DATA=str(mnist))
    assert (done.returncode, done.stdout) == (0, f"mnist is in {folder_of('mnist', mnist)}\n")


def test_a_folder_whose_name_the_terminal_cannot_show_is_shown_with_other_characters(
    mnist: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "Zürich"
    folder.symlink_to(mnist)
    done = run(*COMMAND, "mnist", "--data", str(folder), PYTHONIOENCODING="ascii")
    assert (done.returncode, done.stderr) == (0, "")
    assert "/Z?rich" in done.stdout


def test_synthetic_needs_no_fetching_and_says_so(tmp_path: Path) -> None:
    done = run(*COMMAND, "synthetic", "--data", str(tmp_path))
    assert (done.returncode, done.stdout) == (0, "synthetic is made when it is used: there is nothing to fetch\n")


def test_an_unknown_name_is_answered_with_the_known_ones_in_one_line(tmp_path: Path) -> None:
    done = run(*COMMAND, "minst", "--data", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "there is no dataset 'minst'; there is: mnist, fashion_mnist, cifar10, synthetic\n"


def test_a_full_disk_is_told_in_one_line_and_leaves_nothing_half_done(published: Path, tmp_path: Path) -> None:
    shutil.copytree(published, folder_of("mnist", tmp_path))
    done = run(sys.executable, "-c", SMALL_FILES_ONLY, str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"cannot write into the data folder '{tmp_path}': File too large; ")
    assert done.stderr.count("\n") == 1
    assert all(path.suffix == ".gz" for path in folder_of("mnist", tmp_path).iterdir())


def test_a_terminated_fetch_takes_pip_and_its_temporary_files_along(tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    with socket.create_server(("127.0.0.1", 0)) as index:  # takes calls, and never answers
        environment = {
            "PIP_CONFIG_FILE": "/dev/null",
            "PIP_INDEX_URL": f"http://127.0.0.1:{index.getsockname()[1]}/simple",
            "TMPDIR": str(temporary),
        }
        command = (*COMMAND, "mnist", "--data", str(tmp_path / "data"))
        with subprocess.Popen(command, env=os.environ | environment) as fetching:
            connection, _ = index.accept()
            with connection:
                assert list(temporary.iterdir())
                fetching.send_signal(signal.SIGTERM)
                assert fetching.wait(60) == 128 + signal.SIGTERM
                while connection.recv(4096):  # ends when pip has closed its side
                    pass
    assert not list(temporary.iterdir())


def check(file: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return run(*COMMAND[:-1], "check", str(file), *options)


def test_what_is_in_a_file_is_said_as_text_or_as_json(tmp_path: Path) -> None:
    file = tmp_path / "kinds.csv"
    file.write_bytes(small_csv())
    done = check(file, "--test", "0.25")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith(
        "2 features (float32) of a csv file\n2 classes, with 6 examples to train and 2 to test:\n  a: 3 and 1\n"
    )
    told = check(file, "--test", "0.25", "--seed", "1", "--json")
    assert Found.of_json(told.stdout).classes == ("a", "b")
    assert list(tmp_path.iterdir()) == [file]


def test_everything_that_is_wrong_with_a_file_is_said_in_a_line_each(tmp_path: Path) -> None:
    file = tmp_path / "cats.zip"
    file.write_bytes(zipped({"cat/1.txt": b"meow", "cat/2.png": b""}))
    done = check(file)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [
        f"cat/{name}: is neither PNG nor JPEG: save it as one of them" for name in ("1.txt", "2.png")
    ]


def test_a_file_that_is_not_there_and_options_that_make_no_sense_are_told_in_one_line(tmp_path: Path) -> None:
    absent = tmp_path / "absent"
    assert check(absent).stderr == f"cannot check '{absent}': [Errno 2] No such file or directory: '{absent}'\n"
    done = check(absent, "--test", "2")
    assert (done.returncode, done.stderr) == (
        1,
        f"cannot check '{absent}': test must be a share between 0 and 1, not 2\n",
    )
