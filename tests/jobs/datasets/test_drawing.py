"""Examples of a dataset of the catalogue as a picture."""

import io
from pathlib import Path

import pytest
from PIL import Image

from jobs.datasets.drawing import sheet_of
from jobs.errors import DatasetUnavailable, NotFound


def test_the_picture_has_a_row_for_each_class(tmp_path: Path) -> None:
    with Image.open(io.BytesIO(sheet_of("synthetic", tmp_path))) as picture:
        assert (picture.format, picture.mode) == ("PNG", "L")
        assert picture.width == picture.height  # ten examples of each of ten classes


def test_what_is_not_here_is_not_drawn(tmp_path: Path) -> None:
    with pytest.raises(DatasetUnavailable, match="bnlab data fetch cifar10"):
        sheet_of("cifar10", tmp_path)
    with pytest.raises(NotFound):
        sheet_of("own", tmp_path)
