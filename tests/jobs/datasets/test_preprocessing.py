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


def test_a_constant_feature_becomes_0() -> None:
    features = np.array([[1, 5], [3, 5]], np.float32)
    found = preprocessing_of(features, binarize=False, normalize="standardize")(features)
    assert found.tolist() == [[-1, 0], [1, 0]]
