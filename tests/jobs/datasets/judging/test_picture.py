"""One picture, decoded in a child: what it becomes, and what is refused of it."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from jobs.datasets.judging.limits import Bounds
from jobs.datasets.judging.picture import decoded
from jobs.errors import DatasetRefused

PIXELS = np.random.default_rng(0).integers(0, 256, (5, 6, 3), dtype=np.uint8)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    file = tmp_path / "file"
    Image.fromarray(PIXELS).save(file, "PNG")
    return file


def test_a_picture_becomes_its_channels_and_nothing_is_left_behind(file: Path, tmp_path: Path) -> None:
    assert (decoded(file, (3, 5, 6), tmp_path) == PIXELS.transpose(2, 0, 1)).all()
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("shape", "bounds", "told"),
    [
        ((3, 6, 5), Bounds(), "the picture has 5 x 6 pixels, high and wide: it has to be 6 x 5"),
        ((3, 5, 6), Bounds(anonymous=1), "takes more than 0 MiB of memory"),
        ((3, 5, 6), Bounds(seconds=0.0), "takes longer than 0 seconds"),
    ],
    ids=["another size", "too much memory", "too long"],
)
def test_what_is_refused_leaves_nothing_behind(
    file: Path, tmp_path: Path, shape: tuple[int, ...], bounds: Bounds, told: str
) -> None:
    with pytest.raises(DatasetRefused, match=told):
        decoded(file, shape, tmp_path, bounds)
    assert list(tmp_path.iterdir()) == [file]
