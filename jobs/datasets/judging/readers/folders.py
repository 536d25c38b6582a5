"""A zip of pictures in folders that are called as their classes, with or without `train/` and `test/` around them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from jobs.datasets.judging.archive import Archive
from jobs.datasets.judging.classes import named
from jobs.datasets.judging.faults import Faults
from jobs.datasets.judging.gallery import Gallery, Picture, decoded, form_of
from jobs.datasets.judging.limits import MAX_PICTURE
from jobs.datasets.judging.parts import SPLITS, Part, Parts, Upload, joined
from jobs.datasets.judging.streams import Unreadable
from jobs.datasets.judging.zip_directory import Member

WANTED = "pictures stand in folders that are called as their classes, such as cat/1.png or train/cat/1.png"
JOINED = "the folder of validation pictures is joined to the training part"


@dataclass(frozen=True)
class _Filed:
    """A picture, and where it belongs."""

    split: str
    class_name: str
    member: Member


def read(archive: Archive, upload: Upload) -> Parts:
    """What is in the archive. Raises DatasetRefused."""
    faults = upload.faults
    filed = _filed(archive.members, faults)
    if not filed and not faults.number:
        faults.add(None, f"there is no picture in a folder: {WANTED}")
    faults.check()
    # By class and then by name, as torchvision goes through folders: what order a program archived them in is chance.
    filed.sort(key=lambda each: (each.class_name, each.member.name))
    classes = named((each.class_name for each in filed), faults)
    by_split = {split: [each for each in filed if each.split == split] for split in ("train", "val", "test")}
    galleries = {split: _gallery(archive, members) for split, members in by_split.items() if members}
    shape, warnings = form_of(list(galleries.values()), upload.options.size, faults)
    number = {name: place for place, name in enumerate(classes)}

    def part(split: str) -> Part:
        labels = np.array([number[each.class_name] for each in by_split[split]], np.int64)
        if split not in galleries:
            return Part(labels, lambda: iter(()))
        return Part(labels, lambda: decoded(galleries[split], shape, upload.options.size, faults))

    return Parts(
        "folders",
        shape,
        "uint8",
        classes,
        joined([part("train"), part("val")]),
        part("test") if "test" in galleries else None,
        (*warnings, *((JOINED,) if "val" in galleries else ())),
    )


def _filed(members: Sequence[Member], faults: Faults) -> list[_Filed]:
    """Each picture's part and class by its path, without the folder around all of them, if there is one."""
    paths = {member: tuple(member.name.rstrip("/").split("/")) for member in members}
    pictures = {member: path for member, path in paths.items() if not member.is_folder}
    around = _num_around(list(pictures.values()))
    has_splits = _has_splits([path[around:] for path in pictures.values()])
    depth = around + has_splits  # where in a path the class stands
    found = []
    for member, path in pictures.items():
        split = SPLITS.get(path[around].lower()) if has_splits else "train"
        if split is None:
            faults.add(member.name, "stands beside the folders train and test: put it into one of them")
        elif len(path) < depth + 2:
            faults.add(member.name, f"stands in no class's folder: {WANTED}")
        else:
            found.append(_Filed(split, path[depth], member))
    used = {path[: depth + 1] for path in pictures.values()}
    for member, path in paths.items():
        if member.is_folder and len(path) == depth + 1 and path not in used:
            faults.add(member.name, "is a class's folder without pictures: put some in, or leave it out")
    return found


def _num_around(paths: Sequence[tuple[str, ...]]) -> int:
    """1 where all pictures stand in folders of one folder, else 0."""
    is_one = len({path[0] for path in paths}) == 1
    return int(is_one and all(len(path) > 2 for path in paths) and paths[0][0].lower() not in SPLITS)


def _has_splits(paths: Sequence[tuple[str, ...]]) -> bool:
    """Whether the first folders are parts; a class may be called train too, and then its pictures stand in it."""
    parts = [path for path in paths if path[0].lower() in SPLITS]
    return bool(parts) and (len(parts) == len(paths) or all(len(path) > 2 for path in parts))


def _gallery(archive: Archive, filed: Sequence[_Filed]) -> Gallery:
    def gallery() -> Iterator[Picture]:
        for each in filed:
            try:
                content: bytes | Unreadable = archive.content(each.member, MAX_PICTURE)
            except Unreadable as error:
                content = error
            yield Picture(each.member.name, "", content)

    return gallery
