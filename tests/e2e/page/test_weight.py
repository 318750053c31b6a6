"""What the page weighs, and how it comes up on a phone with a slow line."""

import json
import logging
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("page")]

logger = logging.getLogger(__name__)

MOST_BYTES = 300_000
MOST_SHIFT = 0.05
BYTES_PER_S = 1_600_000 / 8
SLOW_4G = {
    "offline": False,
    "latency": 150,
    "downloadThroughput": BYTES_PER_S,
    "uploadThroughput": BYTES_PER_S / 2,
}
PHONE: dict[str, Any] = {
    "viewport": {"width": 390, "height": 800},
    "device_scale_factor": 2,
    "is_mobile": True,
    "has_touch": True,
}
OBSERVE = """
window.seen = {shift: 0, largest: 0, card: 0, ready: 0};
const observe = (type, show) => new PerformanceObserver(
  (list) => list.getEntries().forEach(show)).observe({type, buffered: true});
observe("layout-shift", ({value, hadRecentInput}) => { if (!hadRecentInput) seen.shift += value; });
observe("largest-contentful-paint", ({startTime}) => { seen.largest = startTime; });
new MutationObserver(() => {
  if (document.querySelector(".tile")) seen.card ||= performance.now();
  if (document.querySelector("#start .tile")) seen.ready ||= performance.now();
}).observe(document, {childList: true, subtree: true});
"""


def test_a_phone_on_a_slow_line_loads_little_and_nothing_jumps(server: str, browser: Browser):
    context = browser.new_context(**PHONE)
    context.add_init_script(OBSERVE)
    page = context.new_page()
    protocol = context.new_cdp_session(page)
    sizes: list[float] = []
    protocol.on("Network.loadingFinished", lambda event: sizes.append(event["encodedDataLength"]))
    protocol.send("Network.enable")
    protocol.send("Network.emulateNetworkConditions", SLOW_4G)
    protocol.send("Emulation.setCPUThrottlingRate", {"rate": 4})

    page.goto(f"{server}/ui/en/", wait_until="commit", timeout=60_000)
    page.locator("#first .tile").first.wait_for(timeout=60_000)
    promised = page.locator("#first .tile strong").all_text_contents()
    expect(page.locator("#first")).to_have_count(0, timeout=60_000)
    expect(page.locator("#keep section, #keep form").first).to_be_attached(timeout=60_000)

    seen = page.evaluate("seen")
    logger.info("%d bytes in %d answers; ms and shift: %s", sum(sizes), len(sizes), seen)
    assert page.locator("#start .tile strong").all_text_contents() == promised
    assert 100_000 < sum(sizes) <= MOST_BYTES
    assert seen["shift"] < MOST_SHIFT
    context.close()


def test_who_has_rated_is_promised_no_titles_that_would_go_again(server: str, browser: Browser):
    context = browser.new_context(color_scheme="dark")
    context.add_init_script(f"localStorage['cartelera.marks'] = '{json.dumps({'ns1': 5})}'")
    page = context.new_page()
    page.route("**/assets/*.js", lambda route: route.abort())
    page.goto(f"{server}/ui/es/")

    expect(page.locator("#first h1")).to_be_visible()
    expect(page.locator("#first .tile")).to_have_count(0)
    expect(page.locator("body")).to_have_class("dark")
    context.close()
