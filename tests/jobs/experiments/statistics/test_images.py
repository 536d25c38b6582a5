"""What a difference in accuracy owes to the images is what drawing other images would show."""

import numpy as np
import pytest

from jobs.experiments.statistics.images import error_by_images


def test_it_is_how_much_a_difference_varies_over_test_sets() -> None:
    random = np.random.default_rng(0)
    right = random.random((400, 1000)) < 0.9  # by test set and image
    better = right | (random.random((400, 1000)) < 0.2)
    differences = better.mean(1) - right.mean(1)
    found = np.mean([error_by_images(one[None], other[None]) for one, other in zip(better, right, strict=True)])
    assert found == pytest.approx(differences.std(ddof=1), rel=0.1)


def test_networks_that_err_alike_differ_by_no_image() -> None:
    right = np.random.default_rng(0).random((3, 100)) < 0.9
    assert error_by_images(right, right) == 0
