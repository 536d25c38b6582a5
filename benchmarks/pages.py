"""How soon the pages show what they are asked for, what they ask the server for that, and what they cost while open.

python -m benchmarks.pages [SECONDS]

In Debian's Chromium without a window, as wide as a notebook's screen; SECONDS of each measurement of a job that trains.
"""

import json
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Browser, CDPSession, Page

from benchmarks import load, service
from benchmarks.recorded import record
from jobs.settings import Settings
from jobs.storage.database import open_database
from tests.support.browser import chromium

RESULTS = Path(__file__).parent / "results" / "pages.json"
SECONDS = 60.0
REPEATS = 9
SCREEN = {"width": 1440, "height": 900}
TALL = {"width": 1440, "height": 6000}  # on which every chart of a job's page is seen at once, and drawn
LIVE = {
    "architecture": {"preset": "mlp", "hidden": [100] * 6, "activation": "sigmoid"},
    "batch_norm": True,
    "data": {"dataset": "synthetic"},
    "training": {"steps": 10_000_000},
    "recording": {"histograms_every": 50},
}
SHOWN = """new PerformanceObserver((seen) => {
  if (!seen.getEntriesByName("complete").length) return;
  requestAnimationFrame(() => setTimeout(() => { globalThis.shown = performance.now(); }));
}).observe({ type: "mark", buffered: true });"""
"""The moment behind the frame in which a page was complete, in milliseconds since it was asked for."""

ZOOMED = """async () => {
  const [chart] = document.querySelectorAll("[data-chart=loss] figure");
  const before = chart.describe().bucketWidth;
  const began = performance.now();
  const key = new KeyboardEvent("keydown", { key: "+", bubbles: true });
  chart.querySelector(".plot").dispatchEvent(key);
  while (chart.describe().bucketWidth >= before) await new Promise(requestAnimationFrame);
  await new Promise(requestAnimationFrame);
  return { taken: performance.now() - began, before, after: chart.describe().bucketWidth };
}"""

MAP = """async ([url, times]) => {
  const [kind, { coloursOf }] = await Promise.all([import(url + "heatmap.js"), import(url + "palette.js")]);
  const [rows, steps] = [30, 1000];
  const random = () => Array.from({ length: rows }, () => Array.from({ length: steps }, Math.random));
  const host = document.body.appendChild(document.createElement("div"));
  const [given, size] = [document.createElement("canvas"), { width: 1100, height: 600 }];
  [given.width, given.height] = [size.width, size.height];
  const context = given.getContext("2d");
  const common = { kind: "heatmap", title: "", rows: Array.from({ length: rows }, (_, i) => `layer${i}`),
    x: { label: "step", steps: Array.from({ length: steps }, (_, i) => i + 1), width: 1, domain: [1, steps] },
    scale: { kind: "sequential", domain: [0, 1], label: "" }, cursor: null, selected: null };
  const taken = [];
  for (let i = 0; i < times; i++) {
    const model = { ...common, values: random() };
    const began = performance.now();
    const place = kind.layout(model, size);
    kind.frame(context, model, place, coloursOf(host));
    kind.marks(context, model, place, coloursOf(host));
    context.getImageData(0, 0, 1, 1);
    taken.push(performance.now() - began);
  }
  return taken;
}"""


@dataclass
class Traffic:
    """What a page has asked for, as the network saw it."""

    kinds: dict[str, str] = field(default_factory=dict)
    bytes: dict[str, int] = field(default_factory=dict)

    def watch(self, session: CDPSession) -> None:
        """Take in what the page of a session asks for from now on."""
        session.send("Network.enable")
        session.on("Network.requestWillBeSent", lambda told: self.kinds.update({told["requestId"]: told["type"]}))
        session.on(
            "Network.loadingFinished", lambda told: self.bytes.update({told["requestId"]: told["encodedDataLength"]})
        )

    def clear(self) -> None:
        """Forget what has been asked for."""
        self.kinds.clear()
        self.bytes.clear()

    def of_data(self) -> list[int]:
        """The bytes of each answer of the API, as they were sent."""
        return [self.bytes[key] for key, kind in self.kinds.items() if kind == "Fetch" and key in self.bytes]


def main() -> None:
    """Measure, print, and keep the result."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    found: dict[str, Any] = {"seconds of each live measurement": seconds}
    with chromium() as browser:
        with serving() as (settings, url):
            with closing(open_database(settings)) as database:
                yardstick = record(database, settings, 50_000, layers=15, histograms=True)
            found["a job of 50,000 steps, opened from the list"] = opened(browser, url, yardstick)
            found["the same with a layer opened"] = opened(browser, url, yardstick, "?layer=hidden3")
            found["zoomed"] = zoomed(browser, url, yardstick)
            found["a map of 1,000 steps by 30 layers"] = drawn(browser, url)
        with serving() as (settings, url):
            load.fill(settings)
            found["a list of 10,000 jobs"] = listed(browser, url)
        with serving() as (settings, url), service.worker(settings):
            found["a job that trains"] = live(browser, url, seconds)
    print(json.dumps(found, indent=2))
    RESULTS.write_text(json.dumps(found, indent=2) + "\n")


@contextmanager
def serving() -> Iterator[tuple[Settings, str]]:
    """A service on a data folder of its own."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(data=Path(folder) / "data", broker_url="memory://localhost")
        settings.data.mkdir()
        with service.api(settings) as (client, _):
            yield settings, str(client.base_url).rstrip("/")


@contextmanager
def page_of(browser: Browser, size: dict[str, int]) -> Iterator[Page]:
    """A page of a context of its own, with nothing in its cache."""
    context = browser.new_context(viewport=size)  # type: ignore[arg-type]
    context.add_init_script(SHOWN)
    try:
        yield context.new_page()
    finally:
        context.close()


def shown(page: Page) -> float:
    """Milliseconds from when the page was asked for until all that is first seen was drawn."""
    page.wait_for_function("() => globalThis.shown")
    taken: float = page.evaluate("globalThis.shown")
    return taken


def opened(browser: Browser, url: str, job_id: str, view: str = "") -> dict[str, Any]:
    """By a click in the list: for the first time, when the job's scripts are not in the cache, and again."""
    first: list[float] = []
    again: list[float] = []
    sent: list[int] = []  # of the first time
    for _ in range(REPEATS):
        with page_of(browser, SCREEN) as page:
            traffic = Traffic()
            traffic.watch(page.context.new_cdp_session(page))
            for taken in (first, again):
                page.goto(f"{url}/ui/")
                shown(page)
                traffic.clear()
                page.evaluate(
                    "([id, view]) => document.querySelector(`a[href$='${id}']`).search = view", [job_id, view]
                )
                page.click(f"a[href*='{job_id}']")
                page.wait_for_url(f"**/{job_id}{view}")
                taken.append(shown(page))
                sent = sent or traffic.of_data()
    return {
        "milliseconds, first": summary(first),
        "milliseconds, again": summary(again),
        "requests for data": len(sent),
        "kB of data, compressed": round(sum(sent) / 1e3, 1),
    }


def zoomed(browser: Browser, url: str, job_id: str) -> dict[str, Any]:
    """By a key in a chart, until finer data are drawn; four times in each page."""
    taken: list[dict[str, float]] = []
    for _ in range(3):
        with page_of(browser, SCREEN) as page:
            page.goto(f"{url}/ui/jobs/{job_id}")
            shown(page)
            taken += [page.evaluate(ZOOMED) for _ in range(4)]
    widths = [f"{each['before']:.0f} to {each['after']:.0f}" for each in taken[:4]]
    return {"milliseconds": summary([each["taken"] for each in taken]), "steps a point": widths}


def drawn(browser: Browser, url: str) -> dict[str, float]:
    """Frame and cells into a canvas, of values that are others each time."""
    with page_of(browser, SCREEN) as page:
        page.goto(f"{url}/ui/")
        shown(page)
        source = page.locator("script[type=module]").get_attribute("src")
        base = page.evaluate("(source) => new URL(source, location.href).href", source)
        return {"milliseconds": summary(page.evaluate(MAP, [base.replace("/pages/jobs.js", "/charts/"), 30]))}  # type: ignore[dict-item]


def listed(browser: Browser, url: str) -> dict[str, Any]:
    """The list opened, and filtered by a chip and by a word, until its rows are others."""
    first: list[float] = []
    again: list[float] = []
    chip: list[float] = []
    typed: list[float] = []
    for _ in range(REPEATS):
        with page_of(browser, SCREEN) as page:
            for taken in (first, again):
                page.goto(f"{url}/ui/")
                taken.append(shown(page))
            chip.append(filtered(page, lambda page: page.click("[data-status=failed]")))
            page.click("[data-status='']")
            page.wait_for_function("() => document.querySelector('.jobs tbody tr')")
            typed.append(filtered(page, lambda page: page.type("[type=search]", "no-such-name")))
    return {
        "milliseconds, first": summary(first),
        "milliseconds, again": summary(again),
        "milliseconds until filtered by a chip": summary(chip),
        "milliseconds until filtered, from the last letter": summary(typed),
    }


def filtered(page: Page, act: Callable[[Page], None]) -> float:
    """Milliseconds from the last press of a key or button until no row is left."""
    page.evaluate("""() => {
      for (const kind of ["pointerdown", "keydown"]) {
        addEventListener(kind, () => { globalThis.acted = performance.now(); }, { capture: true });
      }
      globalThis.left = new Promise((resolve) => {
        const look = () =>
          document.querySelector(".jobs tbody tr") ? requestAnimationFrame(look) : resolve(performance.now());
        look();
      });
    }""")
    act(page)
    taken: float = page.evaluate("globalThis.left.then((now) => now - globalThis.acted)")
    return taken


def live(browser: Browser, url: str, seconds: float) -> dict[str, Any]:
    """A page whose charts all follow a job that trains: the main thread's work, and what it has kept after a while."""
    with httpx.Client(base_url=url, trust_env=False, timeout=60) as client, page_of(browser, TALL) as page:
        job_id = client.post("/jobs", json=LIVE).raise_for_status().json()["id"]
        while client.get(f"/jobs/{job_id}").json()["progress"]["step"] < 1000:
            time.sleep(0.2)
        page.goto(f"{url}/ui/jobs/{job_id}?layer=hidden3")
        shown(page)
        session = page.context.new_cdp_session(page)
        session.send("Performance.enable", {"timeDomain": "threadTicks"})
        time.sleep(10)  # so that what is made once has been made
        before, began = metrics(session), time.perf_counter()
        time.sleep(seconds)
        after, taken = metrics(session), time.perf_counter() - began
        charts = page.locator("figure.chart").count()
        client.post(f"/jobs/{job_id}/cancel").raise_for_status()
    grown = {name: after[name] - before[name] for name in after}
    return {
        "charts": charts,
        "share of a core, main thread": round(grown["ThreadTime"] / taken, 3),
        "of it scripts": round(grown["ScriptDuration"] / taken, 3),
        "MB grown": round(grown["JSHeapUsedSize"] / 1e6, 2),
        "nodes grown": grown["Nodes"],
        "listeners grown": grown["JSEventListeners"],
    }


def metrics(session: CDPSession) -> dict[str, float]:
    """Chromium's own, once it has thrown away what nobody holds."""
    session.send("HeapProfiler.collectGarbage")
    return {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}


def summary(milliseconds: list[float]) -> dict[str, float]:
    """The median and the worst."""
    return {"median": round(statistics.median(milliseconds), 1), "worst": round(max(milliseconds), 1)}


if __name__ == "__main__":
    main()
