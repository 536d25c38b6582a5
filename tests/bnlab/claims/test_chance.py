"""How likely numbers are by chance, against the product's own exact test and a table of the normal distribution."""

import random

import pytest

from bnlab.claims.chance import of_normal, of_signs
from bnlab.sdk.estimates import Estimate
from jobs.experiments.statistics.sign_flips import sign_flip_p


@pytest.mark.parametrize("n", [1, 2, 3, 8, 10])
def test_signs_are_flipped_as_the_server_flips_them(n: int) -> None:
    generator = random.Random(n)  # noqa: S311 - no secret
    for _ in range(20):
        differences = [round(generator.gauss(0.3, 1), 1) for _ in range(n)]  # rounded: with ties
        assert of_signs(differences) == pytest.approx(sign_flip_p(differences))


@pytest.mark.parametrize(("centre", "p"), [(0.0, 1.0), (0.01, 0.3173), (0.02, 0.0455), (-0.03, 0.0027)])
def test_a_normal_mean_has_the_p_of_its_distance_in_standard_errors(centre: float, p: float) -> None:
    half = 1.959964 * 0.01
    assert of_normal(Estimate((centre, centre), centre - half, centre + half, 0.95, 50)) == pytest.approx(p, abs=1e-4)


def test_without_an_interval_nothing_is_known() -> None:
    assert of_normal(Estimate((0.1, 0.1), None, None, None, 1)) is None
    assert of_normal(Estimate((0.1, 0.1), 0.1, 0.1, 0.95, 9)) is None
