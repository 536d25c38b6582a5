"""The locks name everything that is installed, in releases that pyproject.toml allows, and agree with each other."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
USES = ("server", "worker", "all", "dev")
WITHOUT = "torch"  # installed before a lock, in the release that TORCH names
COMES_WITH_TORCH = re.compile(r"torch|triton|nvidia-.*|cuda-.*|sympy|mpmath|networkx|filelock|fsspec|pytorch-.*")
MACHINES = [
    {
        "python_version": python,
        "python_full_version": f"{python}.9",
        "platform_machine": machine,
        "sys_platform": system,
    }
    for python in ("3.11", "3.12", "3.13")
    for machine, system in (("x86_64", "linux"), ("aarch64", "linux"), ("arm64", "darwin"))
]


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


def applies(requirement: Requirement, machine: dict[str, str]) -> bool:
    """Whether a requirement is one on such a machine."""
    return requirement.marker is None or requirement.marker.evaluate(machine)


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
    assert [name for name in locked(use) if COMES_WITH_TORCH.fullmatch(name)] == []
    assert "://" not in text
    assert re.findall(r"^-.*", text, re.MULTILINE) == []  # an option could name an index, or a folder


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("machine", MACHINES, ids=lambda machine: "-".join(machine.values()))
def test_a_lock_leaves_out_no_requirement_of_any_python_or_processor(use: str, machine: dict[str, str]) -> None:
    lock = {name: pin for name, pin in locked(use).items() if applies(pin, machine)}
    wanted = [each for each in (*map(Requirement, PROJECT["dependencies"]), *required(use)) if applies(each, machine)]
    assert [each.name for each in wanted if canonicalize_name(each.name) not in {*lock, WITHOUT}] == []
    assert len(locked(use)) - len(lock) <= 3  # but for those of old Pythons and of Windows


def test_make_and_the_images_install_torch_the_checkout_and_locks_by_their_hashes_and_nothing_else() -> None:
    lines = [line for file in ("Makefile", "Dockerfile") for line in (ROOT / file).read_text().splitlines()]
    installs = [line for line in lines if "pip install" in line and not re.search(r"\.venv-(peers|lock)/", line)]
    allowed = {
        "a lock": r"--require-hashes --requirement locks/[^ ]+\.txt",
        "the checkout": r"--no-deps --editable \.",
        "torch": r"\$.*--index-url .* ['\"]\$[({]?TORCH[)}]?['\"]",
    }
    found = [
        [kind for kind, arguments in allowed.items() if re.search(rf"pip install --quiet {arguments}$", line)]
        for line in installs
    ]
    assert [line for line, kinds in zip(installs, found, strict=True) if len(kinds) != 1] == []
    assert Counter(kind for kinds in found for kind in kinds) == {"a lock": 3, "the checkout": 3, "torch": 2}


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
