"""The sliders of the page on another scale of ratings than the usual one."""

import re

import pytest
from playwright.sync_api import Browser, expect

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("page")]


def test_a_slider_has_the_places_of_the_scale_and_one_for_no_rating(
    short_scale_server: str, browser: Browser
):
    page = browser.new_page()
    page.goto(f"{short_scale_server}/ui/en/")
    expect(page.locator("#start .tile").first).to_be_visible()
    page.locator("#rate-search textarea").fill("alp")
    slider = page.locator("#rate-found .line", has_text="Alpha").get_by_role("slider")
    rated = page.locator("#rated .line", has_text="Alpha")

    slider.focus()
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_value("1")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("1.0 of 4 stars"))
    expect(rated).to_be_visible()

    page.keyboard.press("End")
    expect(slider).to_have_value("4")
    expect(page.locator("#tonight-cards .why").first).to_contain_text("4.0")

    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    expect(slider).to_have_value("1")
    page.keyboard.press("ArrowLeft")
    expect(slider).to_have_value("0")
    expect(rated).to_have_count(0)
    expect(page.locator("#tonight-cards .card")).to_have_count(0)
    page.close()
