"""Who can use the page: on a phone, without a mouse, in the dark."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("page")]

Visit = Callable[..., Page]

MOST_TABS = 40


def overflow(page: Page) -> int:
    """Tell how many pixels the page is wider than the screen."""
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until an element has the focus."""
    for _ in range(MOST_TABS):
        page.keyboard.press("Tab")
        if page.evaluate("wanted => document.activeElement.matches(wanted)", selector):
            return
    pytest.fail(f"{selector} cannot be reached with the keyboard")


@pytest.mark.parametrize("language", ["en", "es"])
def test_nothing_is_wider_than_a_phone(visit: Visit, language: str):
    page = visit(f"/ui/{language}/", width=360)
    for position in range(5):
        tab = page.get_by_role("tab").nth(position)
        expect(tab).to_be_visible()
        tab.click()
        expect(page.locator("#pictures, #model, h2").locator("visible=true").first).to_be_visible()
        if position == 2:
            page.locator("#q-duration button.primary").click()
            expect(page.locator("#q-duration .big")).to_be_visible()
        if position == 3:
            expect(page.locator(".chart").first).to_be_visible()
        if position == 4:
            expect(page.locator("#model table")).to_be_visible()
        assert overflow(page) <= 0, f"tab {position}"


def test_the_keyboard_is_enough(visit: Visit):
    page = visit()
    tab_to(page, "#rate-search textarea")
    page.keyboard.type("alp")
    expect(page.locator("#rate-found .line")).to_have_count(1)
    tab_to(page, "#rate-found [data-rate]")
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#tonight-about")).to_contain_text("For you")
    assert page.evaluate("document.activeElement.matches('#rate-found [data-rate]')")
    assert page.evaluate("document.activeElement.getAttribute('aria-valuetext')") == (
        "5.0 of 5 stars"
    )
    tab_to(page, "#rated [data-forget]")
    page.keyboard.press("Enter")
    expect(page.locator("#rated .line")).to_have_count(0)
    assert page.evaluate("document.activeElement.matches('#rate-search textarea')")


def test_tabs_open_with_the_keyboard(visit: Visit):
    page = visit()
    tab_to(page, "[role=tab]:nth-of-type(2)")
    page.keyboard.press("Enter")
    tab_to(page, "#user textarea")
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(page.locator("#viewer-profile")).to_contain_text("User 1")


def test_the_page_is_read_out_in_its_own_language(visit: Visit):
    page = visit("/ui/es/", locale="en-GB")
    page.locator("#rate-search textarea").fill("alp")
    page.locator("#rate-found [data-rate]").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#rate-found output")).to_have_text("0,5")
    expect(page.locator("html")).to_have_attribute("lang", "es")


def test_on_a_phone_a_thumb_gives_whole_stars_and_the_list_is_on_the_first_screen(visit: Visit):
    page = visit(width=390, has_touch=True)
    expect(page.get_by_role("checkbox", name="Netflix")).to_be_hidden()
    slider = page.locator("#start .tile", has_text="Alpha").get_by_role("slider")
    box = slider.bounding_box()
    assert box is not None
    assert min(box["width"] / 5, box["height"]) >= 44
    slider.tap(position={"x": 3 * box["width"] / 5 + 2, "y": 10})
    expect(slider).to_have_value("4")
    heading = page.locator("#tonight-cards h3").first
    expect(heading).to_be_in_viewport()
    assert page.evaluate("window.scrollY") == 0
    fold = page.get_by_role("button", name="Filters")
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "true")
    expect(page.get_by_role("checkbox", name="Netflix")).to_be_visible()


def test_every_field_has_a_name(visit: Visit):
    page = visit()
    page.locator("#rate-search textarea").fill("a")
    expect(page.locator("#rate-found .line").first).to_be_visible()
    for position in range(3):
        page.get_by_role("tab").nth(position).click()
        for role in ("textbox", "slider", "radio", "checkbox", "listbox", "button"):
            for field in page.get_by_role(role).all():
                expect(field).to_have_accessible_name(re.compile(r"\S"))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_what_it_is_on(visit: Visit, scheme: str):
    page = visit(color_scheme=scheme)
    page.locator("#start .tile", has_text="Alpha").get_by_role("slider").focus()
    page.keyboard.press("End")
    expect(page.locator("#done")).to_contain_text("You rated Alpha")
    expect(page.locator("#tonight-cards .genres").first).to_be_visible()
    colours = page.evaluate(
        """() => ["h2", ".card h3", ".card .facts", ".why", ".genres", ".note", "#done span"].map(wanted => {
            const rgb = text => text.match(/[0-9.]+/g).slice(0, 3).map(Number);
            const element = document.querySelector(wanted);
            let under = element;
            const clear = "rgba(0, 0, 0, 0)";
            while (getComputedStyle(under).backgroundColor === clear) under = under.parentElement;
            return [wanted, rgb(getComputedStyle(element).color),
                    rgb(getComputedStyle(under).backgroundColor)];
        })"""
    )
    for name, text, ground in colours:
        light, dark = sorted((luminance(text), luminance(ground)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, name


def luminance(colour: list[float]) -> float:
    """Give the relative luminance of WCAG 2.2 of a colour of three channels from 0 to 255."""
    linear = [
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in colour)
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
