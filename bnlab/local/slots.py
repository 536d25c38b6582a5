"""How many jobs a machine trains at a time, where nobody says: as many as it has cores and memory for, or GPUs."""

import os
from contextlib import suppress
from pathlib import Path

from bnlab.settings import Settings

GPUS = Path("/proc/driver/nvidia/gpus")  # a folder each
MEMORY_LIMIT = Path("/sys/fs/cgroup/memory.max")  # of a container: bytes, or "max"
GB = 10**9
SPARED = 2 * GB  # for everything else
OF_A_JOB = 1 * GB


def with_slots(settings: Settings) -> tuple[Settings, str]:
    """The settings with as many slots as this machine is good for, unless somebody said how many, and a line on why."""
    if "slots" in settings.model_fields_set:
        return settings, f"{_jobs(settings.slots)} at a time, as the settings say"
    cores, memory, gpus = len(os.sched_getaffinity(0)), _memory(), _gpus()
    why = f"{gpus} GPU" if gpus else f"{cores} cores and {memory / GB:.0f} GB of memory"
    slots = slots_of(cores, memory, gpus)
    return settings.model_copy(
        update={"slots": slots}
    ), f"{_jobs(slots)} at a time, for {why}; --workers says otherwise"


def slots_of(cores: int, memory: int, gpus: int) -> int:
    """One a GPU; without any, one a core, but no more than there is memory for.

    >>> slots_of(16, 64 * GB, 0), slots_of(16, 8 * GB, 0), slots_of(1, 1 * GB, 0), slots_of(16, 64 * GB, 2)
    (16, 6, 1, 2)
    """
    return gpus or max(1, min(cores, (memory - SPARED) // OF_A_JOB))


def _jobs(number: int) -> str:
    return "one job" if number == 1 else f"{number} jobs"


def _gpus() -> int:
    return len(list(GPUS.iterdir())) if GPUS.is_dir() else 0


def _memory() -> int:
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with suppress(OSError, ValueError):
        return min(there, int(MEMORY_LIMIT.read_text()))
    return there
