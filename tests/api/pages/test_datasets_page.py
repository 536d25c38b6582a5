"""The page of datasets: a file goes up and is shown as it was found, or everything that is wrong with it is told."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.api.pages.conftest import Site
from tests.support.browser import Watched, cut, violations_in_both_themes
from tests.support.uploads import noise, picture, small_csv, small_npz, zipped

DROP = """(form, name) => {
  const dataTransfer = new DataTransfer();
  dataTransfer.items.add(new File(["1"], name));
  form.dispatchEvent(new DragEvent("drop", {dataTransfer}));
}"""

TOLD = """(form) => {
  window.told = [];
  const listener = new MutationObserver(() => told.push(form.textContent));
  listener.observe(form, {childList: true, subtree: true});
}"""


@pytest.fixture
def datasets(page: Page) -> Page:
    page.goto("/ui/datasets")
    expect(rows(page, "synthetic")).to_be_visible()
    return page


def rows(page: Page, name: str) -> Locator:
    return page.get_by_role("region", name="Datasets").get_by_role("row").filter(has_text=name)


def facts(page: Page) -> Locator:
    return page.get_by_role("region", name="What is in it")


def choose(page: Page, name: str, content: bytes) -> None:
    file = {"name": name, "mimeType": "application/x-of-no-kind", "buffer": content}
    page.get_by_label("File").set_input_files(file)  # type: ignore[arg-type]


def upload(page: Page, name: str, content: bytes) -> None:
    choose(page, name, content)
    page.get_by_role("button", name="Upload").click()


def put(site: Site, name: str, content: bytes, query: str = "") -> None:
    site.client.put(f"/datasets/{name}{query}", content=content).raise_for_status()


def test_what_was_found_in_a_file_is_shown_with_examples_and_a_job_begins_with_it(
    datasets: Page, watched: Watched
) -> None:
    watched.expected.append("/jobs/validate")  # a batch is larger than the dataset
    datasets.locator("#page form").evaluate(TOLD)
    upload(datasets, "My digits.npz", small_npz())
    expect(facts(datasets)).to_contain_text("6 pixels, grey, as uint8: 8 examples to train with, 4 to test with")
    expect(facts(datasets)).to_contain_text("mean 1")
    expect(facts(datasets).get_by_role("row")).to_have_text(["ClassTrainingTest", "042", "142"])
    assert any("they are being judged" in told for told in datasets.evaluate("told"))
    sheet = facts(datasets).get_by_role("img").element_handle()
    datasets.wait_for_function("(image) => image.complete && image.naturalWidth > 100", arg=sheet)
    assert datasets.url.endswith("/ui/datasets?name=my-digits")
    datasets.reload()
    expect(facts(datasets)).to_contain_text("at most ten, a row a class, from above: 0, 1.")
    rows(datasets, "my-digits").get_by_role("link", name="New job").click()
    expect(datasets.get_by_label("Data")).to_have_value("my-digits")
    expect(datasets.get_by_text("/data/batch_size: ")).to_be_visible()


def test_everything_that_is_wrong_with_a_file_is_told_with_its_member(datasets: Page, watched: Watched) -> None:
    watched.expected.append("422")
    broken = {f"{name}/1.png": b"no picture" for name in ("cat", "dog")}
    upload(datasets, "broken.zip", zipped({"cat/2.png": picture(), **broken}))
    faults = datasets.get_by_role("listitem")
    for member in broken:
        expect(faults.filter(has_text=f"{member}: ")).to_have_count(1)
    expect(datasets.get_by_text("Nothing of it is kept")).to_be_visible()
    expect(rows(datasets, "broken")).to_have_count(0)
    assert violations_in_both_themes(datasets) == []
    watched.expected.append("409")
    upload(datasets, "mnist.npz", small_npz())
    expect(datasets.get_by_text("'mnist' is a dataset of every server")).to_be_visible()
    expect(faults).to_have_count(0)


def test_an_upload_says_how_far_it_is_and_can_be_cancelled(site: Site, datasets: Page) -> None:
    slow = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": 50_000}
    datasets.context.new_cdp_session(datasets).send("Network.emulateNetworkConditions", slow)
    upload(datasets, "large.npz", noise(2_000_000).tobytes())
    expect(datasets.get_by_text(re.compile(r"[1-9][\d.]* .?B of 2 MB"))).to_be_visible()
    bar = datasets.get_by_role("progressbar", name="Upload")
    assert 0 < float(bar.get_attribute("value") or 0) < 1
    expect(datasets.get_by_role("button", name="Upload", exact=True)).to_be_disabled()
    datasets.get_by_role("button", name="Cancel upload").click()
    expect(datasets.get_by_text("Upload cancelled")).to_be_visible()
    expect(bar).to_be_hidden()
    assert "large" not in site.client.get("/datasets").text


def test_a_name_is_suggested_by_a_dropped_file_unless_one_was_typed(datasets: Page) -> None:
    name = datasets.get_by_label("Name")
    form = datasets.locator("form", has=name)
    form.evaluate(DROP, "__Cats & Dogs.tar.ZIP")
    expect(name).to_have_value("cats-dogs.tar")
    name.fill("mine")
    form.evaluate(DROP, "others.zip")
    expect(name).to_have_value("mine")


def test_a_dataset_is_deleted_once_no_job_trains_on_it(site: Site, page: Page, watched: Watched) -> None:
    put(site, "used", small_npz())
    job_id = site.running(data={"dataset": "used", "batch_size": 4}, recording={"probe_size": 4})
    page.goto("/ui/datasets?name=used")
    for status in (page.locator("#status").get_by_text(job_id), page.get_by_text("Deleted: used.")):
        page.get_by_role("button", name="Delete used").click()
        page.get_by_role("dialog").get_by_role("button", name="Delete").click()
        expect(status).to_be_visible()
        site.client.post(f"/jobs/{job_id}/cancel")
        site.ended(job_id)
    watched.expected.append("409")
    expect(rows(page, "used")).to_have_count(0)
    expect(facts(page)).to_be_empty()


def test_a_network_of_convolutions_refuses_features_in_the_servers_words(
    site: Site, page: Page, watched: Watched
) -> None:
    watched.expected.append("/jobs/validate")
    put(site, "flowers", small_csv(3000), "?test=0.5")
    page.goto("/ui/datasets?name=flowers")
    expect(facts(page)).to_contain_text("2 features, as float32")
    expect(facts(page).get_by_role("img")).to_have_count(0)
    page.goto("/ui/new?dataset=flowers")
    page.get_by_label("Network").select_option("convnet")
    expect(page.get_by_role("listitem")).to_contain_text("needs [channels, height, width]")
    expect(page.get_by_role("button", name="Train")).to_be_disabled()


def test_nothing_is_cut_on_a_narrow_page_and_axe_has_nothing_against_it(site: Site, page: Page) -> None:
    put(site, "n" * 64, small_npz())
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(f"/ui/datasets?name={'n' * 64}")
    expect(facts(page)).to_contain_text("Takes")
    expect(rows(page, "n" * 64)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert cut(page) == []
    assert violations_in_both_themes(page) == []
