"""What viewers do on the page, in a real browser: rate, look up, ask, in both languages."""

import re
from collections.abc import Callable

import httpx
import pytest
from playwright.sync_api import Locator, Page, expect

pytestmark = [pytest.mark.e2e, pytest.mark.xdist_group("page")]

Visit = Callable[..., Page]


def rate(page: Page, beginning: str, title: str, stars: float) -> None:
    """Find a title by the beginning of its name and give it stars, in half steps from none."""
    page.locator("#rate-search textarea").fill(beginning)
    line = page.locator("#rate-found .line", has_text=title)
    expect(line).to_have_count(1)
    slider = line.get_by_role("slider")
    slider.focus()
    for _ in range(round(2 * stars)):
        page.keyboard.press("ArrowRight")
    expect(page.locator("#rated .line", has_text=title)).to_be_visible()


def rate_first(page: Page, title: str) -> None:
    """Give a title of the grid five stars."""
    page.locator("#start .tile", has_text=title).get_by_role("slider").focus()
    page.keyboard.press("End")
    expect(page.locator("#tonight-cards .card").first).to_be_visible()


def card(page: Page, title: str) -> Locator:
    return page.locator(
        "#tonight-cards .card", has=page.get_by_role("heading", name=title, exact=True)
    )


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).click()


def test_rated_titles_give_a_list_with_reasons(visit: Visit):
    page = visit()
    expect(page.locator("#start .tile")).to_have_count(7)
    expect(page.locator("#tonight-cards .card")).to_have_count(0)
    rate_first(page, "Alpha")
    expect(page.locator("#tonight-about")).to_contain_text("For you")
    expect(page.locator("#rated .line", has_text="Alpha")).to_be_visible()
    expect(card(page, "Eta").locator(".why")).to_have_text(
        re.compile(r"Because you rated\s+Alpha.★.5\.0 \(both with Bo Day\)")
    )
    for fact in ("Amazon", "2003", "Movie", "130 min", "drama", "13+ from 13", "expected"):
        expect(card(page, "Eta").first).to_contain_text(fact)
    expect(card(page, "Alpha")).to_have_count(0)


def test_a_title_is_kept_for_later_or_hidden_or_compared_and_all_of_it_undone(visit: Visit):
    page = visit()
    rate_first(page, "Alpha")
    eta, done = card(page, "Eta"), page.locator("#done")

    eta.get_by_role("button", name="Watch Eta later").click()
    expect(page.get_by_role("link", name="Save as a table")).to_have_attribute(
        "href", re.compile("Eta")
    )
    expect(eta.get_by_role("button", name="Watch Eta later")).to_have_attribute(
        "aria-pressed", "true"
    )
    done.get_by_role("button", name="Undo").click()
    expect(page.get_by_role("link", name="Save as a table")).to_have_count(0)

    eta.get_by_role("button", name="Not interested in Eta").click()
    expect(eta).to_have_count(0)
    expect(done).to_contain_text("Eta will not be suggested again")
    done.get_by_role("button", name="Undo").click()
    expect(eta).to_be_visible()

    expect(page.get_by_role("button", name="Show more")).to_have_count(0)
    page.get_by_role("button", name="Surprise me").click()
    expect(page.get_by_role("heading", name="How about this one?")).to_be_focused()
    eta.first.get_by_role("button", name="More like Eta").click()
    expect(page.get_by_role("heading", name="More like Eta")).to_be_focused()
    expect(page.locator("#tonight-like .card").first).to_be_visible()
    page.get_by_role("button", name="Close").click()
    expect(page.locator("#tonight-like .card")).to_have_count(0)


def test_wishes_narrow_the_list(visit: Visit):
    page = visit()
    rate_first(page, "Alpha")
    page.get_by_role("checkbox", name="Netflix").uncheck()
    expect(page.locator("#tonight-cards .chip-netflix")).to_have_count(0)
    expect(page.locator("#tonight-cards .chip-amazon").first).to_be_visible()
    page.get_by_label("Length").click()
    page.get_by_role("option", name="2 hours and more").click()
    expect(page.locator("#tonight-cards .card")).to_have_count(2)
    expect(card(page, "Eta")).to_be_visible()
    expect(card(page, "Épsilon").locator(".why")).to_contain_text("Not rated by anyone")


def test_a_list_that_would_be_empty_says_what_would_help(visit: Visit):
    page = visit()
    rate_first(page, "Alpha")
    page.get_by_role("radio", name="TV shows").first.check()
    expect(card(page, "Beta")).to_be_visible()
    expect(page.get_by_label("Length")).to_be_hidden()
    page.get_by_role("checkbox", name="Netflix").uncheck()
    nothing = page.locator("#tonight-cards .nothing")
    expect(nothing.get_by_role("listitem")).to_have_text(
        ["add a platform: Netflix", "movies and TV shows"]
    )
    for name in ("Amazon", "Disney", "Hulu"):
        page.get_by_role("checkbox", name=name).uncheck()
    expect(page.locator("#tonight-cards")).to_contain_text("tick at least one")


def test_a_rating_can_be_changed_and_forgotten(visit: Visit):
    page = visit()
    rate(page, "alp", "Alpha", 5)
    mine = page.locator("#rated .line", has_text="Alpha")
    mine.get_by_role("slider").focus()
    page.keyboard.press("ArrowLeft")
    expect(card(page, "Eta").locator(".why")).to_contain_text("4.5")
    expect(page.locator("#rate-found").get_by_role("slider")).to_have_value("4.5")
    mine.get_by_role("button", name="Forget the rating of Alpha").click()
    expect(page.locator("#rated .line")).to_have_count(0)
    expect(page.locator("#tonight-cards .card")).to_have_count(0)


def test_the_address_holds_what_is_shown(visit: Visit):
    page = visit()
    rate_first(page, "Alpha")
    page.locator("#rate-search textarea").fill("gam")
    page.get_by_role("radio", name="TV shows").first.check()
    expect(page).to_have_url(re.compile(r"en/\?type=tv\+show&words=gam$"))
    open_tab(page, "Questions")
    page.get_by_role("link", name="Español").click()
    expect(page.get_by_role("tab", name="Preguntas")).to_have_attribute("aria-selected", "true")
    open_tab(page, "Hoy")
    expect(page.get_by_role("radio", name="Series").first).to_be_checked()
    expect(page.locator("#rate-found .line")).to_contain_text("Gamma")
    expect(card(page, "Beta")).to_be_visible()
    page.get_by_role("radio", name="Todo").first.check()
    expect(card(page, "Eta")).to_be_visible()
    page.go_back()
    expect(page.get_by_role("radio", name="Series").first).to_be_checked()
    expect(card(page, "Eta")).to_have_count(0)


def test_ratings_stay_in_the_browser_and_with_nobody_else(visit: Visit):
    page = visit()
    rate(page, "alp", "Alpha", 5)
    page.get_by_role("link", name="Español").click()
    expect(page.locator("#rated")).to_contain_text("Tus valoraciones")
    expect(page.locator("#rated .line", has_text="Alpha")).to_be_visible()
    expect(page.locator("#tonight-about")).to_contain_text("Para ti")
    second = page.context.new_page()
    second.goto(page.url)
    second.locator("#rated [data-forget]").click()
    expect(page.locator("#rated .line")).to_have_count(0)
    other = visit()
    expect(other.locator("#rated .line")).to_have_count(0)


@pytest.mark.parametrize(
    ("language", "tab", "show", "words"),
    [
        ("en", "Users", "Show", ("Liked best", "Predict", "Recommend it", "In 80 of 100 cases")),
        (
            "es",
            "Usuarios",
            "Mostrar",
            ("Lo que más le gustó", "Predecir cuánto le gustaría", "Recomendable", "En 80"),
        ),
    ],
)
def test_a_user_is_shown_with_what_they_would_like(
    visit: Visit, language: str, tab: str, show: str, words: tuple[str, ...]
):
    liked, predict, verdict, interval = words
    page = visit(f"/ui/{language}/")
    open_tab(page, tab)
    page.locator("#user textarea").fill("1")
    page.get_by_role("button", name=show, exact=True).click()
    expect(page.locator("#viewer-profile")).to_contain_text(liked)
    expect(page.locator("#viewer-profile")).to_contain_text("Alpha")
    expect(page.locator("#viewer-cards .why", has_text="Alpha").first).to_be_visible()
    page.locator("#predict-search textarea").fill("et")
    page.get_by_role("button", name=f"{predict} Eta").click()
    expect(page.locator("#viewer-verdict .decision")).to_have_text(verdict)
    expect(page.locator("#viewer-verdict")).to_contain_text(interval)


def test_an_unknown_user_is_said_to_be_unknown(visit: Visit):
    page = visit()
    open_tab(page, "Users")
    page.locator("#user textarea").fill("99")
    page.keyboard.press("Enter")
    expect(page.locator("#viewer-profile")).to_contain_text("Nobody with the number 99")


@pytest.mark.parametrize(
    ("language", "tab", "ask", "answers"),
    [
        (
            "en",
            "Questions",
            "Ask",
            {
                "q-duration": ("50 min", "2 tie", "in minutes among movies and tv shows"),
                "q-score": ("2", "2 movies · 0 tv shows", "whose mean rating is above 3.5"),
                "q-count": ("7", "Amazon: 3", "The number of movies"),
                "q-actor": ("Ann Lee", "in 4 titles", "each film or series counted once"),
            },
        ),
        (
            "es",
            "Preguntas",
            "Preguntar",
            {
                "q-duration": ("50 min", "2 empatados", "en minutos entre películas y series"),
                "q-score": ("2", "2 películas · 0 series", "valoración media mayor que 3,5"),
                "q-count": ("7", "Amazon: 3", "El número de películas"),
                "q-actor": ("Ann Lee", "en 4 títulos", "cada película o serie cuenta una vez"),
            },
        ),
    ],
)
def test_the_four_questions_are_answered(
    visit: Visit, language: str, tab: str, ask: str, answers: dict[str, tuple[str, str, str]]
):
    page = visit(f"/ui/{language}/")
    open_tab(page, tab)
    page.locator("#q-duration textarea").fill("2001")
    for name, (headline, detail, reading) in answers.items():
        form = page.locator(f"#{name}")
        form.get_by_role("button", name=ask, exact=True).click()
        expect(form.locator(".big")).to_have_text(headline)
        expect(form.locator(".reply-box, .problem")).to_contain_text(detail)
        expect(form.locator(".reply-box, .problem")).to_contain_text(reading)


def test_questions_without_an_answer_say_so(visit: Visit):
    page = visit()
    open_tab(page, "Questions")
    form = page.locator("#q-duration")
    form.locator("textarea").fill("1900")
    page.keyboard.press("Enter")
    expect(form.locator(".reply-box, .problem")).to_contain_text("No title matches")
    form.locator("textarea").fill("next year")
    page.keyboard.press("Enter")
    expect(form.locator(".reply-box, .problem")).to_contain_text("must be a whole number from 1870")


def test_pictures_and_model_are_shown(visit: Visit):
    page = visit()
    open_tab(page, "Pictures")
    expect(page.locator("#pictures")).to_contain_text("8 titles: 7 movies and 1 TV shows")
    expect(page.locator(".chart")).to_have_count(4)
    open_tab(page, "Model")
    expect(page.locator("#model")).to_contain_text("off by 0.90 stars")
    expect(page.locator("#model")).to_contain_text("10.0% less")
    expect(page.locator("#model")).to_contain_text("beyond that people differ in taste")
    page.get_by_role("link", name="Español").click()
    open_tab(page, "Modelo")
    expect(page.locator("#model")).to_contain_text("la gente tiene gustos distintos")
    expect(page.locator("#model")).to_contain_text("No había ningún modelo en servicio")
    expect(page.locator("#model [lang]")).to_have_count(0)


def test_titles_are_text_whatever_they_hold(visit: Visit):
    page = visit()
    rate(page, "script window", "window.hacked", 4)
    hostile = "<script>window.hacked=1</script> <img src=x onerror=window.hacked=1> ${7*7} {{7*7}}"
    for place in ("#rate-found strong", "#rated strong", "#tonight-cards .why cite"):
        expect(page.locator(place).first).to_have_text(hostile)
    assert page.evaluate("window.hacked") is None


def test_the_address_leads_to_the_visitors_language(server: str, visit: Visit):
    for path in ("/", "/ui", "/ui/"):
        asked = httpx.get(server + path, follow_redirects=True, headers={"Accept-Language": "es"})
        assert asked.url.path == "/ui/es/", path
    page = visit("/", locale="es-MX")
    expect(page).to_have_title("Cartelera: qué ver esta noche")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    expect(visit("/", locale="de")).to_have_title("Cartelera: what to watch tonight")


def test_the_page_for_programs_is_one_click_away_and_as_local(visit: Visit):
    page = visit()
    page.get_by_role("link", name="For programs").click()
    expect(page.get_by_text("/titles", exact=True)).to_be_visible()
    expect(page.locator(".opblock").first).to_be_visible()
