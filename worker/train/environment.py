"""What a run's bits depend on beside its specification, and what of that is no longer the same."""

import hashlib
import platform
from collections.abc import Iterable, Mapping
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy
import torch

from jobs.errors import EnvironmentChanged
from jobs.spec.document import JobSpec

SOURCES = (
    "bn",
    "jobs/datasets/catalogue.py",
    "jobs/datasets/files.py",
    "jobs/datasets/formats",
    "jobs/datasets/loading.py",
    "jobs/datasets/preprocessing.py",
    "jobs/datasets/shares.py",
    "jobs/datasets/strata.py",
    "jobs/datasets/synthetic.py",
    "jobs/series/format",
    "jobs/spec",
    "worker/record",
    "worker/train",
)
"""What computes results and lays them out, the datasets' checksums included: folders and files of a checkout."""

CODE = (".py", ".cpp")  # how the names of sources end


def environment_of(spec: JobSpec, device: torch.device, engine: Mapping[str, str]) -> dict[str, str | int]:
    """The key: two runs of one specification with equal keys are equal to the bit. engine: what it says of itself."""
    of_device = _of_cuda(device) if device.type == "cuda" else {"device": device.type}
    return {
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "python": platform.python_version(),
        "machine": platform.machine(),
        "cpu": _cpu_model(),
        "cpu_capability": torch.backends.cpu.get_cpu_capability(),
        **of_device,
        "threads": spec.resources.threads,
        **engine,
        "code": code_version(),
    }


def _of_cuda(device: torch.device) -> dict[str, str | int]:
    return {
        "device": torch.cuda.get_device_name(device),
        "cuda": torch.version.cuda or "none",
        "cudnn": torch.backends.cudnn.version() or 0,  # type: ignore[no-untyped-call]
        "driver": _driver_version(),
    }


@lru_cache(maxsize=1)
def _driver_version() -> str:
    """Of NVIDIA's kernel module, as it says itself: torch knows only which CUDA it can do."""
    with suppress(OSError):
        return Path("/proc/driver/nvidia/version").read_text().splitlines()[0]
    return "unknown"


@lru_cache(maxsize=1)
def _cpu_model() -> str:
    """As Linux calls it, else as Python does: kernels are chosen by it."""
    with suppress(OSError):
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    return platform.processor()


def changed(
    before: Mapping[str, Any], now: Mapping[str, Any], *, already: Iterable[str], strict: bool
) -> tuple[str, ...]:
    """In what the environment of a run that goes on differs from that of its last part, or did `already` before that.

    Raises EnvironmentChanged where it differs now and the job is to be reproducible, `strict`.
    """
    differs = tuple(name for name in now if now[name] != before.get(name))
    if differs and strict:
        what = ", ".join(f"{name} was {before.get(name)} and is {now[name]}" for name in differs)
        raise EnvironmentChanged(
            f"it would not end with the same bits here: {what}; run a worker in the old environment and retry, "
            "or retry from scratch"
        )
    return tuple(dict.fromkeys((*already, *differs)))


@lru_cache(maxsize=1)
def code_version() -> str:
    """A digest of the source that computes results, and of no other: what only answers may change under a job."""
    return digest_of(Path(__file__).parents[2])


def digest_of(root: Path) -> str:
    """Of the sources in a checkout: 12 hexadecimal digits."""
    digest = hashlib.sha256()
    for source in SOURCES:
        place = root / source
        for path in sorted(place.rglob("*")) if place.is_dir() else (place,):
            if path.suffix in CODE:
                digest.update(f"{path.relative_to(root)}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:12]
