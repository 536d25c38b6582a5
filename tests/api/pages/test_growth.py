"""A page that stays open on a job that trains: what it has been told and has drawn it does not keep."""

from playwright.sync_api import CDPSession, Page

from tests.api.pages.conftest import Site

LOOKS = 100  # of the page at its charts, each an answer and a drawing of each: as many as in some minutes
MOST = 1_000_000  # bytes by which the memory of scripts may have grown: what twenty of these answers take


def test_a_page_that_follows_a_job_does_not_grow(site: Site, page: Page) -> None:
    job_id = site.running(recording={"histograms_every": 50})
    page.goto(f"/ui/jobs/{job_id}?layer=hidden2")
    page.get_by_role("heading", name="Histograms by step").wait_for()  # what is drawn last: it waits to be recorded
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable")
    look(page, LOOKS // 5)  # until what is made once has been made
    before = kept(session)
    look(page, LOOKS)
    after = kept(session)
    site.client.post(f"/jobs/{job_id}/cancel").raise_for_status()
    assert after["JSHeapUsedSize"] - before["JSHeapUsedSize"] < MOST
    assert after["Nodes"] - before["Nodes"] < LOOKS  # less than one of each look
    assert after["JSEventListeners"] - before["JSEventListeners"] < LOOKS / 10  # one or two come with what is told late


def look(page: Page, times: int) -> None:
    """Pause and go on, upon which the page asks for everything anew."""
    for _ in range(times):
        page.keyboard.press("p")
        with page.expect_response(lambda answer: "/series?" in answer.url and "form=matrix" not in answer.url):
            page.keyboard.press("p")
    page.wait_for_load_state("networkidle")


def kept(session: CDPSession) -> dict[str, float]:
    """Chromium's counts, once it has thrown away what nobody holds."""
    for _ in range(2):  # what a first collection has finalized, the second one takes
        session.send("HeapProfiler.collectGarbage")
    return {each["name"]: each["value"] for each in session.send("Performance.getMetrics")["metrics"]}
