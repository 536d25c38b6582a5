"""What a network gets of stored inputs."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from jobs.datasets.preprocessing import preprocessing_of

PIXELS = np.array([[0, 127, 128, 255], [10, 20, 30, 40]], np.uint8).reshape(2, 1, 2, 2)


@pytest.mark.parametrize(
    ("binarize", "normalize", "wanted"),
    [
        (False, "none", PIXELS),
        (False, "unit", PIXELS / 255),
        (True, "none", PIXELS > 127),
        (True, "unit", PIXELS > 127),
        (False, "standardize", (PIXELS - PIXELS.mean()) / PIXELS.std()),
        (True, "standardize", ((PIXELS > 127) - 0.25) / np.sqrt(0.25 * 0.75)),
    ],
)
def test_stored_pixels_become_what_the_document_says(binarize: bool, normalize: str, wanted: NDArray[Any]) -> None:
    found = preprocessing_of(PIXELS, binarize=binarize, normalize=normalize)(PIXELS)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, wanted, rtol=1e-6)


@pytest.mark.parametrize("binarize", [False, True])
def test_each_pixel_is_standardized_and_one_that_is_constant_stays_0_whatever_comes(binarize: bool) -> None:
    train = np.random.default_rng(0).integers(0, 256, (2500, 2, 3, 4), np.uint8)
    train[:, 1, 2, 3] = 200
    preprocessing = preprocessing_of(train, binarize=binarize, normalize="per_pixel")
    found, values = preprocessing(train), (train > 127.5) if binarize else train.astype(np.float64)
    assert (len(preprocessing.shift), preprocessing.shape_for((2, 3, 4))) == (24, (1, 2, 3, 4))
    varies = np.ones((2, 3, 4), bool)
    varies[1, 2, 3] = False
    wanted = (values - values.mean(0))[:, varies] / values.std(0)[varies]
    np.testing.assert_allclose(found[:, varies], wanted, rtol=1e-5, atol=1e-6)
    assert not preprocessing(255 - train)[:, 1, 2, 3].any()


def correlated(dtype: type = np.uint8) -> NDArray[Any]:
    """500 images of 2 x 3 x 4 values that hang together, one of which is always 200."""
    drawn = np.random.default_rng(0)
    values = drawn.normal(size=(500, 24)) @ drawn.normal(size=(24, 24)) * 10 + 128
    values[:, 23] = 200
    return values.clip(0, 255).astype(dtype).reshape(500, 2, 3, 4)


def covariance(inputs: NDArray[Any]) -> NDArray[np.float64]:
    return np.cov(inputs.reshape(len(inputs), -1).T.astype(np.float64), bias=True)


@pytest.mark.parametrize("binarize", [False, True])
def test_whitened_training_inputs_are_uncorrelated_and_have_variance_1(binarize: bool) -> None:
    train = correlated()
    preprocessing = preprocessing_of(train, binarize=binarize, normalize="whiten")
    found = preprocessing(train)
    np.testing.assert_allclose(found.mean(0), 0, atol=1e-5)
    np.testing.assert_allclose(covariance(found)[:23, :23], np.eye(23), atol=1e-5)
    assert not preprocessing(255 - train)[:, 1, 2, 3].any()
    assert preprocessing.matrix is not None
    np.testing.assert_allclose(preprocessing.matrix, preprocessing.matrix.T, atol=1e-7)


def test_directions_below_the_floor_are_raised_as_if_they_were_at_it() -> None:
    train = correlated()
    flat = train.reshape(500, 24)
    flat[:, 22] = np.where(np.arange(500) == 7, 1, 0)  # its variance is 0.002
    before = np.linalg.eigvalsh(covariance(train))
    after = np.linalg.eigvalsh(covariance(preprocessing_of(train, binarize=False, normalize="whiten")(train)))
    floor = 1e-4 * before[-1]
    assert (before[1:] < floor).sum() >= 1
    np.testing.assert_allclose(after, np.minimum(before / floor, 1), atol=1e-4)


def test_features_of_any_units_are_whitened_alike_and_a_constant_one_becomes_0() -> None:
    features = correlated(np.float32).reshape(500, 24)
    features[:, 23] = 0.1
    units = np.geomspace(1e-6, 1e6, 24).astype(np.float32)
    found, scaled = (
        preprocessing_of(each, binarize=False, normalize="whiten")(each) for each in (features, features * units)
    )
    np.testing.assert_allclose(covariance(found)[:23, :23], np.eye(23), atol=1e-4)
    np.testing.assert_allclose(scaled, found, atol=1e-3)
    assert not found[:, 23].any()


def test_of_inputs_that_are_all_alike_nothing_is_left() -> None:
    train = np.full((5, 1, 2, 2), 9, np.uint8)
    assert not preprocessing_of(train, binarize=False, normalize="whiten")(train).any()


def test_a_constant_feature_becomes_0() -> None:
    features = np.array([[1, 5], [3, 5]], np.float32)
    found = preprocessing_of(features, binarize=False, normalize="standardize")(features)
    assert found.tolist() == [[-1, 0], [1, 0]]
