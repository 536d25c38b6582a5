"""Colours that can be seen and told apart, by the definitions of WCAG 2, Machado et al. 2009 and OKLab."""

from itertools import combinations

import numpy as np
import pytest
from numpy.typing import NDArray

from bnlab.figures.style import COLOURS, look

Colour = NDArray[np.float64]

VISIONS = {
    "normal": np.eye(3),
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}
LMS = [[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566]]
LMS += [[0.0883024619, 0.2817188376, 0.6299787005]]
LAB = [[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099]]
LAB += [[0.0259040371, 0.7827717662, -0.8086757660]]


def linear(colour: str) -> Colour:
    srgb = np.array([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)


def oklab(rgb: Colour) -> Colour:
    found: Colour = np.array(LAB) @ np.cbrt(np.array(LMS) @ np.clip(rgb, 0, 1))
    return found


def contrast_on_white(colour: str) -> float:
    return float(1.05 / (linear(colour) @ [0.2126, 0.7152, 0.0722] + 0.05))


def test_the_contrast_is_that_of_the_definition() -> None:
    assert contrast_on_white("#000000") == pytest.approx(21)
    assert contrast_on_white("#56b4e9") < 2.4


@pytest.mark.parametrize("colour", COLOURS)
def test_every_colour_has_a_contrast_of_three_to_one_on_white(colour: str) -> None:
    assert contrast_on_white(colour) >= 3


@pytest.mark.parametrize("vision", VISIONS)
def test_every_two_colours_are_told_apart_however_one_sees_them(vision: str) -> None:
    seen = [oklab(np.array(VISIONS[vision]) @ linear(colour)) for colour in COLOURS]
    assert len(seen) == 6
    assert min(float(np.linalg.norm(one - other)) for one, other in combinations(seen, 2)) > 0.12


def test_curves_differ_in_more_than_their_colour() -> None:
    looks = [look(place) for place in range(36)]
    assert len({look["linestyle"] for look in looks[:6]}) == len({look["marker"] for look in looks[:6]}) == 6
    assert len({(look["color"], look["linestyle"]) for look in looks}) == 36
