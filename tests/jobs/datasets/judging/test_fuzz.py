"""A short run of the fuzzer; `make fuzz-data` takes the long one."""

import pytest

from tests.jobs.datasets.judging.fuzz import outcome_of


def test_whatever_a_damaged_file_holds_is_found_or_refused() -> None:
    assert {outcome_of(seed) for seed in range(200)} == {"found", "refused"}


@pytest.mark.parametrize("seed", range(3))
def test_a_child_comes_to_the_same_end(seed: int) -> None:
    assert outcome_of(seed, as_child=True) == outcome_of(seed)
