"""The compiled steps that this host keeps: a folder of this user's alone, for a package is code. It needs no torch.

A package lies in a folder named by its key: `step.so`, `loop.so`, which calls it, and `about.json`, which has their
checksums. What a run asks for is told by another digest, for to know the key a step must be traced; `asked` has the
keys by it.
"""

import fcntl
import hashlib
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

STEP, LOOP, ABOUT = "step.so", "loop.so", "about.json"
WORKING, LOCK = "making-", "lock"
OTHERS = 0o077  # the bits of a mode that say what anybody but the owner may do


class Unavailable(Exception):
    """There is no package to be had, and why; the step is then taken without."""


@dataclass(frozen=True)
class Input:
    """A tensor as a package takes it."""

    shape: tuple[int, ...]
    stride: tuple[int, ...]
    dtype: str  # as torch calls it, such as "float32"


@dataclass(frozen=True)
class Package:
    """A compiled step."""

    key: str
    place: Path  # its folder
    inputs: tuple[Input, ...]  # of every tensor that it is given, as `flat` has them
    seconds: float  # that it took to make


def digest(value: Any) -> str:
    """SHA-256 of a value's canonical JSON."""
    return hashlib.sha256(json.dumps(value, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


class Packages:
    """The folder of packages, and how many bytes they may take together. Nothing is read that others may write."""

    def __init__(self, folder: Path, most: int) -> None:
        self.folder, self.most = folder, most

    def find(self, asked: str) -> Package | None:
        """The package that was made for what is asked, and None where none was. Raises Unavailable."""
        self._own()
        try:
            return self.of_key(self._asked(asked).read_text())
        except FileNotFoundError:
            return None
        except OSError as error:
            raise _unusable(error) from None

    def of_key(self, key: str) -> Package | None:
        """The package of that key; one that is damaged, or that somebody else wrote, is taken away."""
        place = self.folder / "packages" / key
        try:
            about = json.loads(_own(place / ABOUT).read_bytes())
            for name in (STEP, LOOP):
                _require(_own(place / name), about["sha256"][name])
            inputs = tuple(
                Input(tuple(each["shape"]), tuple(each["stride"]), each["dtype"]) for each in about["inputs"]
            )
            package = Package(key, place, inputs, about["seconds"])
        except FileNotFoundError:
            return None
        except (Unavailable, ValueError, KeyError, TypeError):
            shutil.rmtree(place, ignore_errors=True)
            return None
        with suppress(OSError):  # in a folder that cannot be written everything stays as it is
            os.utime(place)
        return package

    def put(self, key: str, made: Path, inputs: tuple[Input, ...], seconds: float) -> Package:
        """Keep what was made in a folder of `working`, whole or not at all, and let go of the least used."""
        staged = made / key
        staged.mkdir(mode=0o700)
        for name in (STEP, LOOP):
            (made / name).rename(staged / name)
        sha256 = {name: _sha256(staged / name) for name in (STEP, LOOP)}
        about = {"sha256": sha256, "seconds": seconds, "inputs": [asdict(each) for each in inputs]}
        (staged / ABOUT).write_text(json.dumps(about))
        place = self.folder / "packages" / key
        with self._locked("folder"):
            place.parent.mkdir(mode=0o700, exist_ok=True)
            shutil.rmtree(place, ignore_errors=True)
            staged.rename(place)
            self._let_go(but=place)
            self._forget()
        return Package(key, place, inputs, seconds)

    def remember(self, asked: str, package: Package) -> None:
        """From now on the package is found by what was asked for."""
        file = self._asked(asked)
        file.parent.mkdir(mode=0o700, exist_ok=True)
        aside = file.with_suffix(f".{os.getpid()}")
        aside.write_text(package.key)
        aside.rename(file)

    def alone(self, asked: str) -> AbstractContextManager[None]:
        """Wait until nobody else makes what is asked for; others wait until the `with` ends.

        There are as many locks as a digit has values: what has the same one waits too, and no file is ever left over.
        """
        return self._locked(asked[0])

    @contextmanager
    def working(self) -> Iterator[Path]:
        """A folder for what a process makes on the way. Raises Unavailable."""
        self.sweep()
        with ExitStack() as held:
            with self._locked("folder"):  # or it were swept before its lock is taken
                place = Path(mkdtemp(prefix=WORKING, dir=self.folder))
                held.enter_context(_lock(place / LOCK))
            try:
                yield place
            finally:
                shutil.rmtree(place, ignore_errors=True)

    def sweep(self) -> None:
        """Remove what processes have left that were killed while they made a package. Raises Unavailable."""
        with self._locked("folder"):
            for place in self.folder.glob(f"{WORKING}*"):
                with suppress(BlockingIOError), _lock(place / LOCK, fcntl.LOCK_NB):
                    shutil.rmtree(place, ignore_errors=True)

    def _asked(self, asked: str) -> Path:
        return self.folder / "asked" / asked

    @contextmanager
    def _locked(self, name: str) -> Iterator[None]:
        self._own()
        locks = self.folder / "locks"
        with ExitStack() as held:
            try:
                locks.mkdir(mode=0o700, exist_ok=True)
                held.enter_context(_lock(locks / name))
            except OSError as error:
                raise _unusable(error) from None
            yield

    def _own(self) -> None:
        """Make the folder where it is missing. Raises Unavailable where it cannot be, or is not this user's alone."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if _own(self.folder).stat().st_mode & OTHERS:
                raise Unavailable(f"{self.folder} is open to others, and a package is code: close it by chmod 700")
        except OSError as error:
            raise _unusable(error) from None

    def _let_go(self, *, but: Path) -> None:
        """Remove those that were used longest ago, until the rest takes no more than it may."""
        newest = sorted(but.parent.iterdir(), key=lambda place: (place == but, place.stat().st_mtime), reverse=True)
        taken = 0
        for place in newest:
            taken += sum(file.stat().st_size for file in place.iterdir())
            if taken > self.most and place != but:
                shutil.rmtree(place, ignore_errors=True)

    def _forget(self) -> None:
        """Let nothing lead to a package that is not there any more."""
        for file in self.folder.glob("asked/*"):
            if not (self.folder / "packages" / file.read_text()).is_dir():
                file.unlink(missing_ok=True)


def _own(path: Path) -> Path:
    if path.stat().st_uid != os.getuid():
        raise Unavailable(f"{path} belongs to somebody else, and a package is code")
    return path


def _require(library: Path, sha256: str) -> None:
    if _sha256(library) != sha256:
        raise Unavailable(f"{library} has other bytes than were written")


def _sha256(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


def _unusable(error: OSError) -> Unavailable:
    return Unavailable(f"the folder of packages cannot be used: {error}")


@contextmanager
def _lock(file: Path, how: int = 0) -> Iterator[None]:
    with file.open("w") as opened:
        fcntl.flock(opened, fcntl.LOCK_EX | how)
        yield
