"""Judges a file within this process: what is in it is written decoded, or everything that is wrong with it is told.

The file is untrusted: whoever does not know it calls `sandbox.judge`, which has this done in a child.
"""

from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO

import numpy as np

from jobs.datasets.judging.classes import check_parts
from jobs.datasets.judging.faults import Faults, refusal, shortened
from jobs.datasets.judging.found import Found
from jobs.datasets.judging.limits import MAX_DECODED, MAX_EXAMPLES
from jobs.datasets.judging.options import Options
from jobs.datasets.judging.parts import Labels, Parts, Upload
from jobs.datasets.judging.pictures import quietly
from jobs.datasets.judging.recognition import parts_of
from jobs.datasets.judging.writing import Mask, write
from jobs.datasets.strata import held_out
from jobs.sentences import listed


def examine(file: BinaryIO, options: Options, folder: Path) -> Found:
    """Say what is in a seekable file, and write it into an empty folder, under the names of `outputs`.

    Raises DatasetRefused with the faults: all of those that show before anything is decoded, or else all that decoding
    shows; what is in the folder then is of no use.
    """
    try:
        with quietly(), ExitStack() as opened:
            upload = Upload(file, options, Faults(), folder, opened)
            return _judged(parts_of(upload), upload)
    except MemoryError:
        raise refusal(None, "judging the file takes more memory than there is") from None


def _judged(parts: Parts, upload: Upload) -> Found:
    options, faults = upload.options, upload.faults
    warnings = list(parts.warnings)
    has_test = parts.test is not None or options.test is not None
    if not has_test:
        faults.add(
            None, "there is no test part: say test=0.2 to hold a fifth of each class out, or put one into the file"
        )
    if parts.test is not None and options.test is not None:
        warnings.append(f"test={options.test:g} has no effect: the file has a test part")
    mask = _held_out(parts, options)
    labels = _labels(parts, mask)
    warnings += check_parts(parts.classes, labels["train"], labels["test"] if has_test else None, faults)
    _check_size(parts, options, faults)
    faults.check()
    moments = write(parts, labels, mask, upload.folder, faults)
    constant = [str(place) for place in np.flatnonzero(moments.sd == 0)]
    if constant:
        what = "channels" if parts.dtype == "uint8" else "features"
        warnings.append(f"{what} with one value in all training examples, counted from 0: {listed(constant)}")
    counts = {split: np.bincount(labels[split], minlength=len(parts.classes)).tolist() for split in labels}
    return Found(
        shape=parts.shape,
        dtype=parts.dtype,
        classes=parts.classes,
        train_counts=tuple(counts["train"]),
        test_counts=tuple(counts["test"]),
        mean=tuple(moments.mean.tolist()),
        sd=tuple(moments.sd.tolist()),
        warnings=tuple(map(shortened, warnings)),
        source_format=parts.source_format,
    )


def _held_out(parts: Parts, options: Options) -> Mask:
    """Which of the file's training examples go into the test part."""
    if parts.test is None and options.test is not None:
        return held_out(parts.train.labels, options.test, options.seed)
    return np.zeros(len(parts.train.labels), np.bool_)


def _labels(parts: Parts, mask: Mask) -> dict[str, Labels]:
    test = parts.train.labels[mask] if parts.test is None else parts.test.labels
    return {"train": parts.train.labels[~mask], "test": test}


def _check_size(parts: Parts, options: Options, faults: Faults) -> None:
    if parts.dtype == "float32" and options.size is not None:
        faults.add(None, f"size={options.size} is of images, and this file has features: leave it out")
    if parts.num_examples > MAX_EXAMPLES:
        faults.add(None, f"there are {parts.num_examples:,} examples: at most {MAX_EXAMPLES:,} are read")
    if parts.num_bytes > MAX_DECODED:
        faults.add(None, f"decoded the examples take {parts.num_bytes:,} bytes: at most {MAX_DECODED:,} are kept")
