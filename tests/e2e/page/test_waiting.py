"""What viewers see when an answer takes long, or does not come at all."""

import pytest
from playwright.sync_api import Browser, expect

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("page")]

SLOW = {"offline": False, "latency": 1500, "downloadThroughput": -1, "uploadThroughput": -1}


def test_the_page_says_that_it_waits_and_goes_on_when_the_server_is_back(
    server: str, browser: Browser
):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server}/ui/en/")
    cards = page.locator("#start")
    expect(cards.locator(".chip-netflix").first).to_be_visible()

    context.set_offline(True)
    page.get_by_role("checkbox", name="Netflix").uncheck()
    expect(page.get_by_role("alert")).to_contain_text("The server cannot be reached")
    expect(page.locator("#busy")).to_have_text("Loading …")
    context.set_offline(False)
    expect(cards.locator(".chip-netflix")).to_have_count(0)
    expect(page.locator("#trouble")).to_be_hidden()
    expect(page.locator("#busy")).to_be_empty()

    network = context.new_cdp_session(page)
    network.send("Network.enable")
    network.send("Network.emulateNetworkConditions", SLOW)
    page.get_by_role("checkbox", name="Netflix").check()
    expect(page.locator("#busy[data-on]")).to_have_text("Loading …")
    expect(cards.locator(".chip-netflix").first).to_be_visible()
    expect(page.locator("#busy")).to_be_empty()
    context.close()


def test_a_page_that_the_server_does_not_understand_asks_to_be_loaded_again(
    server: str, browser: Browser
):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{server}/ui/es/")
    expect(page.locator("#start .tile").first).to_be_visible()
    # All other calls are answered by now, and the next one is alone: none clears the alert.
    expect(page.locator("#keep section")).to_be_attached()
    page.route("**/run/predict", lambda route: route.fulfill(status=422, body="{}"))
    page.get_by_role("radio", name="Series").first.check()
    expect(page.get_by_role("alert")).to_contain_text("una versión más nueva")
    page.unroute("**/run/predict")
    page.get_by_role("button", name="Volver a cargar la página").click()
    expect(page.locator("#start .tile").first).to_be_visible()
    expect(page.locator("#trouble")).to_be_hidden()
    context.close()
