"""The locks name everything that is installed, in releases that pyproject.toml allows, and agree with each other."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
USES = ("server", "worker", "all", "dev")
WITHOUT = "torch"  # installed before a lock, in the release that TORCH names


def locked(use: str) -> dict[str, Requirement]:
    """What a lock has, by canonical name."""
    lines = (ROOT / "locks" / f"{use}.txt").read_text().replace("\\\n", " ").splitlines()
    found = [Requirement(line.partition(" --hash")[0]) for line in lines if not line.startswith("#")]
    return {canonicalize_name(requirement.name): requirement for requirement in found}


def release(requirement: Requirement) -> str:
    """The one release that a locked requirement allows."""
    (pin,) = requirement.specifier
    assert pin.operator == "=="
    return pin.version


def required(extra: str) -> Iterator[Requirement]:
    """What an extra of the project asks for, those that it includes among it."""
    for text in PROJECT["optional-dependencies"][extra]:
        requirement = Requirement(text)
        if requirement.name == PROJECT["name"]:
            for included in requirement.extras:
                yield from required(included)
        else:
            yield requirement


@pytest.mark.parametrize("use", USES)
def test_a_lock_has_every_requirement_in_the_range_of_the_project(use: str) -> None:
    lock = locked(use)
    wanted = [*map(Requirement, PROJECT["dependencies"]), *required(use)]
    wanted = [each for each in wanted if each.name != WITHOUT]
    assert len(wanted) > len(PROJECT["dependencies"])
    found = {each.name: lock.get(canonicalize_name(each.name)) for each in wanted}
    assert [name for name, pinned in found.items() if pinned is None] == [], "run `make lock`"
    outside = [str(each) for each in wanted if (pin := found[each.name]) and release(pin) not in each.specifier]
    assert outside == [], "run `make lock`"


@pytest.mark.parametrize("use", USES)
def test_a_lock_checks_all_that_it_has_and_leaves_torch_and_every_address_out(use: str) -> None:
    text = (ROOT / "locks" / f"{use}.txt").read_text()
    entries = re.findall(r"^[a-z0-9].*(?:\n    .*)*", text, re.MULTILINE)
    assert len(entries) == len(locked(use)) > 40
    assert [entry for entry in entries if "--hash=sha256:" not in entry] == []
    assert WITHOUT not in locked(use)
    assert "://" not in text


@pytest.mark.parametrize("use", USES)
def test_all_locks_name_the_same_release_of_a_package(use: str) -> None:
    everything = locked("dev")
    others = [name for name, pin in locked(use).items() if release(pin) != release(everything[name])]
    assert others == []


def test_the_torch_that_is_installed_by_default_is_one_release_in_the_range_of_the_project() -> None:
    (allowed,) = (each for each in required("worker") if each.name == WITHOUT)
    places = {"Makefile": "TORCH ?= (.+)", "Dockerfile": 'ARG TORCH="(.+)"', "docker-compose.yml": "TORCH:-(.+)}"}
    named = {name for file, line in places.items() for name in re.findall(line, (ROOT / file).read_text())}
    (default,) = map(Requirement, named)
    assert release(default) in allowed.specifier
