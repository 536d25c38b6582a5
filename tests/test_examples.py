from pathlib import Path

import pytest

from jobs.settings import Settings
from jobs.spec.check import check

EXAMPLES = sorted((Path(__file__).parent.parent / "examples").glob("*.json"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_an_example_is_a_body_to_post(path: Path) -> None:
    accepted = check(path.read_bytes(), Settings())
    assert accepted.spec.name
    assert check(accepted.spec.model_dump_json(), Settings()).sha256 == accepted.sha256
