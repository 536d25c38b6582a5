"""What the documents name is there: files, links, modules and commands."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted(
    str(path.relative_to(ROOT))
    for path in (*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"))
    if path.name != "CHANGELOG.md"
)
FOLDERS = "api|benchmarks|bn|bnlab|docs|examples|jobs|locks|tests|worker"
MODULE = re.compile(rf"python -m ((?:{FOLDERS})[\w.]*)")
PATH = re.compile(rf"`((?:{FOLDERS})/[^` ]*)`")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#]+)")
TARGET = re.compile(r"`make ([a-z]+)")


def missing(document: Path) -> list[str]:
    """What a document names and nobody finds."""
    text = document.read_text()
    return [
        *(path for path in PATH.findall(text) if not any(ROOT.glob(path.rstrip("/")))),
        *(link for link in LINK.findall(text) if not (document.parent / link).exists()),
        *(name for name in MODULE.findall(text) if not is_module(ROOT / name.replace(".", "/"))),
        *(f"make {name}" for name in TARGET.findall(text) if f"\n{name}:" not in (ROOT / "Makefile").read_text()),
    ]


def is_module(path: Path) -> bool:
    """Whether `python -m` would run it."""
    return path.with_suffix(".py").exists() or (path / "__main__.py").exists()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_what_a_document_names_is_there(document: str) -> None:
    assert missing(ROOT / document) == []


def test_what_is_not_there_is_found(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("`jobs/there.py`, `jobs/errors.py`, [a](b.md), [c](http://d), `python -m tests.none`, `make tea`")
    assert missing(page) == ["jobs/there.py", "b.md", "tests.none", "make tea"]


def test_the_record_of_descriptions_names_every_module_of_their_package() -> None:
    record = (ROOT / "docs" / "decisions" / "0002-descriptions-and-names.md").read_text()
    modules = {path.name for path in (ROOT / "bn" / "architecture").glob("*.py")} - {"__init__.py"}
    assert set(re.findall(r"`(\w+\.py)`", record)) == modules


def test_who_wants_to_change_something_reads_a_page() -> None:
    lines = (ROOT / "CONTRIBUTING.md").read_text().splitlines()
    assert len(lines) <= 120
    tours = [line for line in lines if re.match(r"\| (where|how) ", line)]
    assert [len(PATH.findall(line)) for line in tours] == [3] * 10
