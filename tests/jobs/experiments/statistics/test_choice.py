"""Each seed's setting is chosen without that seed."""

import numpy as np
import pytest

from jobs.experiments.statistics.choice import cross_fitted


def test_a_seeds_own_validation_has_no_say() -> None:
    assert cross_fitted([[0.5, 0.6, 0.6], [0.9, 0.5, 0.5]]) == (0, 1, 1)


def test_of_settings_that_are_equally_good_the_first_is_taken() -> None:
    assert cross_fitted([[0.1, 0.2, 0.3], [0.3, 0.2, 0.1], [0.2, 0.2, 0.2]])[1] == 0


def test_a_setting_at_which_one_seed_diverged_is_that_seeds_alone_to_forget() -> None:
    assert cross_fitted([[0.90, 0.90, 0.90, 0.90], [0.95, 0.95, 0.95, 0.10]]) == (0, 0, 0, 1)


def test_of_settings_that_are_alike_but_for_noise_it_does_not_take_what_flatters() -> None:
    validation = np.random.default_rng(0).normal(size=(500, 6, 8))
    chosen = [[table[setting][seed] for seed, setting in enumerate(cross_fitted(table))] for table in validation]
    assert abs(np.mean(chosen)) < 0.05
    assert np.mean(validation.mean(2).max(1)) > 0.4


def test_one_seed_has_no_others() -> None:
    with pytest.raises(ValueError, match="at least two seeds"):
        cross_fitted([[0.5], [0.6]])
