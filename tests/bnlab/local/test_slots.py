"""How many jobs train at a time where nobody says."""

from pathlib import Path

import pytest

from bnlab.local import slots
from bnlab.local.slots import GB, slots_of, with_slots
from bnlab.settings import Settings


def test_what_somebody_said_stays() -> None:
    settings, why = with_slots(Settings(slots=3))
    assert (settings.slots, why) == (3, "3 jobs at a time, as the settings say")


def test_else_there_are_as_many_as_cores_and_memory_allow(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(slots, "GPUS", tmp_path / "none")
    monkeypatch.setattr(slots, "MEMORY_LIMIT", tmp_path / "none")
    monkeypatch.setattr("os.sched_getaffinity", lambda _: {0, 1, 2})
    monkeypatch.setattr("os.sysconf", lambda name: {"SC_PAGE_SIZE": 10**3, "SC_PHYS_PAGES": 24 * 10**6}[name])
    settings, why = with_slots(Settings())
    assert (settings.slots, why) == (3, "3 jobs at a time, for 3 cores and 24 GB of memory; --workers says otherwise")
    (tmp_path / "limit").write_text(f"{4 * GB}\n")
    monkeypatch.setattr(slots, "MEMORY_LIMIT", tmp_path / "limit")
    assert with_slots(Settings())[0].slots == slots_of(3, 4 * GB, 0) == 2
    (tmp_path / "limit").write_text("max\n")
    assert with_slots(Settings())[0].slots == 3


def test_with_gpus_there_is_one_for_each(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("0000:01:00.0", "0000:02:00.0"):
        (tmp_path / name).mkdir()
    monkeypatch.setattr(slots, "GPUS", tmp_path)
    settings, why = with_slots(Settings())
    assert (settings.slots, why) == (2, "2 jobs at a time, for 2 GPU; --workers says otherwise")
