"""The client where nothing of the server's or the worker's is installed, neither our packages nor those they need."""

from pathlib import Path

import pytest

from bnlab import Client
from jobs.lifecycle.job import Job
from tests.support import alone

ROOT = Path(__file__).parents[2]
MODULES = sorted(".".join(path.relative_to(ROOT).with_suffix("").parts) for path in ROOT.glob("bnlab/**/*.py"))
COMMAND = "from bnlab.cli.main import main; main()"
IMPORT_ALL = """
import sys
from importlib import import_module
from importlib.util import find_spec
for name in sys.argv[1:]:
    import_module(name)
for name in ("api", "bn", "jobs", "worker", "numpy", "pyarrow", "sqlalchemy", "torch"):
    assert find_spec(name) is None, name
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return alone.put_client(tmp_path_factory.mktemp("installed"))


DRAWING = {
    f"bnlab.figures.{name}" for name in ("claims", "dots", "drawing", "grids", "laws", "layout", "marks", "panels")
}
"""They are imported where a figure is asked for, and need matplotlib."""


LOADING = {"bnlab.sdk.model"}
"""It is imported where a network is loaded, and needs torch."""


def test_every_module_can_be_imported_but_those_that_draw_and_load(installed: Path) -> None:
    ran = alone.python(installed, IMPORT_ALL, *(name for name in MODULES if name not in DRAWING | LOADING))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "No module named 'matplotlib'" in alone.python(installed, IMPORT_ALL, *DRAWING).stderr


def test_the_command_line_shows_its_help(installed: Path) -> None:
    ran = alone.python(installed, COMMAND, "--help")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "batch normalization" in ran.stdout


def test_a_job_is_submitted_listed_and_cancelled(installed: Path, client: Client) -> None:
    def ran(*arguments: str) -> str:
        done = alone.python(installed, COMMAND, *arguments, BNLAB_URL=client.url)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout

    job_id = ran("submit", '{"architecture": "mlp"}').strip()
    assert client.job(job_id)["status"] == "queued"
    assert job_id in ran("jobs")
    assert ran("cancel", job_id) == f"{job_id} cancelled\n"
    assert ran("metrics", job_id).startswith("step,time,loss,accuracy")


@pytest.mark.parametrize(
    ("command", "missing"),
    [
        (("up",), "celery, fastapi, sqlalchemy, torch, uvicorn; to have everything: pip install -e '.[all]'"),
        (("data", "fetch", "mnist"), "numpy; to have everything: pip install -e '.[all]'"),
        (("demo",), "matplotlib; to have it: pip install -e '.[figures]'"),
        (("claims",), "matplotlib; to have it: pip install -e '.[figures]'"),
        (("compare", "1", "--figure", "one.svg"), "matplotlib; to have it: pip install -e '.[figures]'"),
    ],
)
def test_a_command_that_needs_more_names_what_is_missing(
    installed: Path, command: tuple[str, ...], missing: str
) -> None:
    ran = alone.python(installed, COMMAND, *command)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == f"bnlab: not installed: {missing} in the checkout\n"


def test_what_needs_an_extra_says_which_one(installed: Path, client: Client, tmp_path: Path, finished: Job) -> None:
    ran = alone.python(installed, COMMAND, "metrics", finished.id, "--tensorboard", str(tmp_path), BNLAB_URL=client.url)
    assert "pyarrow" in ran.stderr
    assert "pip install -e '.[tables]'" in ran.stderr
    for call, advice in (("table", "pip install -e '.[tables]'"), ("frame", "pip install -e '.[tables]'")):
        script = f"import sys, bnlab; bnlab.Client(sys.argv[1]).{call}(sys.argv[2])"
        asked = alone.python(installed, script, client.url, finished.id)
        assert advice in asked.stderr.splitlines()[-1]
    polars = alone.python(installed, "from bnlab.sdk.frames import frame_of; frame_of(None, 'polars')")
    assert "not installed: polars; to have it: pip install polars" in polars.stderr
