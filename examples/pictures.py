"""Puts pictures of one size into a file to ask a network about: `python3 pictures.py OUT.npy PICTURE...`.

It needs numpy and Pillow. The array is [N, C, H, W] of 0 to 255, as the dataset of such pictures has them.
"""

import sys

import numpy as np
from PIL import Image


def main() -> None:
    """Read them in the order in which they are named."""
    out, *pictures = sys.argv[1:]
    images = np.stack([np.atleast_3d(np.asarray(Image.open(picture))) for picture in pictures])
    np.save(out, images.transpose(0, 3, 1, 2))


if __name__ == "__main__":
    main()
