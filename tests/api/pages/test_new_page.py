"""A new job: from the form, from a document, from another job, and with its twin."""

import json
import re
from typing import Any, get_args

import pytest
from playwright.sync_api import Locator, Page, expect

from api.pages.assets import assets
from jobs.spec.training import Adam, Momentum, Nesterov, Sgd
from tests.api.pages.conftest import Site
from tests.support.browser import Watched, violations_in_both_themes
from tests.support.markdown import ROOT
from tests.support.workers import until


def kinds_of(*models: type) -> list[str]:
    return [kind for model in models for kind in get_args(model.model_fields["kind"].annotation)]  # type: ignore[attr-defined]


def test_the_form_offers_every_optimizer() -> None:
    fields = assets()["pages/new/fields.js"].decode()
    listed = re.search(r'"training\.optimizer\.kind", (\[.*?\])', fields)
    assert listed is not None
    assert sorted(json.loads(listed[1])) == sorted(kinds_of(Sgd, Momentum, Nesterov, Adam))


@pytest.fixture
def form(page: Page) -> Page:
    page.goto("/ui/new")
    expect(page.get_by_role("region", name="Layers")).to_contain_text("hidden3")
    return page


def test_a_job_is_submitted_from_the_form_and_its_page_follows(site: Site, form: Page) -> None:
    form.get_by_label("Name").fill("from the form")
    form.get_by_label("Batch normalization").check()
    form.get_by_label("Data").select_option("synthetic")
    form.get_by_label("Steps").fill("20")
    form.get_by_label("Hidden").fill("30, 20")
    expect(form.get_by_role("region", name="Layers").get_by_text("hidden3")).to_have_count(0)
    form.get_by_role("button", name="Train").click()
    form.wait_for_url(re.compile(r"/ui/jobs/[0-9a-z]{13}"))
    job = site.ended(form.url.rpartition("/")[2])
    assert (job["name"], job["status"], job["spec"]["architecture"]["hidden"]) == (
        "from the form",
        "succeeded",
        [30, 20],
    )
    expect(form.get_by_role("heading", name="from the form")).to_be_visible()


def test_what_is_wrong_is_told_at_its_field(form: Page, watched: Watched) -> None:
    watched.expected.append("/jobs/validate")  # a browser tells its console of each refusal
    steps = form.get_by_label("Steps")
    steps.fill("-5")
    expect(steps).to_have_attribute("aria-invalid", "true")
    expect(form.locator("#field-training-steps-fault")).not_to_be_empty()
    expect(form.get_by_role("button", name="Train")).to_be_disabled()
    steps.fill("5")
    expect(form.get_by_role("button", name="Train")).to_be_enabled()
    expect(form.locator("#field-training-steps-fault")).to_be_empty()


def test_another_network_has_its_own_fields(form: Page) -> None:
    form.get_by_label("Network").select_option("convnet")
    expect(form.get_by_label("Channels")).to_have_value("16, 32")
    expect(form.get_by_role("region", name="Layers")).to_contain_text("conv")


def test_the_form_begins_with_a_deep_network_on_the_data_that_is_chosen(form: Page) -> None:
    form.get_by_label("Data").select_option("synthetic")
    form.get_by_role("button", name="a deep sigmoid network").click()
    expect(form.get_by_role("region", name="Layers")).to_contain_text("hidden6")
    found = json.loads(document(form).input_value())
    example = json.loads((ROOT / "examples" / "not-training.json").read_text())
    assert {**found["architecture"], **found["training"], **found["data"]} == {
        **example["architecture"],
        **example["training"],
        **example["data"],
    }
    expect(form.get_by_label("Batch size")).to_have_value("60")
    expect(form.get_by_label("Hidden, one number a layer")).to_have_value(", ".join(["100"] * 6))
    form.get_by_role("button", name="the paper's network").click()
    expect(form.get_by_label("Name")).to_have_value("")
    expect(form.get_by_role("region", name="Layers").get_by_text("hidden4")).to_have_count(0)
    expect(form.get_by_label("Data")).to_have_value("synthetic")


def test_a_dataset_that_is_not_here_is_named_so(form: Page) -> None:
    told = form.get_by_label("Data").locator("option").all_inner_texts()
    assert told == ["mnist", "fashion_mnist, not fetched", "cifar10, not fetched", "synthetic"]


def test_the_document_is_what_is_posted_and_bad_json_is_told_with_its_place(
    site: Site, form: Page, watched: Watched
) -> None:
    watched.expected.append("/jobs/validate")
    form.get_by_text("The whole document").click()
    text = form.get_by_label("As JSON")
    text.fill('{"batch_norm": true,\n "data": }')
    expect(form.get_by_text(re.compile("line 2, column 10"))).to_be_visible()
    text.fill('{"name": "as JSON", "data": {"dataset": "synthetic"}, "training": {"steps": 3}}')
    expect(form.get_by_role("button", name="Train")).to_be_enabled()
    assert violations_in_both_themes(form) == []
    form.get_by_role("button", name="Train").click()
    form.wait_for_url(re.compile(r"/ui/jobs/[0-9a-z]{13}"))
    assert site.job(form.url.rpartition("/")[2])["name"] == "as JSON"


def test_again_but_otherwise_begins_with_that_jobs_document_and_the_twin_has_its_seed(
    site: Site, page: Page, recorded: str
) -> None:
    page.goto(f"/ui/new?like={recorded}")
    expect(page.get_by_label("Name")).to_have_value("recorded")
    page.get_by_label("Name").fill("again")
    page.get_by_role("textbox", name="Seed").fill("7")
    twin = page.get_by_label("and the same without BN")
    twin.check()
    page.get_by_role("button", name="Train").click()
    page.wait_for_url(re.compile(r"/ui/jobs/[0-9a-z]{13}"))

    def both() -> list[dict[str, object]]:
        jobs: list[dict[str, object]] = site.client.get("/jobs?name=again&fields=name,spec,batch_norm").json()["jobs"]
        return jobs if len(jobs) == 2 else []

    jobs = {str(job["name"]): job for job in until(both)}
    assert {name: job["batch_norm"] for name, job in jobs.items()} == {"again": True, "again, without BN": False}
    specs = [dict(job["spec"]) for job in jobs.values()]
    assert {spec["training"]["seed"] for spec in specs} == {7}
    alike = [
        {name: part for name, part in spec.items() if name not in ("name", "batch_norm", "metadata")} for spec in specs
    ]
    assert alike[0] == alike[1]


def test_what_is_held_out_and_what_stops_a_training_is_checked_while_it_is_typed(form: Page, watched: Watched) -> None:
    watched.expected.append("/jobs/validate")
    stopping = {"metric": "validation.loss", "patience": 3}
    typed = {"data": {"dataset": "synthetic"}, "training": {"stop": stopping}, "evaluation": {"keep": "best"}}
    text = document(form)
    text.fill(json.dumps(typed))
    expect(form.get_by_text("there is no 'validation.loss' without a validation part")).to_be_visible()
    text.fill(json.dumps(typed | {"data": {"dataset": "synthetic", "validation": 0.2}}))
    expect(form.get_by_role("button", name="Train")).to_be_enabled()
    text.fill(json.dumps(typed | {"evaluation": {"keep": "worst"}}))
    expect(form.get_by_text("/evaluation/keep: ")).to_be_visible()


def document(form: Page) -> Locator:
    form.get_by_text("The whole document").click()
    return form.get_by_label("As JSON")


def test_fields_show_what_a_short_document_means_and_change_only_what_they_name(form: Page) -> None:
    text = document(form)
    text.fill('{"architecture": "mlp", "data": {"dataset": "synthetic"}, "training": {"optimizer": "adam"}}')
    expect(form.get_by_label("Steps")).to_have_value("10000")
    expect(form.get_by_label("Hidden")).to_have_value("100, 100, 100")
    rate = form.get_by_label("Learning rate")
    expect(rate).to_have_value("0.001")
    rate.fill("0.5")
    form.get_by_label("Hidden").fill("30")
    assert json.loads(text.input_value()) == {
        "architecture": {"preset": "mlp", "hidden": [30]},
        "data": {"dataset": "synthetic"},
        "training": {"optimizer": {"kind": "adam", "learning_rate": 0.5}},
    }


def test_another_optimizer_begins_with_its_own_defaults(form: Page) -> None:
    text = document(form)
    text.fill('{"data": {"dataset": "synthetic"}, "training": {"optimizer": {"kind": "adam", "beta1": 0.8}}}')
    expect(form.get_by_label("Learning rate")).to_have_value("0.001")
    form.get_by_label("Optimizer").select_option("sgd")
    expect(form.get_by_label("Learning rate")).to_have_value("0.1")
    expect(form.get_by_role("button", name="Train")).to_be_enabled()
    assert json.loads(text.input_value())["training"]["optimizer"] == {"kind": "sgd"}


def test_what_is_no_document_trains_nothing_and_no_field_writes_over_it(
    site: Site, form: Page, watched: Watched
) -> None:
    watched.expected += ["/jobs/validate", "/jobs$"]
    jobs = site.ids()
    text = document(form)
    text.fill('{"training": {"steps": 3')
    expect(form.get_by_label("Learning rate")).to_be_disabled()
    # By Enter, before it is checked or behind: what is posted is what stands there.
    form.locator("form", has=form.get_by_role("button", name="Train")).evaluate("(form) => form.requestSubmit()")
    expect(form.get_by_text(re.compile("not a JSON document"))).to_be_visible()
    assert site.ids() == jobs
    text.fill('{"training": {"steps": 3}}')
    expect(form.get_by_label("Learning rate")).to_be_enabled()


def test_the_twin_of_a_network_with_bn_of_its_own_has_none(site: Site, page: Page) -> None:
    linear: dict[str, Any] = {"kind": "linear", "features": 20}
    block = {"kind": "residual", "layers": [linear, {"kind": "batch_norm"}]}
    layers: list[dict[str, Any]] = [
        {"kind": "flatten"},
        linear | {"batch_norm": True},
        block,
        {"kind": "linear", "features": 10},
    ]
    job = site.job(site.submit(name="own", batch_norm=False, architecture={"layers": layers}))
    assert job["batch_norm"]
    page.goto(f"/ui/jobs/{job['id']}")
    page.get_by_role("button", name="The same without BN").click()
    expect(page.get_by_role("heading", name="own, without BN")).to_be_visible()
    twin = site.job(page.url.rpartition("/")[2])
    assert not twin["batch_norm"]
    assert [layer["kind"] for layer in twin["spec"]["architecture"]["layers"]] == [layer["kind"] for layer in layers]
    assert [layer["kind"] for layer in twin["spec"]["architecture"]["layers"][2]["layers"]] == ["linear"]


def test_a_twin_that_is_refused_is_told_beside_its_job_which_is_queued_once(
    site: Site, form: Page, watched: Watched
) -> None:
    watched.expected.append("like=")
    form.route(re.compile(r"/jobs\?like="), lambda route: route.fulfill(status=503, json={"detail": "no room"}))
    form.get_by_label("Name").fill("alone")
    form.get_by_label("Data").select_option("synthetic")
    form.get_by_label("Steps").fill("3")
    form.get_by_label("with the same seed").check()
    form.get_by_role("button", name="Train").click()
    expect(form.get_by_text("is queued; its twin is not: no room")).to_be_visible()
    expect(form.get_by_role("button", name="Train")).to_be_disabled()
    assert violations_in_both_themes(form) == []
    form.get_by_role("link", name="alone").click()
    expect(form.get_by_role("heading", name="alone")).to_be_visible()
    assert len(site.client.get("/jobs?name=alone").json()["jobs"]) == 1


def test_axe_has_nothing_against_the_form(form: Page) -> None:
    assert violations_in_both_themes(form) == []
