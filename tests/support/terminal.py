"""A terminal as the reader of a page has one: what a command sets, or where it goes, holds for the next one too."""

import os
import re
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.support.command_line import BNLAB, environment
from tests.support.markdown import ROOT
from tests.support.workers import until

ID = re.compile(r'^(?:\{"id": ?")?([0-9a-hjkmnp-tv-z]{13})\b')  # what was submitted is named first, by curl and bnlab
STATE = "state"
WITH_STATE = """
set -a
[ ! -e {state} ] || . {state}
eval {command}
code=$?
export -p > {state}
exit $code
"""


KINDS = ("jobs", "experiments")
PATIENCE = 600.0  # seconds: a page may submit more than a busy machine trains in a minute
READS = re.compile(r"curl (?!.*--json)|bnlab (metrics|compare)\b")  # what prints the more the longer a job has run


@dataclass
class Terminal:
    """A shell beside a running server, in a folder of its own that has the checkout's examples."""

    folder: Path
    url: str
    id: str = ""
    """Of the job or experiment that was submitted last: what the reader puts in the place of ID."""

    def __post_init__(self) -> None:
        (self.folder / "examples").symlink_to(ROOT / "examples")

    def type(self, line: str) -> subprocess.CompletedProcess[str]:
        """Run a line to its end, as pasted, but for the server's address and for ID; what reads sees the whole job."""
        assert self.id or not re.search(r"\bID\b", line), f"nothing was submitted before: {line}"
        command = re.sub(r"\bID\b", self.id, self.here(line))
        if self.id and READS.match(command):
            self.wait()
        script = WITH_STATE.format(state=STATE, command=shlex.quote(command))
        done = subprocess.run(
            ["bash", "-c", script], cwd=self.folder, env=self.environment(), capture_output=True, text=True, check=False
        )
        if found := ID.match(done.stdout):
            self.id = found[1]
        return done

    def wait(self) -> None:
        """Until the job or experiment that was submitted last has ended."""
        with httpx.Client(base_url=self.url, trust_env=False) as client:
            until(lambda: any(_has_ended(client.get(f"/{kind}/{self.id}")) for kind in KINDS), PATIENCE)

    def here(self, text: str) -> str:
        """The text with the address of this server instead of that of one without options."""
        return re.sub(r"(localhost|127\.0\.0\.1):8000", self.url.removeprefix("http://"), text)

    def environment(self) -> dict[str, str]:
        """With `bnlab` and `python` as they are tested here, this server as the client's own, and no proxy."""
        paths = {"PATH": f"{Path(BNLAB).parent}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(ROOT)}
        return environment(url=self.url) | paths | {"NO_PROXY": "*", "no_proxy": "*", "COLUMNS": "80"}


def _has_ended(answer: httpx.Response) -> bool:
    """Whether a job, or an experiment, is there and has ended."""
    found = answer.json() if answer.is_success else {}
    return bool(found.get("finished") or found.get("ended"))
