"""The arrows between the packages are held: an import against them breaks `make check`."""

import re
import shutil
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

from jobs.settings import FAILPOINTS, OF_TESTS, PREFIX, Settings

ROOT = Path(__file__).parent.parent
PACKAGES = ("api", "bn", "bnlab", "jobs", "worker")


def lint(checkout: Path) -> subprocess.CompletedProcess[str]:
    """What `make check` says of the imports in a checkout."""
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run([program, "--no-cache"], cwd=checkout, capture_output=True, text=True, check=False)


def sources() -> list[Path]:
    """Every file of Python in this checkout."""
    return [path for folder in (*PACKAGES, "benchmarks", "tests") for path in (ROOT / folder).rglob("*.py")]


def comments(path: Path) -> list[str]:
    """The comments of a file."""
    with path.open("rb") as file:
        return [token.string for token in tokenize.tokenize(file.readline) if token.type == tokenize.COMMENT]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    for package in PACKAGES:
        shutil.copytree(ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    ("module", "line"),
    [
        ("api/errors.py", "import worker.supervise.supervisor"),
        ("api/errors.py", "import bn.network"),
        ("worker/train/step.py", "import api.errors"),
        ("jobs/experiments/results.py", "import api.errors"),
        ("jobs/findings/table.py", "import api.errors"),
        ("jobs/findings/table.py", "import jobs.experiments.results"),
        ("jobs/experiments/results.py", "import jobs.findings.table"),
        ("jobs/series/answers/names.py", "import jobs.findings.table"),
        ("worker/record/recorder.py", "import jobs.findings.table"),
        ("jobs/series/answers/names.py", "import jobs.experiments.results"),
        ("jobs/series/read/reader.py", "import jobs.series.answers.names"),
        ("jobs/series/read/reader.py", "import jobs.series.write.writer"),
        ("jobs/series/write/writer.py", "import jobs.series.read.reader"),
        ("jobs/series/format/manifest.py", "import jobs.series.read.reader"),
        ("jobs/wake.py", "import jobs.series.format.schema"),
        ("jobs/lifecycle/job.py", "import jobs.wake"),
        ("jobs/spec/resolved.py", "import jobs.lifecycle.job"),
        ("jobs/datasets/catalogue.py", "import jobs.spec.document"),
        ("jobs/datasets/judging/answer.py", "import jobs.datasets.judging.pictures"),
        ("jobs/storage/tables.py", "import jobs.datasets.catalogue"),
        ("jobs/failpoints.py", "import jobs.storage.tables"),
        ("jobs/settings.py", "import jobs.failpoints"),
        ("jobs/errors.py", "import jobs.settings"),
        ("bn/functional.py", "import jobs.errors"),
        ("bn/architecture/layers.py", "import torch"),
        ("jobs/spec/document.py", "import bn.layers"),
        ("jobs/lifecycle/job.py", "import fastapi"),
        ("jobs/lifecycle/lookup.py", "import celery"),
        ("worker/record/recorder.py", "import jobs.storage.objects.folder"),
        ("worker/record/recorder.py", "import jobs.series.answers.names"),
        ("worker/supervise/supervisor.py", "import jobs.experiments.results"),
        ("worker/supervise/supervisor.py", "import torch"),
        ("worker/supervise/supervisor.py", "import worker.train.state"),
        ("worker/supervise/supervisor.py", "import worker.record.recorder"),
        ("worker/supervise/supervisor.py", "import worker.trainer"),
        ("worker/supervise/supervisor.py", "import bn.architecture.plan"),
        ("worker/train/loop.py", "import jobs.storage.tables"),
        ("worker/train/loop.py", "import jobs.lifecycle.job"),
        ("worker/train/loop.py", "import jobs.series.format.schema"),
        ("worker/train/loop.py", "import worker.record.columns"),
        ("bnlab/sdk/requests.py", "import jobs.spec.document"),
        ("bnlab/settings.py", "import jobs.settings"),
        ("bnlab/local/stack.py", "import api.main"),
        ("bnlab/claims/demo.py", "import bn.architecture.presets"),
        ("bnlab/cli/main.py", "import worker.app"),
        ("bnlab/sdk/client.py", "import bnlab.terminal.printing"),
        ("bnlab/local/stack.py", "import bnlab.terminal.printing"),
        ("bnlab/terminal/progress.py", "import bnlab.figures.curves"),
        ("bnlab/claims/report.py", "import bnlab.cli.main"),
        ("bnlab/room.py", "import json"),
        ("bnlab/sdk/client.py", "import matplotlib"),
    ],
)
def test_an_import_against_the_arrows_is_found(checkout: Path, module: str, line: str) -> None:
    with (checkout / module).open("a") as file:
        file.write(f"\n{line}\n")
    found = lint(checkout)
    assert found.returncode == 1
    assert "BROKEN" in found.stdout


def test_the_arrows_are_kept_as_they_stand(checkout: Path) -> None:
    found = lint(checkout)
    assert (found.returncode, found.stdout.count("BROKEN")) == (0, 0), found.stdout


def test_every_exception_to_a_rule_names_the_rule_and_its_reason() -> None:
    exceptions = [f"{path}: {text}" for path in sources() for text in comments(path) if "noqa" in text]
    assert len(exceptions) > 5
    assert [each for each in exceptions if not re.search(r"# noqa: [A-Z]+[0-9]+(, [A-Z]+[0-9]+)* - \w", each)] == []


def test_every_module_of_the_client_has_a_test_under_its_path() -> None:
    modules = [path for path in (ROOT / "bnlab").rglob("*.py") if path.name != "__init__.py"]
    tests = [(ROOT / "tests" / path.relative_to(ROOT)).with_name(f"test_{path.name}") for path in modules]
    assert [str(test) for test in tests if not test.exists()] == []


def test_every_setting_says_what_it_is_for() -> None:
    source = (ROOT / "jobs" / "settings.py").read_text().splitlines()
    for name in Settings.model_fields:
        (at,) = [i for i, line in enumerate(source) if line.startswith(f"    {name}: ")]
        assert source[at + 1].startswith('    """'), name


def test_every_variable_that_documents_and_containers_name_is_a_setting_or_the_tests_own() -> None:
    settings = {f"{PREFIX}{name.upper()}" for name in Settings.model_fields} | {FAILPOINTS}
    pages = (
        page for page in ROOT.glob("docs/**/*.md") if page.parent.name != "decisions"
    )  # these tell of misspelt ones
    files = [*ROOT.glob("docker-compose*.yml"), *pages]
    files += [ROOT / name for name in ("Dockerfile", "Makefile", "README.md")]
    named = {name for file in files for name in re.findall(rf"\b{PREFIX}[A-Z_]+[A-Z]", file.read_text())}
    assert {"BNLAB_DATA", "BNLAB_QUEUES", "BNLAB_ALLOWED_HOSTS"} <= named
    assert {name for name in named - settings if not name.startswith(OF_TESTS)} == set()
