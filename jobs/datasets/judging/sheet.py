"""A picture of examples by class, made without any font: a row a class, in the order of the classes."""

from pathlib import Path

import numpy as np
from PIL import Image

from jobs.datasets.judging.outputs import SHEET
from jobs.datasets.judging.parts import Block, Labels
from jobs.datasets.judging.pictures import picture

ROWS = 20
COLUMNS = 10
SIDE = 64  # pixels of an example's longer side
GAP = 4  # pixels between examples
PAPER = 255


class Sheet:
    """The first examples of the first classes."""

    def __init__(self, shape: tuple[int, ...], num_classes: int) -> None:
        self._mode = "L" if shape[0] == 1 else "RGB"
        self._rows: list[list[Image.Image]] = [[] for _ in range(min(num_classes, ROWS))]

    def add(self, block: Block, labels: Labels) -> None:
        """Take in those of these images [n, C, H, W] for which there is still room."""
        for which, row in enumerate(self._rows):
            for place in np.flatnonzero(labels == which)[: COLUMNS - len(row)]:
                row.append(_tile(picture(block[place])))

    def save(self, folder: Path) -> None:
        """Write it into the folder, under its name."""
        step = SIDE + GAP
        sheet = Image.new(self._mode, (COLUMNS * step + GAP, len(self._rows) * step + GAP), (PAPER,) * len(self._mode))
        for y, row in enumerate(self._rows):
            for x, tile in enumerate(row):
                sheet.paste(tile, (GAP + x * step, GAP + y * step))
        sheet.save(folder / SHEET, "PNG")


def _tile(image: Image.Image) -> Image.Image:
    """The image as large as its place: what is made larger keeps its pixels apart."""
    longer = max(image.size)
    size = (max(1, image.width * SIDE // longer), max(1, image.height * SIDE // longer))
    return image.resize(size, Image.Resampling.NEAREST if longer < SIDE else Image.Resampling.BOX)
