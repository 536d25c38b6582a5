"""What a job's page keeps of it: document, attempts, events, environment, files."""

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from playwright.sync_api import Page, expect

from tests.api.pages.conftest import Site
from tests.support.browser import violations_in_both_themes

FOLDS = "document,attempts,events,environment,downloads"


def _open(page: Page, job_id: str, folds: str = FOLDS) -> None:
    page.goto(f"/ui/jobs/{job_id}?open={folds}")
    page.locator("#record").scroll_into_view_if_needed()


def test_the_document_says_first_what_differs_from_the_defaults(page: Page, recorded: str) -> None:
    _open(page, recorded, "document")
    differs = page.get_by_role("region", name="What differs from the defaults")
    expect(differs.get_by_role("row").filter(has_text="training.steps")).to_contain_text("300")
    expect(differs).not_to_contain_text("architecture.")
    page.get_by_text("The whole document, as JSON").click()
    expect(page.locator("#record-document pre").first).to_contain_text('"dataset": "synthetic"')


def test_a_network_of_layers_is_compared_as_one_value(page: Page, site: Site) -> None:
    layers = [{"kind": "flatten"}, {"kind": "linear", "features": 10}]
    _open(page, site.submit(architecture={"layers": layers}), "document")
    differs = page.get_by_role("region", name="What differs from the defaults")
    expect(differs.get_by_role("row").filter(has_text="architecture")).to_contain_text("2 layers")


def test_events_are_asked_for_when_they_are_opened_and_this_stands_in_the_address(page: Page, recorded: str) -> None:
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    _open(page, recorded, "document")
    page.locator("#record-environment summary").click()
    expect(page.locator("#record-environment")).to_contain_text("torch")
    assert not any(f"jobs/{recorded}/events" in url for url in asked)
    page.locator("#record-events summary").click()
    events = page.get_by_role("region", name="Events")
    expect(events.get_by_role("row").nth(1)).to_contain_text("succeeded")
    assert page.url.endswith("open=document,environment,events")


def test_a_new_event_comes_by_itself(page: Page, site: Site) -> None:
    job_id = site.running()
    _open(page, job_id, "events")
    expect(page.get_by_role("region", name="Events")).to_contain_text("running")
    site.client.post(f"/jobs/{job_id}/cancel").raise_for_status()
    expect(page.get_by_role("region", name="Events")).to_contain_text("cancelled")


def test_attempts_and_environment_say_where_it_was_trained(page: Page, site: Site, recorded: str) -> None:
    (attempt,) = site.job(recorded)["attempts"]
    _open(page, recorded)
    expect(page.get_by_role("region", name="Attempts")).to_contain_text(attempt["worker"])
    expect(page.locator("#record-environment")).to_contain_text("to the bit, that of one undisturbed run")
    expect(page.locator("#record-environment")).to_contain_text(site.job(recorded)["weights_sha256"])


def test_every_link_leads_to_a_file(page: Page, site: Site, recorded: str, tmp_path: Path) -> None:
    _open(page, recorded, "downloads")
    links = page.locator("#record-downloads a").all()
    assert len(links) > 10
    for link in links:
        assert site.client.get(str(link.get_attribute("href"))).status_code == 200
    with page.expect_download() as download:
        page.get_by_role("link", name="train.parquet", exact=True).click()
    assert download.value.suggested_filename == f"{recorded}-train.parquet"
    download.value.save_as(tmp_path / "train.parquet")
    assert pq.read_table(tmp_path / "train.parquet").num_rows == 300


def test_what_was_not_recorded_has_no_link(page: Page, site: Site) -> None:
    _open(page, site.submit(recording={"units": 0}), "downloads")
    expect(page.get_by_role("link", name="train.csv")).to_be_visible()
    expect(page.get_by_role("link", name="units.csv")).to_have_count(0)
    expect(page.locator("#record-downloads")).not_to_contain_text("Diagnostics")


def test_what_is_stored_is_verified(page: Page, recorded: str) -> None:
    _open(page, recorded, "downloads")
    page.get_by_role("button", name="Verify what is stored").click()
    expect(page.locator("#record-downloads [role=status]")).to_contain_text(
        "all as they were written. Every row is there."
    )


@pytest.mark.parametrize("width", [1440, 360, 320])
def test_the_record_fits_and_axe_has_nothing_against_it(page: Page, recorded: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    _open(page, recorded)
    expect(page.get_by_role("region", name="Events")).to_contain_text("succeeded")
    expect(page.get_by_role("region", name="What differs from the defaults")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert violations_in_both_themes(page) == []
