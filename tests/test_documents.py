"""What the documents name is there: files, places in them, commands, targets, settings, words."""

import json
import re

import pytest

from benchmarks.step import ratio
from bnlab.cli.main import app
from jobs.settings import PREFIX, Settings
from tests.support.markdown import ROOT, links, pages, places, text_of

README = "README.md"
PAGES = pages("*.md", "docs/**/*.md", "examples/*.md")
RECORDS = pages("docs/decisions/*.md")  # they tell of a day, whose files may be gone by now
FOLDERS = ("api", "benchmarks", "bn", "bnlab", "docs", "examples", "jobs", "locks", "tests", "worker")
PATH = re.compile(rf"(?<![\w./-])(?:{'|'.join(FOLDERS)})/[\w./*-]*\w")
SOURCES = tuple(
    path
    for pattern in (*(f"{folder}/**/*.py" for folder in FOLDERS), "*.toml", "*.yml", "Makefile", "Dockerfile")
    for path in ROOT.glob(pattern)
)
VERB = re.compile(r"(?:`|^\$ )bnlab ([a-z]+)(?: ([a-z]+)\b)?", re.MULTILINE)


def test_every_relative_link_leads_to_a_file_and_to_a_place_in_it() -> None:
    broken = []
    for page in PAGES:
        for link in links(page):
            file, _, place = link.partition("#")
            target = (ROOT / page).parent / file if file else ROOT / page
            if not target.exists() or (place and place not in places(str(target.resolve().relative_to(ROOT)))):
                broken.append(f"{page}: {link}")
    assert broken == []


@pytest.mark.parametrize("page", [page for page in PAGES if page not in RECORDS])
def test_every_path_that_a_page_names_is_there(page: str) -> None:
    assert [named for named in PATH.findall(text_of(page)) if not _is_there(named)] == []


def test_every_document_that_the_code_names_is_there() -> None:
    named = {
        (str(source.relative_to(ROOT)), path)
        for source in SOURCES
        for path in re.findall(r"docs/[\w/-]+\.md", source.read_text())
    }
    assert named
    assert {(source, path) for source, path in named if not (ROOT / path).exists()} == set()


def test_the_readme_fits_and_leads_to_every_page_in_at_most_two_steps() -> None:
    assert len(text_of(README).splitlines()) <= 90
    first = _neighbours(README)
    reached = first.union(*map(_neighbours, first))
    assert {page for page in PAGES if page.startswith("docs/") and page not in RECORDS} <= reached
    assert "docs/using/not-training.md" in first


def test_the_readme_says_what_recording_costs_as_it_was_measured() -> None:
    networks = json.loads((ROOT / "benchmarks" / "results" / "step.json").read_text())["networks"]
    without, with_bn = (
        ratio(networks[name]["turns"], "bnlab compiled, recorded", "bare, eager")
        for name in ("mlp without BN", "mlp with BN")
    )
    said = re.search(
        r"([\d.]+) times as fast as a plain PyTorch loop that records nothing without BN, and ([\d.]+) times",
        text_of(README),
    )
    assert said
    assert [float(number) for number in said.groups()] == [round(without, 1), round(with_bn, 1)]


def test_the_concepts_name_every_folder_of_the_packages_and_no_other() -> None:
    rows = re.findall(r"^\| `([\w/]+)/` \| (.*) \|$", text_of("docs/concepts.md"), re.MULTILINE)
    assert [folder for folder, _ in rows if not (ROOT / folder).is_dir()] == []
    named = {f"{folder}/{inner}" for folder, said in rows for inner in re.findall(r"`(\w+)/`", said)}
    assert {each for each in named if not (ROOT / each).is_dir()} == set()
    packages = ("api", "bn", "bnlab", "jobs", "worker")
    there = {str(path.parent.relative_to(ROOT)) for name in packages for path in ROOT.glob(f"{name}/**/__init__.py")}
    inside = {path for path in there if "/" in path and "versions" not in path}
    assert inside - named - {folder for folder, _ in rows} == set()


def test_the_concepts_have_fifteen_words_and_the_first_readers_questions_among_them() -> None:
    tables = text_of("docs/concepts.md").split("| word | what it is |\n")
    words = [re.findall(r"^\| \*\*(.+?)\*\* \|", table, re.MULTILINE) for table in tables[1:]]
    assert len(words[0]) == 15
    asked = {"tap", "Block", "drained", "population", "directly behind BN", "verdict", "probe", "unit", "watermark"}
    assert asked <= {word for table in words for word in table}


def test_every_command_that_is_named_exists() -> None:
    named = {(page, *words) for page in PAGES for words in VERB.findall(text_of(page))}
    assert len(named) > 20
    commands = _commands()
    assert {each for each in named if not _exists(each[1], each[2], commands)} == set()


def test_the_page_of_the_command_line_has_every_command() -> None:
    words = set(re.findall(r"[a-z]+", text_of("docs/using/cli.md")))
    assert {command for command in _commands() if not set(command.split()) <= words} == set()


def test_every_module_that_is_to_be_run_is_there() -> None:
    named = {
        each for page in PAGES for each in re.findall(rf"python -m ((?:{'|'.join(FOLDERS)})[\w.]*)", text_of(page))
    }
    paths = {each: ROOT / each.replace(".", "/") for each in named}
    programs = {
        each for each, path in paths.items() if path.with_suffix(".py").exists() or (path / "__main__.py").exists()
    }
    assert named == programs


def test_the_record_of_descriptions_names_every_module_of_their_package() -> None:
    modules = {path.name for path in (ROOT / "bn" / "architecture").glob("*.py")} - {"__init__.py"}
    assert set(re.findall(r"`(\w+\.py)`", text_of("docs/decisions/0002-descriptions-and-names.md"))) == modules


def test_who_wants_to_change_something_reads_a_page_of_ten_tours() -> None:
    lines = text_of("CONTRIBUTING.md").splitlines()
    assert len(lines) <= 120
    assert [len(PATH.findall(line)) for line in lines if re.match(r"\| (where|how) ", line)] == [3] * 10


def test_every_make_target_that_is_named_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    named = {each for page in PAGES for each in re.findall(r"(?:`|^\$ )make ([a-z]+)", text_of(page), re.MULTILINE)}
    assert {"demo", "up"} <= named <= targets


def test_every_setting_has_its_line_with_its_default() -> None:
    rows = re.findall(r"^\| `(\w+)` \| (?:`(.*?)`)? ?\|", text_of("docs/running/settings.md"), re.MULTILINE)
    settings = {f"{PREFIX}{name.upper()}": field.default for name, field in Settings.model_fields.items()}
    empty = {name for name, default in settings.items() if default is None or name == f"{PREFIX}TOKEN"}
    shown = {name: "" if name in empty else str(default) for name, default in settings.items()}
    assert dict(rows) == shown


def test_every_extra_that_one_may_want_has_its_line() -> None:
    named = set(re.findall(r"`(\w+)`", text_of("docs/using/python.md")))
    declared = re.search(r"optional-dependencies\]\n(.*?)\n\n", (ROOT / "pyproject.toml").read_text(), re.DOTALL)
    assert declared
    assert set(re.findall(r"^(\w+) = ", declared[1], re.MULTILINE)) <= named


def _is_there(named: str) -> bool:
    return any(ROOT.glob(named))


def _neighbours(page: str) -> set[str]:
    files = (((ROOT / page).parent / link.partition("#")[0]).resolve() for link in links(page))
    return {str(file.relative_to(ROOT)) for file in files if file.suffix == ".md"}


def _commands() -> set[str]:
    """The command line's; those of a group with the group's name, `data fetch`."""
    commands = [each.name or getattr(each.callback, "__name__", "") for each in app.registered_commands]
    of_groups = [
        f"{group.name} {each.name or getattr(each.callback, '__name__', '')}"
        for group in app.registered_groups
        if group.typer_instance
        for each in group.typer_instance.registered_commands
    ]
    return {*commands, *of_groups}


def _exists(first: str, second: str, commands: set[str]) -> bool:
    """Whether the command line has a command, or a group, by its first words; the second may be an argument."""
    of_group = {command for command in commands if command.startswith(f"{first} ")}
    return first in commands or (f"{first} {second}" in of_group if second else bool(of_group))
