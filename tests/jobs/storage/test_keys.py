"""Keys are made in one place: who else knew how they look would keep it from changing."""

from pathlib import Path

import pytest

from jobs.storage import keys

ROOT = Path(__file__).parents[3]
PACKAGES = ("jobs", "worker")  # in `api` and `bnlab`, `jobs/...` is a path of the API

MADE = {
    "a chunk": keys.of_chunk("a", 1, "train", 1, 500),
    "a checkpoint": keys.of_checkpoint("a", 1, 500),
    "weights": keys.of_weights("a", 1),
    "probabilities": keys.of_probabilities("a", 1),
}


@pytest.mark.parametrize("kind", MADE)
def test_an_objects_key_is_below_the_prefixes_of_its_attempt_and_job(kind: str) -> None:
    assert MADE[kind].startswith(f"{keys.of_attempt('a', 1)}/")
    assert MADE[kind].startswith(f"{keys.of_job('a')}/")


@pytest.mark.parametrize("kind", MADE)
def test_what_is_inherited_is_called_as_it_was_and_before_every_attempt_of_the_retry(kind: str) -> None:
    inherited = keys.of_inherited("b", MADE[kind])
    assert inherited == MADE[kind].replace("jobs/a/1/", "jobs/b/0/")
    assert keys.of_inherited("c", inherited) == MADE[kind].replace("jobs/a/1/", "jobs/c/0/")  # a retry of a retry


def test_nobody_else_makes_a_key() -> None:
    files = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert [path.relative_to(ROOT).as_posix() for path in files if '"jobs/{' in path.read_text()] == []
