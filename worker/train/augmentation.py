"""Training images moved and mirrored at random: what happens to an example depends on seed, epoch and example alone."""

from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from jobs.spec.document import Augmentation
from worker.train.crossing import sent

STREAM = 1  # sets these draws apart from those of the epoch's order

Draws = NDArray[np.float64]  # [examples, 3], from 0 up to 1: how far down, how far right, and whether mirrored


@lru_cache(maxsize=2)
def draws(seed: int, epoch: int, count: int) -> Draws:
    """Those of the first `count` training examples in an epoch; an example's are the same whatever their number."""
    stream = np.random.Philox(np.random.SeedSequence([seed, epoch, STREAM]))
    return np.random.Generator(stream).random((count, 3))


def augmented(images: Tensor, options: Augmentation, drawn: Draws) -> Tensor:
    """Move and mirror each image [N, C, H, W] as was drawn for it; pixels of 0 come in at the sides."""
    height, width = images.shape[2:]
    device = images.device
    if options.flip:
        mirrored = sent(drawn[:, 2] < 0.5, device)[:, None, None, None]
        images = torch.where(mirrored, images.flip(3), images)
    places = (drawn[:, :2] * (2 * options.shift + 1)).astype(np.int64)  # where an image's window starts
    top, left = sent(places, device).unbind(1)
    windows = pad(images, [options.shift] * 4).unfold(2, height, 1).unfold(3, width, 1)
    return windows[torch.arange(len(images), device=device), :, top, left]
