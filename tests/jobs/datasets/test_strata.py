import numpy as np
import pytest

from jobs.datasets.shares import num_held_out
from jobs.datasets.strata import held_out

LABELS = np.array([0] * 10 + [2] * 5 + [1] * 40)


@pytest.mark.parametrize("share", [0.05, 0.2, 0.5, 0.9])
def test_of_each_class_the_same_share_is_held_out(share: float) -> None:
    mask = held_out(LABELS, share, seed=0)
    assert tuple(np.bincount(LABELS[mask], minlength=3)) == num_held_out([10, 40, 5], share)


def test_the_mask_is_the_same_for_good() -> None:
    assert np.flatnonzero(held_out(LABELS, 0.2, seed=7)).tolist() == [4, 8, 10, 22, 24, 27, 29, 47, 48, 49, 50]


def test_another_seed_holds_others_out() -> None:
    assert (held_out(LABELS, 0.5, seed=0) != held_out(LABELS, 0.5, seed=1)).any()


def test_what_is_drawn_of_a_class_depends_on_no_other() -> None:
    alone = held_out(np.zeros(10, np.int64), 0.5, seed=3)
    assert held_out(LABELS, 0.5, seed=3)[:10].tolist() == alone.tolist()


def test_a_larger_share_holds_out_the_same_and_more() -> None:
    small, large = held_out(LABELS, 0.2, seed=0), held_out(LABELS, 0.5, seed=0)
    assert large[small].all()
    assert large.sum() > small.sum()


def test_nothing_is_held_out_of_nothing() -> None:
    assert held_out(np.zeros(0, np.int64), 0.5, seed=0).tolist() == []
