"""Training images moved and mirrored at random: what happens to an example depends on seed, epoch and example alone."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn.functional import pad

from jobs.spec import Augmentation

STREAM = 1  # sets these draws apart from those of the epoch's order


@dataclass(frozen=True, eq=False)
class Draws:
    """What happens to some examples: where the window of each starts, from 0 to 2 * shift, and which are mirrored."""

    top: NDArray[np.int64]
    left: NDArray[np.int64]
    mirrored: NDArray[np.bool_]

    def of(self, examples: NDArray[np.int64]) -> "Draws":
        """The draws of these examples."""
        return Draws(self.top[examples], self.left[examples], self.mirrored[examples])


@lru_cache(maxsize=2)
def draws(options: Augmentation, seed: int, epoch: int, count: int) -> Draws:
    """Those of all `count` training examples in an epoch, drawn from (seed, epoch) and nothing else."""
    random = np.random.Generator(np.random.Philox(np.random.SeedSequence([seed, epoch, STREAM])))
    top, left = random.integers(0, 2 * options.shift + 1, (2, count))
    return Draws(top, left, random.random(count) < 0.5)


def joined(parts: list[Draws]) -> Draws:
    """The draws of several batches, one behind the other."""
    return Draws(
        np.concatenate([part.top for part in parts]),
        np.concatenate([part.left for part in parts]),
        np.concatenate([part.mirrored for part in parts]),
    )


def augmented(images: Tensor, options: Augmentation, drawn: Draws) -> Tensor:
    """Move and mirror each image [N, C, H, W] as was drawn for it; pixels of 0 come in at the sides."""
    height, width = images.shape[2:]
    device = images.device
    if options.flip:
        mirrored = torch.from_numpy(drawn.mirrored).to(device)[:, None, None, None]
        images = torch.where(mirrored, images.flip(3), images)
    windows = pad(images, [options.shift] * 4).unfold(2, height, 1).unfold(3, width, 1)
    top, left = (torch.from_numpy(places).to(device) for places in (drawn.top, drawn.left))
    return windows[torch.arange(len(images), device=device), :, top, left]
