"""What the documents have one type runs as pasted, in the order of each page, beside a real server.

What cannot run here is in the table `ELSEWHERE`, with the reason and what is looked at instead.
"""

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from bnlab.local.stack import DATASET
from jobs.datasets.files import folder_of
from jobs.experiments.document import read
from jobs.experiments.members import members
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.initial import Initial
from jobs.spec.known import in_catalogue
from tests.bnlab.local.test_stack import Up, up
from tests.support import alone
from tests.support.command_line import bnlab
from tests.support.markdown import ROOT, Block, blocks, commands, pages
from tests.support.requirements import missing, require_any
from tests.support.terminal import Terminal

PAGES = pages(
    *("README.md", "CONTRIBUTING.md", "docs/*.md", "docs/using/*.md", "docs/running/*.md", "docs/science/*.md"),
    "examples/*.md",
)
GROUPS = ("data", "experiment")
FITS = 4000  # characters that a command prints at the most: some fifty lines
NUMBERS = re.compile(r"\S*\d\S*|[─━│.]+")  # numbers and ids are others each time, and lines and what is cut are none


def is_target(words: list[str]) -> None:
    """`make TARGET NAME=VALUE ...`: the Makefile has them."""
    makefile = (ROOT / "Makefile").read_text()
    for word in words[1:]:
        name, assigned, _ = word.partition("=")
        assert re.search(rf"^{name} \?=" if assigned else rf"^{name}:", makefile, re.MULTILINE), word


def are_compose_files(words: list[str]) -> None:
    """`docker compose -f FILE --profile NAME up`: the files are there, and the first of them knows the profile."""
    files = [ROOT / file for option, file in pairwise(words) if option == "-f"]
    texts = [file.read_text() for file in files or [ROOT / "docker-compose.yml"]]
    profiles = [name for option, name in pairwise(words) if option == "--profile"]
    assert all(f"profiles: [{name}]" in texts[0] for name in profiles)


def is_not_here(words: list[str]) -> None:
    """Nothing of it is here to be looked at."""


def is_command(words: list[str]) -> None:
    """`NAME=VALUE bnlab VERB --option ...`: the command's help has the options."""
    words = words[words.index("bnlab") + 1 :]
    verbs = words[:2] if words[0] in GROUPS else words[:1]
    helped = bnlab(*verbs, "--help").stdout
    assert {word for word in words if word.startswith("--")} <= set(re.findall(r"--[a-z-]+", helped)), helped


ELSEWHERE: tuple[tuple[str, str, Callable[[list[str]], None]], ...] = (
    (r"docker compose ", "builds images and runs containers: tests/test_readme.py does", are_compose_files),
    (r"make ", "installs into .venv, or takes what make takes", is_target),
    (r"(BNLAB_\w+=\S+ )*bnlab up\b", "runs until it is ended, and is what all of this runs beside", is_command),
    (r"bnlab data fetch ", "takes what the network gives: tests/jobs/datasets/fetching does", is_command),
    (
        r"bnlab backup |(mv|cp|tar|mkdir|pg_dump|pg_restore) .*(data|backup|bnlab)",
        "needs a data folder of its own: tests/test_backup_page.py has some",
        is_not_here,
    ),
    (
        r"python3 -m venv |alone/bin/",
        "downloads torch: tests/examples/test_model_elsewhere.py has these packages alone",
        is_not_here,
    ),
    (r"tensorboard ", "serves until it is ended", is_not_here),
    (r"export BNLAB_URL=\S*example\.org", "a server that is not there: tests/api/test_proxy.py has one", is_not_here),
)
"""By how a command begins, why it is not run here, and what is looked at instead."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    """A `bnlab up` that has the default dataset, as a reader's has."""
    require_any("curl")
    with up(tmp_path_factory.mktemp("service"), "--workers", "2", offline={}) as running:
        if not folder_of(DATASET, running.data).exists():
            missing(f"{DATASET} cannot be fetched here: {running.output.read_text()}")
        yield running


@pytest.fixture
def terminal(service: Up, tmp_path: Path) -> Terminal:
    return Terminal(tmp_path, service.url)


def with_blocks(language: str) -> list[str]:
    return [page for page in PAGES if blocks(page, language)]


@pytest.mark.parametrize("page", with_blocks("console"))
def test_a_pages_commands_run_as_pasted_and_print_what_fits_a_terminal(page: str, terminal: Terminal) -> None:
    for block in blocks(page, "console"):
        for command in commands(block.text):
            if elsewhere := next((each for each in ELSEWHERE if re.match(each[0], command.line)), None):
                elsewhere[2](shlex.split(command.line, comments=True))
                continue
            done = terminal.type(command.line)
            assert done.returncode == 0, f"{block}: {command.line}\n{done.stdout}{done.stderr}"
            printed = done.stdout + done.stderr
            assert len(printed) <= FITS, f"{block}: {command.line} prints {len(printed):,} characters"
            absent = set(NUMBERS.sub(" ", command.shown).split()) - set(NUMBERS.sub(" ", printed).split())
            assert not absent, f"{block}: {command.line} does not print {absent}, but\n{printed}"


@pytest.mark.parametrize("page", with_blocks("python"))
def test_a_pages_python_runs_as_pasted_from_its_first_block_to_its_last(page: str, terminal: Terminal) -> None:
    script = terminal.here("\n".join(block.text for block in blocks(page, "python")))
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=terminal.folder,
        env=terminal.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(done.stdout) <= FITS


def test_the_python_of_the_readme_needs_the_light_client_alone(service: Up, tmp_path: Path) -> None:
    (block,) = blocks("README.md", "python")
    script = Terminal(tmp_path, service.url).here(block.text)
    done = alone.python(alone.put_client(tmp_path), script, no_proxy="*")
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("block", [block for page in PAGES for block in blocks(page, "json")], ids=str)
def test_a_document_that_a_page_shows_can_be_posted(block: Block) -> None:
    document, known = json.loads(block.text), in_catalogue(Settings())
    if initial := document.pop("initial", None):  # the job that it names is none: tests/api/routes has some
        assert Initial.model_validate_json(json.dumps(initial))
    if "variants" not in document:
        assert check(json.dumps(document), known).spec
        return
    spec = read(block.text)
    assert members(spec, known, range(spec.seeds))


def test_every_reason_not_to_run_a_command_is_needed() -> None:
    typed = [command.line for page in PAGES for block in blocks(page, "console") for command in commands(block.text)]
    assert [pattern for pattern, _, _ in ELSEWHERE if not any(re.match(pattern, line) for line in typed)] == []


def test_every_block_is_in_a_language_that_is_looked_at_here_or_is_no_command() -> None:
    languages = {block.language for page in PAGES for block in blocks(page)}
    assert languages <= {"console", "python", "json", "nginx", "yaml", ""}
