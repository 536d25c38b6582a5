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


def test_a_constant_feature_becomes_0() -> None:
    features = np.array([[1, 5], [3, 5]], np.float32)
    found = preprocessing_of(features, binarize=False, normalize="standardize")(features)
    assert found.tolist() == [[-1, 0], [1, 0]]
