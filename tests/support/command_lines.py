"""Many command lines, each in a process of its own that is forked from one which has imported everything once."""

import json
import os
import subprocess
import sys
import tempfile
import traceback
from collections.abc import Iterable, Sequence

from tests.support.command_line import environment

HERE = f"from {__name__} import serve; serve()"


def run_all(commands: Iterable[Sequence[str]], url: str) -> list[subprocess.CompletedProcess[str]]:
    """What became of each command, with `--url` before it."""
    wanted = [["--url", url, *command] for command in commands]
    done = subprocess.run(
        [sys.executable, "-c", HERE],
        input=json.dumps(wanted),
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    return [subprocess.CompletedProcess(*each) for each in json.loads(done.stdout)]


def serve() -> None:
    """Run the commands that stand on stdin, and print what became of them."""
    from bnlab.cli.main import main  # noqa: F401 - before the forks, which need it

    print(json.dumps([_run(command) for command in json.load(sys.stdin)]))


def _run(command: list[str]) -> tuple[list[str], int, str, str]:
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            os._exit(_exit_code(command))
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said = []
        for file in (out, err):
            file.seek(0)
            said.append(file.read().decode(errors="replace"))
        return command, code, said[0], said[1]


def _exit_code(command: list[str]) -> int:
    from bnlab.cli.main import main

    sys.argv = ["bnlab", *command]
    try:
        main()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    except BaseException:  # noqa: BLE001 - as an interpreter prints whatever ends it
        traceback.print_exc()
        return 1
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
    return 0
