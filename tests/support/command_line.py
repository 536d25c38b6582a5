"""The command line as a process of its own."""

import os
import subprocess
import sys
from pathlib import Path

BNLAB = str(Path(sys.executable).with_name("bnlab"))


def environment(**settings: str) -> dict[str, str]:
    """This process's environment, with these of bnlab's variables and no others, and nothing that changes a table."""
    foreign = ("BNLAB_", "COLUMNS", "FORCE_COLOR")
    own = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    no_window = {"BROWSER": "true"}  # nor opens a browser, unless a test names one
    return no_window | own | {f"BNLAB_{name.upper()}": value for name, value in settings.items()}


def bnlab(*arguments: str, said: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    """Run the command line to its end; `said` is what it hears on stdin."""
    return subprocess.run(
        [BNLAB, *arguments], input=said, env=environment(**settings), capture_output=True, text=True, check=False
    )
