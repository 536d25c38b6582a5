"""Takes pictures of the pages as a browser shows them: a server, a worker, a dataset, and two small jobs trained.

python -m tests.screenshots --out FOLDER
"""

import argparse
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, Page

from api.app import create_app
from api.pages.routes import PAGES
from jobs.settings import Settings
from tests.support.browser import THEMES, chromium
from tests.support.placeholders import put_files
from tests.support.serving import served
from tests.support.uploads import small_npz
from tests.support.workers import SMALL, running_worker, until

DOCUMENTED = Path(__file__).parent.parent / "docs" / "images" / "pages"
SIZES = {1440: 900, 800: 1000, 360: 800}  # height by width
LARGEST = 250_000  # bytes of a picture of the documentation
DEEP: dict[str, Any] = {
    "architecture": {"preset": "mlp", "hidden": [100] * 6, "activation": "sigmoid"},
    "recording": {"histograms_every": 10, "diagnostics": [{"name": "depth_gradient", "every": 50}]},
    "evaluation": {"every": 20},
}
SETTLED = 2000  # milliseconds in which a page has drawn what it was answered


@dataclass(frozen=True)
class View:
    """A page at a width in a theme."""

    name: str
    path: str
    width: int
    theme: str

    @property
    def file(self) -> str:
        return f"{self.name}-{self.width}-{self.theme}.png"

    @property
    def documented(self) -> Path | None:
        """Its place in the documentation, if it has one."""
        shown = (self.name == "jobs" and self.theme == "light") or self.name == "job"
        return DOCUMENTED / f"{self.name}-{self.theme}.png" if shown and self.width == max(SIZES) else None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=None, help="a folder for all of them, whole pages")
    out = parser.parse_args().out
    with trained() as (url, job_id), chromium() as browser:
        for view in views(job_id):
            if out or view.documented:
                take(browser, url, view, out)


def views(job_id: str) -> list[View]:
    """Every page in every theme and width, and the job's once more with all that it can open."""
    pages = {name: path.format(job_id=job_id) for path, (name, _) in PAGES.items()}
    pages["job-open"] = f"{pages['job']}?layer=hidden5&open=document,attempts,events,environment,downloads"
    pages["datasets-open"] = f"{pages['datasets']}?name=noise"
    pages["missing"] = "nowhere"
    return [View(name, path, width, theme) for name, path in pages.items() for width in SIZES for theme in THEMES]


def take(browser: Browser, url: str, view: View, out: Path | None) -> None:
    """Take it: what fits on a screen for the documentation, the whole page for a look."""
    context = browser.new_context(
        viewport={"width": view.width, "height": SIZES[view.width]},
        color_scheme=view.theme,  # type: ignore[arg-type]
        reduced_motion="reduce",
    )
    page = context.new_page()
    page.goto(f"{url}/ui/{view.path}")
    page.wait_for_timeout(SETTLED)
    if place := view.documented:
        place.parent.mkdir(parents=True, exist_ok=True)
        size = len(page.screenshot(path=place))
        assert size <= LARGEST, f"{place} has {size} bytes"
        print(f"{place}: {size} bytes")
    if out:
        out.mkdir(parents=True, exist_ok=True)
        scroll_through(page)
        page.screenshot(path=out / view.file, full_page=True)
        print(out / view.file)
    context.close()


def scroll_through(page: Page) -> None:
    """Past everything that draws itself only when it is near, and back."""
    for _ in range(2):
        height = page.evaluate("document.documentElement.scrollHeight")
        for at in range(0, height, 600):
            page.evaluate("(y) => scrollTo(0, y)", at)
            page.wait_for_timeout(150)
    page.evaluate("scrollTo(0, 0)")
    page.wait_for_timeout(500)


@contextmanager
def trained() -> Iterator[tuple[str, str]]:
    """A server's address and the id of a deep network without batch normalization, beside which is one with it."""
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "data"
        put_files(data)  # so that the form of a new job finds its default dataset
        settings = Settings(data=data, access="auto", host="127.0.0.1", broker_url="memory://localhost")
        with served(create_app(settings)) as client, running_worker(settings, slots=2):
            client.put("/datasets/noise", content=small_npz()).raise_for_status()
            with_bn, without = (submit(client, batch_norm=batch_norm) for batch_norm in (True, False))
            for job_id in (with_bn, without):
                until(partial(finished, client, job_id))
            yield str(client.base_url).rstrip("/"), without


def finished(client: httpx.Client, job_id: str) -> bool:
    return client.get(f"/jobs/{job_id}").json()["finished"] is not None


def submit(client: httpx.Client, *, batch_norm: bool) -> str:
    """The id of a job that trains the deep network."""
    name = f"six sigmoid layers, {'with' if batch_norm else 'without'} BN"
    answer = client.post("/jobs", json=SMALL | DEEP | {"batch_norm": batch_norm, "name": name, "tags": ["depth"]})
    return str(answer.raise_for_status().json()["id"])


if __name__ == "__main__":
    main()
