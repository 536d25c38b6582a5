"""Labels as a file has them, and the classes that they are of: whole numbers from 0 without gaps, or names."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from jobs.datasets.judging.faults import Faults, shortened
from jobs.datasets.judging.found import is_name
from jobs.datasets.judging.limits import MAX_CLASS_NAME, MAX_CLASSES
from jobs.datasets.judging.parts import Labels
from jobs.sentences import listed


def whole(member: str | None, values: NDArray[Any], faults: Faults) -> Labels:
    """Labels [N] of any type of whole numbers as int64; other types, and numbers that int64 lacks, are faults."""
    if values.dtype.kind not in "iub":
        faults.add(member, f"labels are {values.dtype}: save them as whole numbers, with astype('int64')")
        return np.zeros(len(values), np.int64)
    if values.dtype == np.uint64:
        _tell_first(member, values, values > np.iinfo(np.int64).max, "at most 2^63 - 1 are read", faults)
    return values.astype(np.int64)


def numbered(
    parts: Sequence[tuple[str | None, Labels]], faults: Faults, names: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """The names of the classes whose numbers the labels of all parts are, each with the member that holds it.

    Where there are `names` a label is the place of its class among them; else classes are called by their digits.
    What is negative, beyond the names, or leaves a gap is a fault.
    """
    before = faults.number
    for member, labels in parts:
        _tell_first(member, labels, labels < 0, "labels are numbered from 0", faults)
        if names:
            _tell_first(member, labels, labels >= len(names), f"there are {len(names)} names of classes", faults)
        else:
            _tell_first(member, labels, labels >= MAX_CLASSES, f"at most {MAX_CLASSES:,} classes are read", faults)
    if faults.number > before:
        return ()
    if names:
        check_names(names, faults)
        return names
    present = np.unique(np.concatenate([labels for _, labels in parts]))
    number = int(present[-1]) + 1 if len(present) else 0
    absent = sorted(set(range(number)) - set(present.tolist()))
    if absent:
        gaps = listed([str(label) for label in absent])
        faults.add(None, f"labels have gaps: they reach {number - 1}, and none is {gaps}: number them from 0")
    return tuple(map(str, range(number)))


def named(names: Iterable[str], faults: Faults) -> tuple[str, ...]:
    """The classes of these names, in the order of their characters, as torchvision sorts folders."""
    classes = tuple(sorted(set(names)))
    check_names(classes, faults)
    return classes


def check_names(names: tuple[str, ...], faults: Faults) -> None:
    """Add a fault for each name that cannot be shown, and one for too many of them."""
    if len(names) > MAX_CLASSES:
        faults.add(None, f"there are {len(names):,} classes: at most {MAX_CLASSES:,} are read")
    if len(set(names)) < len(names):
        faults.add(None, "two classes have the same name")
    for name in names:
        if not is_name(name):
            told = f"a class is called '{shortened(name)}'"
            faults.add(None, f"{told}: a name has 1 to {MAX_CLASS_NAME} characters, and none of control")


def check_parts(classes: tuple[str, ...], train: Labels, test: Labels | None, faults: Faults) -> tuple[str, ...]:
    """Warnings of classes that have few examples; too few classes, an empty part and untrained classes are faults.

    test: None where it is not known what the test part is to be.
    """
    if len(classes) < 2:
        faults.add(None, "there is one class alone: to tell classes apart takes two or more")
    train_counts = np.bincount(train, minlength=len(classes))
    untrained = _where(classes, train_counts == 0)
    if untrained:
        faults.add(None, f"no training example is of class {listed(untrained)}")
    told = {"one training example alone is of class": _where(classes, train_counts == 1)}
    if test is not None:
        if not len(test):
            faults.add(None, "the test part is empty")
        told["no test example is of class"] = _where(classes, np.bincount(test, minlength=len(classes)) == 0)
    return tuple(f"{what} {listed(where)}" for what, where in told.items() if where)


def _where(classes: tuple[str, ...], mask: NDArray[np.bool_]) -> list[str]:
    return [f"'{classes[which]}'" for which in np.flatnonzero(mask)]


def _tell_first(member: str | None, labels: NDArray[Any], wrong: NDArray[np.bool_], why: str, faults: Faults) -> None:
    """One fault for all labels that are wrong in one way, with the first of them."""
    where = np.flatnonzero(wrong)
    if len(where):
        others = f", and {len(where) - 1:,} more" if len(where) > 1 else ""
        faults.add(member, f"example {where[0]:,} has label {labels[where[0]]}{others}: {why}")
