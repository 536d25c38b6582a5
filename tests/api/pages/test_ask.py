"""Asking a network on its job's page: about what is drawn, given as a file or typed, and what it gets wrong."""

import io
import re
from base64 import b64decode, b64encode
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from tests.api.pages.conftest import Site
from tests.api.pages.looks import is_data, run_module
from tests.support.browser import Watched, violations_in_both_themes
from tests.support.workers import until

DROP = """(base64) => {
  const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File([bytes], "digit.png", { type: "image/png" }));
  return dataTransfer;
}"""
SHORT: dict[str, Any] = {"training": {"steps": 20}, "evaluation": {"every": 20}}
ROWS = "".join(f"{i % 7},{i % 5},{i % 3},{'red' if i * 5 % 7 > 3 else 'blue'}\n" for i in range(60))


@pytest.fixture(scope="module")
def trained(site: Site) -> str:
    """The id of a job that has a network."""
    job_id = site.submit()
    assert site.ended(job_id)["status"] == "succeeded"
    return job_id


def open_ask(page: Page, job_id: str, folds: str = "ask") -> None:
    page.goto(f"/ui/jobs/{job_id}?open={folds}")
    page.locator("#ask").scroll_into_view_if_needed()


def draw(page: Page) -> None:
    """A stroke; what is loaded above may move the pad from under the pointer, and then another one."""

    def stroke() -> bool:
        pad = page.locator(".pad")
        pad.hover()
        page.mouse.down()
        pad.hover(position={"x": 60, "y": 200})
        page.mouse.up()
        return bool(given(page).any())

    until(stroke)


def given(page: Page) -> NDArray[np.uint8]:
    """The pixels that the network is given, [28, 28, 3]."""
    url = page.locator(".given").evaluate("(canvas) => canvas.toDataURL()")
    return np.asarray(Image.open(io.BytesIO(b64decode(url.partition(",")[2]))).convert("RGB"))


def said(page: Page) -> Locator:
    return page.locator(".asking [role=status]").filter(has_text="it says")


def png(pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()


def noise(*shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)


def test_what_is_drawn_is_asked_by_running_and_by_batch_statistics(page: Page, site: Site, trained: str) -> None:
    open_ask(page, trained)
    draw(page)
    pixels = given(page)[:, :, 0]
    assert 10 < (pixels > 0).sum() < 300
    rows = page.get_by_role("region", name="Classes").get_by_role("row")
    expect(rows).to_have_count(1 + 5)
    expect(rows.first).to_have_text(re.compile("Class *By running statistics *By batch statistics"))
    asked = (("running", 0), ("batch", 63))
    for column, (normalization, among) in enumerate(asked, start=1):
        answer = site.client.post(
            f"/jobs/{trained}/predict",
            params={"normalization": normalization, **({"among": among} if among else {})},
            json={"inputs": pixels.tolist()},
        ).json()
        by_class = dict(zip(answer["classes"], answer["probabilities"][0], strict=True))
        for row in rows.all()[1:]:
            cells = row.get_by_role("cell").all_inner_texts()
            assert cells[column] == f"{100 * by_class[cells[0]]:.1f} %"
    expect(page.locator("#ask")).to_contain_text("of it and 63 test inputs")
    page.get_by_role("button", name="All 10 classes").click()
    expect(rows).to_have_count(1 + 10)
    page.get_by_role("button", name="Clear").click()
    expect(rows).to_have_count(0)
    assert not given(page).any()


def test_nothing_is_asked_before_it_is_opened(page: Page, trained: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if is_data(request) else None)
    page.goto(f"/ui/jobs/{trained}")
    page.locator("#ask-mistakes summary").click()
    expect(page.locator(".mistakes")).to_be_visible()
    assert [url for url in asked if "predict" in url] == []
    page.locator("#ask-input summary").click()
    expect(page.locator(".pad")).to_be_visible()
    assert page.url.endswith("open=mistakes,ask")


def test_an_image_file_in_the_size_of_the_network_is_given_to_it_as_it_is(
    page: Page, trained: str, tmp_path: Path
) -> None:
    open_ask(page, trained)
    (tmp_path / "digit.png").write_bytes(png(noise(28, 28)))
    page.get_by_label("An image file").set_input_files(tmp_path / "digit.png")
    expect(said(page)).to_be_visible()
    assert (given(page)[:, :, 0] == noise(28, 28)).all()


def test_a_colour_image_of_another_size_may_be_dropped_and_becomes_grey(page: Page, trained: str) -> None:
    open_ask(page, trained)
    pixels = np.zeros((56, 112, 3), np.uint8)
    pixels[:, :56] = (200, 100, 50)
    transfer = page.evaluate_handle(DROP, b64encode(png(pixels)).decode())
    page.locator(".pad").dispatch_event("drop", {"dataTransfer": transfer})
    expect(said(page)).to_be_visible()
    grey = given(page)
    assert (grey == grey[:, :, :1]).all()
    assert (grey[7:21, :13, 0] == round(0.299 * 200 + 0.587 * 100 + 0.114 * 50)).all()
    assert not grey[:6].any()
    assert not grey[:, 15:].any()


def test_a_file_that_is_no_image_is_said_to_be_none(page: Page, trained: str, tmp_path: Path) -> None:
    open_ask(page, trained)
    (tmp_path / "words.png").write_text("words")
    page.get_by_label("An image file").set_input_files(tmp_path / "words.png")
    expect(page.locator("#ask")).to_contain_text("words.png is no image that this browser reads.")


def test_a_mistake_that_is_clicked_is_asked_about(page: Page, site: Site, trained: str) -> None:
    found = site.client.get(f"/jobs/{trained}/mistakes").json()
    open_ask(page, trained, "mistakes")
    expect(page.locator("#ask")).to_contain_text(f"it gets {found['wrong']:,} wrong of all 2,000 test inputs")
    first = found["mistakes"][0]
    share = f"{100 * first['probability']:.1f} %"
    button = page.locator(".mistakes button").first
    expect(button).to_have_text(f"{first['label']}, says {first['predicted']} · {share}")
    button.click()
    expect(said(page)).to_contain_text(f"it says {first['predicted']}, {share}; by batch statistics")
    assert (given(page)[:, :, 0] == np.array(first["input"])[0]).all()


def test_where_there_is_no_network_yet_it_is_said_for_what_to_wait(page: Page, site: Site, watched: Watched) -> None:
    watched.expected.append("409")
    job_id = site.submit(training={"steps": 500_000})
    site.client.post(f"/jobs/{job_id}/cancel").raise_for_status()
    site.ended(job_id)
    open_ask(page, job_id, "ask,mistakes")
    for part in ("#ask-input", "#ask-mistakes"):
        expect(page.locator(part)).to_contain_text("cancelled before its first checkpoint: retry it")
        expect(page.locator(part).get_by_role("button", name="Look again")).to_be_visible()
    expect(page.locator(".pad")).to_have_count(0)


def test_a_network_without_normalization_has_one_column(page: Page, site: Site) -> None:
    job_id = site.submit(batch_norm=False, **SHORT)
    site.ended(job_id)
    open_ask(page, job_id)
    draw(page)
    rows = page.get_by_role("region", name="Classes").get_by_role("row")
    expect(rows.first).to_have_text(re.compile("^Class *By running statistics$"))
    expect(page.locator("#ask")).to_contain_text("No layer of this network is normalized")


def test_what_is_refused_is_said_beside_what_is_answered(page: Page, trained: str, watched: Watched) -> None:
    watched.expected.append("413")
    problem = {"code": "too_many_inputs", "detail": "of this one at most 2", "status": 413}
    page.route("**/predict?normalization=batch*", lambda route: route.fulfill(status=413, json=problem))
    open_ask(page, trained)
    draw(page)
    expect(said(page)).to_be_visible()
    expect(page.locator(".asking .bad", has_text="of this one at most 2")).to_be_visible()
    expect(page.get_by_role("region", name="Classes")).not_to_contain_text("By batch statistics")


def test_the_network_of_a_job_that_has_not_ended_may_be_asked_again(page: Page, site: Site) -> None:
    job_id = site.running()
    site.client.post(f"/jobs/{job_id}/pause").raise_for_status()
    until(lambda: site.job(job_id)["status"] == "paused")
    open_ask(page, job_id)
    draw(page)
    expect(said(page)).to_contain_text(f"After step {site.job(job_id)['progress']['step']:,} it says")
    with page.expect_request("**/predict?normalization=running*"):
        page.get_by_role("button", name="Ask again").click()
    site.client.post(f"/jobs/{job_id}/cancel").raise_for_status()


def test_features_are_typed(page: Page, site: Site) -> None:
    site.client.put("/datasets/typed?test=0.3", content=f"a,b,c,label\n{ROWS}".encode()).raise_for_status()
    job_id = site.submit(data={"dataset": "typed", "batch_size": 20}, **SHORT)
    site.ended(job_id)
    open_ask(page, job_id, "ask,mistakes")
    field = page.get_by_label("3 features, with commas or spaces between them")
    field.fill("1, 2")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(page.locator("#ask")).to_contain_text("These are 2: this network takes 3.")
    field.fill("1, 2 0.5")
    page.get_by_role("button", name="Ask", exact=True).click()
    expect(said(page)).to_contain_text(re.compile("it says (red|blue), "))
    expect(page.locator("#ask")).to_contain_text("of it and 18 test inputs")
    page.locator(".mistakes button").first.click()
    expect(field).to_have_value(re.compile(r"\d, \d, \d"))


def test_of_what_is_drawn_meanwhile_the_last_alone_is_asked(page: Page, trained: str) -> None:
    page.goto(f"/ui/jobs/{trained}")
    code = """new Promise((resolve) => {
      const seen = [];
      const asked = m.oneAtATime(async (value) => {
        seen.push(value);
        await null;
        if (value === 3) resolve(seen);
      });
      for (const value of [1, 2, 3]) asked(value);
    })"""
    assert run_module(page, "../../lib/loading", code) == [1, 3]


@pytest.mark.parametrize("width", [1440, 360, 320])
def test_it_fits_and_axe_has_nothing_against_it(page: Page, trained: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_ask(page, trained, "ask,mistakes")
    draw(page)
    expect(said(page)).to_be_visible()
    expect(page.locator(".mistakes button").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations_in_both_themes(page) == []
