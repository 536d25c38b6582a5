"""What lies in examples/ can be posted as it is."""

from pathlib import Path

import pytest

from jobs.experiments.document import read
from jobs.experiments.members import members
from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue

EXAMPLES = Path(__file__).parent.parent / "examples"
JOBS = sorted(EXAMPLES.glob("*.json"))
EXPERIMENTS = sorted(EXAMPLES.glob("*/*.json"))


@pytest.mark.parametrize("path", JOBS, ids=lambda path: path.stem)
def test_an_example_is_a_body_to_post(path: Path) -> None:
    accepted = check(path.read_bytes(), in_catalogue(Settings()))
    assert accepted.spec.name
    assert check(accepted.spec.model_dump_json(), in_catalogue(Settings())).sha256 == accepted.sha256


@pytest.mark.parametrize("path", EXPERIMENTS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_an_example_of_an_experiment_is_a_body_to_post(path: Path) -> None:
    spec = read(path.read_bytes())
    assert len(members(spec, in_catalogue(Settings()), range(spec.seeds))) > 1
