"""How much a difference in accuracy owes to which images the test set happens to have."""

from math import sqrt

import numpy as np
from numpy.typing import NDArray


def error_by_images(first: NDArray[np.bool_], second: NDArray[np.bool_]) -> float:
    """The standard error of a difference in test accuracy, by the images: sd of their mean differences over sqrt(N).

    first, second: [seeds, N], whether each image was classified rightly by each seed's network, of the same seeds or
    others. An image's difference is that of its means over the seeds. More seeds do not make it small, more images do.
    Bouthillier et al. 2021, for the test set as a source of variance of its own.

    >>> first, second = np.array([[True, True, True, False]]), np.array([[True, False, False, True]])
    >>> round(error_by_images(first, second), 4)
    0.4787
    """
    differences = first.mean(0) - second.mean(0)
    return float(differences.std(ddof=1)) / sqrt(len(differences))
