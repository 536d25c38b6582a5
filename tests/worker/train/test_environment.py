"""What a run's bits depend on beside its document."""

from pathlib import Path

import pytest

from worker.train.environment import CODE, SOURCES, code_version, digest_of

ROOT = Path(__file__).parents[3]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """The names and contents of every source, none of which is run."""
    for package in ("api", "bn", "bnlab", "jobs", "worker"):
        for path in (path for suffix in CODE for path in (ROOT / package).rglob(f"*{suffix}")):
            copy = tmp_path / path.relative_to(ROOT)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return tmp_path


@pytest.mark.parametrize(
    ("edited", "counts"),
    [
        ("bn/moments.py", True),
        ("bn/architecture/plan.py", True),
        ("jobs/datasets/loading.py", True),
        ("jobs/datasets/formats/idx.py", True),
        ("jobs/datasets/preprocessing.py", True),
        ("jobs/datasets/strata.py", True),
        ("jobs/series/format/schema.py", True),
        ("jobs/spec/training.py", True),
        ("worker/record/columns.py", True),
        ("worker/train/step.py", True),
        ("worker/train/engines/loop.cpp", True),
        ("api/app.py", False),
        ("bnlab/settings.py", False),
        ("jobs/datasets/fetching/fetch.py", False),
        ("jobs/experiments/results.py", False),
        ("jobs/lifecycle/attempts.py", False),
        ("jobs/series/answers/csv_text.py", False),
        ("jobs/series/read/reader.py", False),
        ("jobs/settings.py", False),
        ("jobs/storage/database.py", False),
        ("worker/supervise/supervisor.py", False),
        ("worker/trainer.py", False),
    ],
)
def test_the_code_that_bits_depend_on_is_that_which_computes_and_lays_out_results(
    checkout: Path, edited: str, counts: bool
) -> None:
    before = digest_of(checkout)
    with (checkout / edited).open("a") as file:
        file.write("# changed\n")
    assert (digest_of(checkout) != before) is counts


def test_every_source_is_there() -> None:
    assert [source for source in SOURCES if not (ROOT / source).exists()] == []
    assert code_version() == digest_of(ROOT)
