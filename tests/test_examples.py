from pathlib import Path

import pytest

from jobs.settings import Settings
from jobs.spec.check import check
from jobs.spec.known import in_catalogue

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.json"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_a_body_to_post(path: Path) -> None:
    accepted = check(path.read_bytes(), in_catalogue(Settings()))
    assert accepted.spec.name
    assert check(accepted.spec.model_dump_json(), in_catalogue(Settings())).sha256 == accepted.sha256
