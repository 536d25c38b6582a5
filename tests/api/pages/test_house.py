"""How the pages are built: which folder imports which, how much there is, and under what policy it is given out."""

import gzip
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urljoin

import httpx
import pytest

from api.app import create_app
from api.pages import assets as module
from api.pages.assets import assets, digest, imported, modules
from api.pages.policy import ASSET, CONTENT, PAGE
from api.pages.routes import PAGES
from jobs.settings import Settings
from tests.support.serving import assert_problem, served

ROOT = Path(__file__).parents[3]
HOUSE = ROOT / "api" / "pages"
MAY_IMPORT = {"pages": r"(pages|charts|lib)/", "charts": r"charts/|lib/format\.js$", "lib": r"lib/"}
"""By folder of who imports, what its modules may import."""
MOST_OF_CHARTS = 1400  # lines that are not blank
MOST = 4530  # of all scripts
MOST_BYTES = 68_500  # of all assets, compressed together

MAKES_MARKUP = re.compile(
    r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|setAttribute\(\"style\"|srcdoc"
)
MAKES_STYLE = re.compile(r"<style|\bstyle=|\bon\w+=\"|javascript:", re.IGNORECASE)


def scripts() -> dict[str, str]:
    """The text of each module by its path."""
    return {path: content.decode() for path, content in assets().items() if path.endswith(".js")}


def against_the_arrows() -> list[str]:
    """Every import that goes where its folder may not."""
    pairs = ((path, target) for path in scripts() for target in imported(path))
    return [f"{path} -> {to}" for path, to in pairs if not re.match(MAY_IMPORT[path.split("/")[0]], to)]


def forget() -> None:
    for cached in (assets, digest, modules):
        cached.cache_clear()


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of the folder of assets, into which a test may write, in its place."""
    folder = tmp_path / "static"
    shutil.copytree(module.FOLDER, folder)
    monkeypatch.setattr(module, "FOLDER", folder)
    forget()
    yield folder
    forget()


@pytest.fixture
def guarded(settings: Settings) -> Iterator[httpx.Client]:
    """A server that asks for a token, and a client that has none."""
    with served(create_app(settings.model_copy(update={"access": "token"}))) as client:
        yield client


def test_each_folder_imports_only_what_lies_below_it() -> None:
    assert against_the_arrows() == []


@pytest.mark.parametrize(
    ("path", "line"),
    [
        ("lib/dom.js", 'import { lines } from "../charts/lines.js";'),
        ("lib/format.js", 'import { nameOf } from "../pages/words.js";'),
        ("charts/scales.js", 'import { h } from "../lib/dom.js";'),
        ("charts/scales.js", 'import {\n  get,\n  send,\n} from "../lib/api.js";'),
        ("charts/axes.js", 'export { nameOf } from "../pages/words.js";'),
    ],
)
def test_an_import_against_the_arrows_is_found(copied: Path, path: str, line: str) -> None:
    file = copied / path
    file.write_text(f"{line}\n{file.read_text()}")
    forget()
    assert [found.split(" -> ")[0] for found in against_the_arrows()] == [path]


def test_every_import_is_one_that_the_pages_preload_and_leads_to_a_module() -> None:
    for path, text in scripts().items():
        assert not re.search(r'\bimport\(|^import "', text, re.MULTILINE), path
        said = re.findall(r"^\s*(?:import\b|export \{|\} from ).*", text, re.MULTILINE)
        assert sum(" from " in line for line in said) == len(imported(path)), path
        assert set(imported(path)) <= scripts().keys(), path


def test_every_module_belongs_to_a_page() -> None:
    names = ["missing", *(name for name, _ in PAGES.values())]
    assert {path for name in names for path in modules(name)} == scripts().keys()


def test_there_is_as_little_of_it_as_was_decided() -> None:
    lines = {path: sum(bool(line.strip()) for line in text.splitlines()) for path, text in scripts().items()}
    assert sum(many for path, many in lines.items() if path.startswith("charts/")) <= MOST_OF_CHARTS
    assert sum(lines.values()) <= MOST
    assert len(gzip.compress(b"".join(assets().values()), 9)) <= MOST_BYTES


def test_no_script_makes_markup_of_text() -> None:
    found = {path: MAKES_MARKUP.findall(text) for path, text in scripts().items()}
    assert {path: each for path, each in found.items() if each} == {}


def test_no_template_has_style_or_script_of_its_own() -> None:
    templates = {path.name: path.read_text() for path in (HOUSE / "templates").glob("*.html")}
    assert templates.keys() >= {"base.html", "jobs.html", "job.html"}
    for name, text in templates.items():
        assert MAKES_STYLE.findall(text) == [], name
        assert re.findall(r"<script(?![^>]*\bsrc=)", text) == [], name
        assert "|safe" not in text.replace(" ", ""), name


def test_a_wheel_has_every_template_and_every_asset(tmp_path: Path) -> None:
    checkout = tmp_path / "checkout"
    ignored = shutil.ignore_patterns("__pycache__")
    for package in ("api", "bn", "bnlab", "jobs", "worker"):
        shutil.copytree(ROOT / package, checkout / package, ignore=ignored)
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, checkout)
    build = f"from setuptools import build_meta; build_meta.build_wheel({str(tmp_path)!r})"
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    told = subprocess.run(
        [sys.executable, "-c", build], cwd=checkout, env=environment, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        inside = set(archive.namelist())
    files = [*(HOUSE / "templates").glob("*.html"), *(HOUSE / "static" / path for path in assets())]
    assert [str(path) for path in files if path.relative_to(ROOT).as_posix() not in inside] == []


@pytest.mark.parametrize("path", [f"/ui/{path.format(job_id='latest')}" for path in PAGES])
def test_a_page_allows_its_own_scripts_and_nothing_else(client: httpx.Client, path: str) -> None:
    page = client.get(path)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert {name: page.headers[name] for name in PAGE} == PAGE
    assert "unsafe" not in CONTENT
    for directive in ("default-src 'none'", "script-src 'self'", "style-src 'self'", "connect-src 'self'"):
        assert directive in CONTENT.split("; ")
    assert "require-trusted-types-for 'script'" in CONTENT.split("; ")


def test_an_asset_is_kept_for_good_under_the_digest_of_all(client: httpx.Client) -> None:
    for path, content in assets().items():
        found = client.get(f"/assets/{digest()}/{path}")
        assert found.content == content
        assert {name: found.headers[name] for name in ASSET} == ASSET
    assert "immutable" in ASSET["Cache-Control"]


@pytest.mark.parametrize(
    "path", ["{other}/lib/dom.js", "{digest}/lib/nothing.js", "{digest}/../assets.py", "{digest}/", "{digest}/lib"]
)
def test_where_no_asset_is_there_is_nothing(client: httpx.Client, path: str) -> None:
    named = path.format(digest=digest(), other="0" * 16)
    assert_problem(client.get(f"/assets/{named}"), 404, "not_found")


def test_another_byte_is_another_digest(copied: Path) -> None:
    before = digest()
    file = copied / "lib" / "dom.js"
    file.write_bytes(file.read_bytes() + b"\n")
    forget()
    assert digest() != before


def test_where_no_page_is_a_page_says_so(client: httpx.Client) -> None:
    page = client.get("/ui/nowhere/at/all")
    assert page.status_code == 404
    assert "No such page" in page.text
    assert {name: page.headers[name] for name in PAGE} == PAGE


def test_every_address_of_a_page_is_relative(client: httpx.Client) -> None:
    for path in ("/ui/", "/ui/new", "/ui/jobs/latest", "/ui/nowhere/at/all"):
        named = re.findall(r'(?:href|src|data-root)="([^"#]*)"', client.get(path).text)
        assert len(named) > 5
        assert {urljoin(f"http://lab{path}", each).split("/")[3] for each in named} <= {"", "ui", "assets", "docs"}
        assert [each for each in named if each.startswith(("/", "http"))] == []


def test_shells_are_open_where_the_data_need_a_token(guarded: httpx.Client) -> None:
    for path in ("/ui/", "/ui/jobs/latest", f"/assets/{digest()}/lib/dom.js"):
        assert guarded.get(path).status_code == 200
    for path in ("/jobs", "/workers", "/jobs/latest", "/architectures"):
        assert_problem(guarded.get(path), 401, "token_required")
