"""Ratings that outlive the browser tab: under a number of one's own, or a sentence that says no."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("page")]

Visit = Callable[..., Page]

KEY = "k" * 32


def rate(page: Page, beginning: str, stars: float) -> None:
    """Give stars to the one title that begins like this."""
    page.locator("#rate-search textarea").fill(beginning)
    # What an earlier search found may still be there.
    expect(page.locator("#rate-found .line")).to_contain_text([re.compile(beginning, re.I)])
    page.locator("#rate-found").get_by_role("slider").focus()
    for _ in range(round(2 * stars)):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#rated .line").first).to_be_visible()


def save(page: Page) -> str:
    """Save the ratings; give the number they are saved under."""
    page.locator("#keep button").click()
    expect(page.locator("#kept .number")).to_be_visible()
    return re.sub(r"\D", "", page.locator("#kept .number").inner_text())


def lines_of(folder: Path, number: str) -> list[str]:
    lines = (folder / "ratings.csv").read_text().splitlines()
    return [line for line in lines if line.startswith(f"{number},")]


def test_saved_ratings_are_found_again_under_their_number(visit: Visit, feedback_folder: Path):
    page = visit()
    expect(page.locator("#keep")).to_be_hidden()
    rate(page, "alp", 5)
    number = save(page)
    assert len(lines_of(feedback_folder, number)) == 1
    expect(page.locator("#kept")).to_contain_text("Write it down")
    expect(page.locator("#kept")).to_contain_text("count as seen")

    other = visit("/ui/es/")
    other.get_by_role("tab", name="Usuarios").click()
    other.locator("#user textarea").fill(f"{number[:3]} {number[3:]}")
    other.keyboard.press("Enter")
    expect(other.locator("#viewer-profile")).to_contain_text("1 valoración, 5,0 estrellas")
    expect(other.locator("#viewer-cards .why").first).to_contain_text("Alpha")


def test_saving_on_goes_to_the_same_number_and_a_stranger_gets_another(
    visit: Visit, feedback_folder: Path
):
    page = visit()
    rate(page, "alp", 5)
    number = save(page)
    rate(page, "bet", 2)
    expect(page.locator("#kept")).to_be_hidden()
    page.get_by_role("link", name="Español").click()
    expect(page.locator("#keep-number")).to_have_value(number)
    assert save(page) == number
    assert len(lines_of(feedback_folder, number)) == 3

    stranger = visit()
    rate(stranger, "alp", 5)
    stranger.locator("#keep-number").fill("1")
    stranger.keyboard.press("Enter")
    expect(stranger.locator("#kept")).to_contain_text("cannot tell whether that is you")
    assert lines_of(feedback_folder, "1") == []
    stranger.locator("#keep-number").fill("")
    assert save(stranger) != number


def test_behind_a_key_visitors_log_in_and_out_and_read_that_nothing_is_kept(
    locked_server: str, browser: Browser
):
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{locked_server}/ui/en/")
    page.get_by_label("Key").fill(KEY)
    page.keyboard.press("Enter")
    expect(page.locator("#start .tile").first).to_be_visible(timeout=60_000)
    assert page.url == f"{locked_server}/ui/en/"
    rate(page, "alp", 5)
    expect(page.locator("#keep")).to_contain_text("This server keeps no ratings")
    expect(page.locator("#keep").get_by_role("button")).to_be_disabled()

    page.get_by_role("button", name="Log out").click()

    expect(page.get_by_label("Key")).to_be_visible()
    page.goto(f"{locked_server}/ui/en/")
    expect(page.get_by_label("Key")).to_be_visible()
    assert page.evaluate("localStorage.length") == 0
    context.close()
