"""The process that decodes one untrusted picture: confined and bounded as the one that judges datasets is."""

import json
import sys
from pathlib import Path

import numpy as np

from jobs.datasets.judging import npy
from jobs.datasets.judging.answer import Answer
from jobs.datasets.judging.child import NO_ROOM, limit
from jobs.datasets.judging.faults import fault
from jobs.datasets.judging.limits import Bounds
from jobs.datasets.judging.outputs import ANSWER, FULL, PICTURE
from jobs.datasets.judging.pictures import header, pixels, quietly
from jobs.datasets.judging.streams import Unreadable


def main() -> int:
    """Decode the file that is standard input into the current folder; the arguments are [C, H, W] and bounds, as JSON.

    The exit code: 0 where the folder has the picture, or an answer with what is wrong with it; FULL for a full disk.
    """
    shape, bounds = json.loads(sys.argv[1]), Bounds(**json.loads(sys.argv[2]))
    folder = Path.cwd()
    landlock = limit(bounds, folder)
    try:
        with open(0, "rb") as file, quietly():
            decode(file.read(), shape, folder)
    except Unreadable as error:
        (folder / ANSWER).write_text(Answer(landlock, None, (fault(None, f"the picture {error}"),)).to_json())
    except OSError as error:
        if error.errno in NO_ROOM:
            return FULL
        raise
    return 0


def decode(content: bytes, shape: list[int], folder: Path) -> None:
    """Write a picture of the size [C, H, W] as an array of uint8. Raises Unreadable; must be called `quietly`."""
    channels, *size = shape
    head = header(content)
    if [head.height, head.width] != size:
        sizes = f"{head.height} x {head.width} pixels, high and wide: it has to be {size[0]} x {size[1]}"
        raise Unreadable(f"has {sizes}")
    with (folder / PICTURE).open("xb") as file:
        npy.write_header(file, "uint8", tuple(shape))
        file.write(np.ascontiguousarray(pixels(content, channels, None)).data)
