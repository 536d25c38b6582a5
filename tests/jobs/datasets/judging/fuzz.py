"""Damages small uploads at random and judges each: whatever a file holds, a dataset is found or the file refused.

python -m tests.jobs.datasets.judging.fuzz --cases 5000 --children 100
"""

import argparse
import io
import resource
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from jobs.datasets.judging.judge import examine
from jobs.datasets.judging.limits import GIB
from jobs.datasets.judging.options import Options
from jobs.datasets.judging.sandbox import judge
from jobs.errors import DatasetRefused
from tests.support.uploads import (
    SIDE,
    encoded,
    foldered,
    labels,
    members_of,
    noise,
    npz,
    small_csv,
    small_idx,
    small_npz,
    small_parquet,
    zipped,
)

MEMORY = 4 * GIB  # of addresses, for this process
CASE = 60  # seconds that one case may take
EXTREMES = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 2**63 - 1, 2**64 - 1)

ALONE = {"csv": small_csv(), "parquet": small_parquet()}
ARCHIVES = {
    "npz": members_of(small_npz()),
    "features": members_of(npz(x_train=noise(8, 3) / 9, y_train=labels(8), x_test=noise(4, 3) / 9, y_test=labels(4))),
    "folders": foldered("train/", "test/") | {"train/cat/9.jpg": encoded(noise(SIDE, SIDE), "JPEG")},
    "idx": small_idx(),
    "parquets": {"train-0.parquet": small_parquet(), "test-0.parquet": small_parquet()},
}
Outcome = str
FAILED = "the process that judges it failed"


def case_of(seed: int) -> tuple[bytes, Options]:
    """The damaged file of a seed, and options to judge it with."""
    random = Random(seed)
    options = Options(random.choice((None, 0.3)), random.choice((None, 4)), seed)
    name = random.choice([*ALONE, *ARCHIVES])
    if name in ALONE:
        return damaged(ALONE[name], random), options
    members = dict(ARCHIVES[name])
    # Half of them are damaged within: their checksums agree, so that readers get to see what is in them.
    if random.random() < 0.5:
        for member in random.sample(sorted(members), random.randint(1, 2)):
            members[member] = damaged(members[member], random)
        return zipped(members, random.choice((0, 8))), options
    return damaged(zipped(members, random.choice((0, 8))), random), options


def damaged(content: bytes, random: Random) -> bytes:
    """The bytes, changed in one to eight places."""
    changed = bytearray(content)
    for _ in range(random.choice((1, 1, 2, 8))):
        start = random.randrange(len(changed) + 1)
        end = min(len(changed), start + random.choice((1, 1, 2, 4, 8, 64)))
        changed[start:end] = random.choice(DAMAGE)(bytes(changed[start:end]), random)
    return bytes(changed)


DAMAGE: tuple[Callable[[bytes, Random], bytes], ...] = (
    lambda old, random: bytes(byte ^ 1 << random.randrange(8) for byte in old),
    lambda old, random: random.randbytes(len(old)),
    lambda old, random: (random.choice(EXTREMES) % 256 ** max(1, len(old))).to_bytes(max(1, len(old)), "little"),
    lambda old, random: old[: random.randrange(len(old) + 1)],
    lambda old, random: old * random.randint(2, 5),
    lambda old, random: old + random.randbytes(random.randint(1, 16)),
)


def outcome_of(seed: int, as_child: bool = False) -> Outcome:
    """`found`, `refused`, or `failed` where a child did not end as it should; whatever else happens is raised."""
    content, options = case_of(seed)
    with tempfile.TemporaryDirectory(prefix="bnlab-fuzz-") as name:
        folder = Path(name) / "folder"
        folder.mkdir()
        try:
            if as_child:
                (Path(name) / "file").write_bytes(content)
                judge(Path(name) / "file", options, folder)
            else:
                examine(io.BytesIO(content), options, folder)
        except DatasetRefused as refused:
            if as_child and list(folder.iterdir()):
                raise AssertionError("a refused file has left something behind") from None
            return "failed" if FAILED in str(refused) else "refused"
    return "found"


@contextmanager
def within(seconds: int) -> Iterator[None]:
    """Raise TimeoutError in what takes longer."""

    def late(_signal: int, _frame: object) -> None:
        raise TimeoutError(f"it takes longer than {seconds} seconds")

    before = signal.signal(signal.SIGALRM, late)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, before)


def main() -> int:
    """Fuzz, and say with the exit status whether nothing was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=5_000, help="that are judged in this process")
    parser.add_argument("--children", type=int, default=100, help="that are judged in a child each")
    parser.add_argument("--seed", type=int, default=0, help="of the first case; the others follow it")
    parser.add_argument("--seconds", type=int, default=3_600, help="the longest that it may take")
    asked = parser.parse_args()
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    deadline = time.monotonic() + asked.seconds
    outcomes: Counter[Outcome] = Counter()
    for as_child, number in ((False, asked.cases), (True, asked.children)):
        for seed in range(asked.seed, asked.seed + number):
            if time.monotonic() > deadline:
                print(f"not done after {asked.seconds} seconds: give it more with --seconds, or fewer with --cases")
                return 1
            try:
                with within(CASE):
                    outcomes[outcome_of(seed, as_child)] += 1
            except Exception:  # noqa: BLE001 - whatever is not foreseen is what is looked for
                outcomes["unforeseen"] += 1
                print(f"seed {seed}:\n{traceback.format_exc()}")
    print(", ".join(f"{number} {outcome}" for outcome, number in sorted(outcomes.items())))
    print(f"at most {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024} MiB")
    return int(bool(outcomes["unforeseen"] or outcomes["failed"]))


if __name__ == "__main__":
    sys.exit(main())
