import numpy as np
import pytest

from jobs.datasets.judging.moments import Moments


def moments_of(values: np.ndarray, *places: int) -> Moments:
    """Of the values, which come in blocks that end at these places."""
    moments = Moments(values.shape[1])
    for block in np.split(values, places):
        moments.add(block)
    return moments


@pytest.mark.parametrize("shape", [(50, 3), (50, 3, 4, 5)])
def test_blocks_of_any_length_give_what_all_of_it_gives(shape: tuple[int, ...]) -> None:
    values = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    axes = (0, *range(2, len(shape)))
    for places in ((), (1, 1, 20), (0, 49)):
        moments = moments_of(values, *places)
        np.testing.assert_allclose(moments.mean, values.mean(axes), rtol=1e-14)
        np.testing.assert_allclose(moments.sd, values.std(axes), rtol=1e-14)


def test_a_small_spread_about_a_large_mean_is_not_lost() -> None:
    values = 1e8 + 0.1 * np.random.default_rng(0).normal(size=(1_000, 1))
    np.testing.assert_allclose(moments_of(values, 300, 500).sd, (values - 1e8).std(0), rtol=1e-9)


def test_a_constant_has_a_spread_of_exactly_nothing() -> None:
    moments = moments_of(np.full((1_000, 1), 0.1, np.float32), 333)
    assert (moments.mean[0], moments.sd[0]) == (np.float32(0.1), 0.0)


def test_the_largest_numbers_do_not_overflow() -> None:
    values = np.array([[3e38], [-3e38]], np.float32)
    np.testing.assert_allclose(moments_of(values).sd, [3e38], rtol=1e-6)
