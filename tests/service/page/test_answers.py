"""What the page's handlers answer, whatever the browser sends; the catalogue is `conftest`'s."""

import re
from dataclasses import replace
from html import unescape
from types import SimpleNamespace
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cartelera.catalogue.arguments import TYPE_CHOICES
from cartelera.platforms import PUBLISHED
from cartelera.service.answering.answers import Answers
from cartelera.service.page.about_model import AboutModel
from cartelera.service.page.catalogue_questions import CatalogueQuestions, TitleSelection
from cartelera.service.page.markup import Markup
from cartelera.service.page.pictures import Pictures
from cartelera.service.page.tonight import Tonight
from cartelera.service.page.viewer import Viewer
from cartelera.service.page.words import LANGUAGES, Words

ALL_PLATFORMS = list(PUBLISHED.names)
RATED = '{"hs1": 2}'
ANYTHING: list[Any] = [ALL_PLATFORMS, "all", "", "", "", ""]

same_catalogue = settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)

junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def markup() -> Markup:
    return Markup(Words("en"))


@pytest.fixture
def tonight(answers: Answers, markup: Markup) -> Tonight:
    return Tonight(lambda: answers, markup)


@pytest.fixture
def viewer(answers: Answers, markup: Markup) -> Viewer:
    return Viewer(lambda: answers, markup)


@pytest.fixture
def questions(answers: Answers, markup: Markup) -> CatalogueQuestions:
    return CatalogueQuestions(lambda: answers, markup)


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def rated_in(html: str) -> set[str]:
    return set(re.findall('data-rate="(.*?)"', html))


def headings(html: str) -> list[str]:
    """Give the titles of the cards of the list itself."""
    first, *_ = html.split('<section class="second"')
    return re.findall(r"<h3>(.*?)</h3>", first)


def test_without_ratings_there_are_titles_to_rate_and_no_list(tonight: Tonight):
    assert tonight.recommend("{}", *ANYTHING) == ("", "")
    assert rated_in(tonight.start("{}", ALL_PLATFORMS)) == {"ns1", "ns2", "hs1", "as1"}


def test_a_rating_gives_a_list_with_its_reason(tonight: Tonight):
    about, cards = tonight.recommend('{"ns1": 5}', *ANYTHING)
    assert "For you" in about
    assert headings(cards) == ["Beta", "Delta"]
    first, second = cards.split('class="card"')[1:3]
    assert "about 4.5 stars expected" in text_of(first)
    assert "Because you rated Alpha ★ 5.0 (both with Ann Lee)" in text_of(first)
    assert "Popular with everyone" in text_of(second)
    assert "Because" not in text_of(second)


def test_titles_that_are_new_to_everyone_say_what_they_are_like(tonight: Tonight):
    _, cards = tonight.recommend('{"ns1": 5}', *ANYTHING)
    said = text_of(cards.partition('class="second"')[2])
    assert "Not rated by anyone here yet, close to these tastes Épsilon" in said
    assert "the catalogue has it close to Alpha ★ 5.0" in said
    assert "expected" not in said, "nobody can tell how many stars"


def test_titles_to_rate_are_on_the_ticked_platforms_and_new_each_time(tonight: Tonight):
    assert rated_in(tonight.start("{}", ["netflix"])) == {"ns1", "ns2"}
    assert rated_in(tonight.start('{"ns1": 5, "ns2": "hidden"}', ALL_PLATFORMS)) == {"hs1", "as1"}
    assert rated_in(tonight.start("{}", ALL_PLATFORMS, ["ns1", "as1"])) == {"ns2", "hs1"}
    assert rated_in(tonight.start("{}", ["hulu"], ["hs1"])) == {"hs1"}
    assert "Search for one you know" in tonight.start("{}", ["disney"])


def test_a_title_of_no_interest_is_in_no_list_and_can_be_taken_back(tonight: Tonight):
    marks = '{"ns1": 5, "ns2": "hidden"}'
    assert headings(tonight.recommend(marks, *ANYTHING)[1]) == ["Delta", "Gamma"]
    assert 'data-forget="ns2"' in tonight.marked(marks, *ANYTHING)
    assert "Beta" not in tonight.like(marks, "ns1", *ANYTHING)


def test_titles_for_later_are_listed_and_can_be_taken_along(tonight: Tonight):
    marked = tonight.marked('{"hs1": "later", "ns2": "later"}', *ANYTHING)
    link = re.search('href="data:text/csv;charset=utf-8,(.*?)"', marked)
    assert link
    assert unquote(unescape(link[1])) == (
        "\ufeffTitle,Year,Type,Platform\r\nBeta,2019,TV show,netflix\r\nGamma,2018,Movie,hulu\r\n"
    )
    _, cards = tonight.recommend('{"ns1": 5, "ns2": "later"}', *ANYTHING)
    pressed = re.findall('data-title="(.*?)"\\s+aria-pressed="true"', cards)
    assert pressed == ["ns2"]


def test_an_address_opens_what_it_was_written_for(tonight: Tonight):
    form = [["netflix", "hulu"], "tv show", "comedy", "", "era_2010", "older_children"]
    written = re.search('data-address="(.*?)"', tonight.marked("{}", *form))
    assert written
    fields, titles = tonight.open("{}", unescape(written[1]))
    assert fields == [["hulu", "netflix"], *form[1:]]
    assert rated_in(titles) == {"ns1", "ns2", "hs1"}
    assert 'data-address=""' in tonight.marked("{}", *ANYTHING)
    assert tonight.open("{}", "?genre=polka&type=play&other=1")[0] == ANYTHING
    assert tonight.open("{}", "platforms=")[0] == [[], *ANYTHING[1:]]


def test_the_list_grows_until_all_is_shown(tonight: Tonight):
    _, cards = tonight.recommend(RATED, *ANYTHING, k=1)
    assert len(headings(cards)) == 1
    assert 'data-more="3"' in cards
    assert "data-more" not in tonight.recommend(RATED, *ANYTHING, k=20)[1]
    assert tonight.recommend(RATED, *ANYTHING, k=21) == tonight.recommend(RATED, *ANYTHING)


def test_a_surprise_suits_the_wishes(tonight: Tonight):
    said = text_of(tonight.surprise(RATED, ["amazon"], *ANYTHING[1:]))
    assert said.startswith("How about this one?")
    assert "Delta about 2.5 stars expected" in said
    assert tonight.surprise(RATED, [], "tv show", "drama", "", "", "all_ages") == ""


def test_titles_like_another_one_are_on_the_ticked_platforms(tonight: Tonight):
    said = text_of(tonight.like("{}", "ns1", ["disney"], *ANYTHING[1:]))
    assert said.startswith("More like Alpha")
    assert "Épsilon" in said
    assert "Beta" not in said
    assert tonight.like("{}", "gone", *ANYTHING) == tonight.like("{}", "", *ANYTHING) == ""


def test_the_latest_rating_is_sent_last(tonight: Tonight, answers: Answers):
    _, cards = tonight.recommend('{"hs1": 1, "ns1": 5}', *ANYTHING)
    expected = answers.recommend_new({"hs1": 1, "ns1": 5}).titles
    assert headings(cards) == [line.title.display_title for line in expected]


def test_ratings_of_titles_the_model_does_not_know_are_said_to_be_that(
    newer_catalogue: Answers, markup: Markup
):
    about, _ = Tonight(lambda: newer_catalogue, markup).recommend('{"ns9": 5}', *ANYTHING)
    assert "does not know what you rated" in about


def test_ratings_of_titles_that_are_gone_are_left_out(tonight: Tonight):
    assert tonight.recommend('{"gone": 5}', *ANYTHING) == ("", "")
    assert "gone" not in tonight.marked('{"gone": 5, "lost": "later"}', *ANYTHING)


@pytest.mark.parametrize(
    ("wishes", "expected"),
    [
        ([["amazon"], "all", "", "", "", ""], ["Delta"]),
        ([ALL_PLATFORMS, "tv show", "", "", "", ""], ["Beta"]),
        ([ALL_PLATFORMS, "tv show", "", "short", "", ""], ["Beta"]),
        ([ALL_PLATFORMS, "all", "comedy", "", "", ""], ["Beta", "Delta"]),
        ([ALL_PLATFORMS, "all", "", "short", "", ""], ["Delta"]),
        ([ALL_PLATFORMS, "all", "", "middle", "", ""], ["Alpha"]),
        ([["disney"], "all", "drama", "", "", ""], ["Épsilon"]),
        ([ALL_PLATFORMS, "all", "", "", "era_2000", ""], ["Delta"]),
        ([["netflix"], "all", "", "", "era_2010", ""], ["Alpha", "Beta"]),
        ([ALL_PLATFORMS, "all", "", "", "", "all_ages"], ["Delta", "Épsilon"]),
        ([ALL_PLATFORMS, "all", "", "", "", "older_children"], ["Alpha", "Delta"]),
    ],
)
def test_wishes_narrow_the_list(tonight: Tonight, wishes: list[Any], expected: list[str]):
    _, cards = tonight.recommend(RATED, *wishes)
    assert sorted(headings(cards)) == expected


@pytest.mark.parametrize(
    ("wishes", "idea"),
    [
        ([["disney"], "all", "comedy", "", "", ""], "any genre instead of “comedy”"),
        ([["hulu"], "tv show", "", "", "", ""], "add a platform: Amazon, Disney, Netflix"),
        ([ALL_PLATFORMS, "all", "", "long", "", ""], "any length"),
        ([ALL_PLATFORMS, "all", "", "", "era_classic", ""], "any year"),
        ([ALL_PLATFORMS, "tv show", "", "", "", "all_ages"], "come without an age label"),
        ([["disney"], "all", "", "short", "", ""], "add a platform"),
        ([["hulu"], "tv show", "", "", "", "all_ages"], "all platforms, and no other wish"),
        ([[], "all", "", "", "", ""], "tick at least one"),
    ],
)
def test_an_empty_list_says_what_would_help(tonight: Tonight, wishes: list[Any], idea: str):
    about, cards = tonight.recommend(RATED, *wishes)
    assert about == ""
    assert idea in text_of(cards)


def test_search_shows_sliders_with_the_stars_given(tonight: Tonight):
    html = tonight.find("alp", '{"ns1": 4.5}')
    assert 'data-rate="ns1"' in html
    assert 'value="4.5"' in html
    assert "No title has the words “zzz”." in text_of(tonight.find("zzz", "{}"))
    assert tonight.find("  ", "{}") == ""


def test_a_user_is_shown_with_what_they_liked(viewer: Viewer):
    profile, cards = viewer.show("1")
    assert "User 1 1 rating, 5.0 stars on average" in text_of(profile)
    assert "Alpha" in profile
    assert headings(cards) == ["Beta", "Delta"]
    assert "Because of their ratings of Alpha" in text_of(cards)
    assert "close to Alpha" in text_of(cards)


@pytest.mark.parametrize(
    ("typed", "sentence"), [("99", "Nobody with the number 99"), ("me", "Enter a whole number")]
)
def test_a_user_nobody_knows_is_said_to_be_that(viewer: Viewer, typed: str, sentence: str):
    problem, cards = viewer.show(typed)
    assert sentence in problem
    assert cards == ""


def test_a_prediction_says_whether_to_recommend_it_and_how_sure_it_is(viewer: Viewer):
    said = text_of(viewer.predict("2", "ns1"))
    assert "3.2 expected" in said  # 3.25 to one digit
    assert "Rather not" in said
    assert "Recommended from 3.75 stars up." in said
    assert "By averages alone, without taste: 3.5." in said
    assert "In 80 of 100 cases" in said
    assert "Recommend it" in text_of(viewer.predict("1", "ns1"))
    assert "knows too little" in text_of(viewer.predict("9", "ds1"))
    assert "no such title" in viewer.predict("1", "gone")


@pytest.mark.parametrize("type_", TYPE_CHOICES)
@pytest.mark.parametrize("platform", [None, "hulu"])
@pytest.mark.parametrize("year", [None, 2018])
def test_english_readings_are_the_queries_own(
    answers: Answers,
    questions: CatalogueQuestions,
    type_: str,
    platform: str | None,
    year: int | None,
):
    among, queries = TitleSelection(type_, platform, year), answers.queries
    longest = queries.get_max_duration(year, platform, "season", type=type_)
    assert questions.reading("duration", among, unit="seasons") == longest.reading
    scored = queries.get_score_count(platform, 3.5, year, type=type_)
    assert questions.reading("score", among, stars="3.5") == scored.reading
    assert (
        questions.reading("actor", among) == queries.get_actor(platform, year, type=type_).reading
    )
    anytime = TitleSelection(type_, platform, None)
    counted = queries.get_count_platform(platform, type=type_)
    assert questions.reading("count", anytime) == counted.reading


def test_the_four_questions_are_answered(questions: CatalogueQuestions):
    assert text_of(questions.longest("min", "all", "", "2018")).startswith(
        "100 min Alpha Netflix 2018"
    )
    assert text_of(questions.scored("3,5", "all", "", "")).startswith(
        "2 By type: 1 movies · 1 tv shows"
    )
    assert text_of(questions.counted("movie", "")).startswith(
        "4 By type: 4 movies · 1 tv shows Amazon: 1"
    )
    assert text_of(questions.actor("all", "", "")).startswith("Ann Lee in 3 titles")


def test_ties_are_listed_with_their_number(questions: CatalogueQuestions):
    said = text_of(questions.actor("all", "", "2001"))
    assert said.startswith("Bo Day in 1 title")
    tied = text_of(questions.actor("movie", "netflix", ""))
    assert tied.startswith("In 1 title 2 tie for it: Ann Lee Bo Day")


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (lambda questions: questions.longest("min", "all", "", "1900"), "No title matches"),
        (lambda questions: questions.longest("min", "all", "", "1"), "from 1870 to 2035"),
        (lambda questions: questions.actor("all", "hulu", ""), "names its cast"),
        (lambda questions: questions.scored("six", "all", "", ""), "from 0 to 5"),
        (lambda questions: questions.scored("5.5", "all", "", ""), "from 0 to 5"),
    ],
)
def test_questions_without_an_answer_say_why(
    questions: CatalogueQuestions, said: Any, sentence: str
):
    assert sentence in said(questions)


def test_pictures_count_every_title(answers: Answers, markup: Markup):
    said = text_of(Pictures(lambda: answers, markup).draw())
    assert "5 titles: 4 movies and 1 TV shows, from 2001 to 2019." in said
    assert "Mean stars of the 3 titles" in said


def test_pictures_of_an_empty_catalogue_are_empty(markup: Markup):
    class Empty:
        def all_titles(self) -> list[Any]:
            return []

    assert "0 titles" in Pictures(Empty, markup).draw()  # pyright: ignore[reportArgumentType]


def test_the_model_is_compared_with_the_best_simpler_way(answers: Answers, markup: Markup):
    said = text_of(AboutModel(lambda: answers, markup).show())
    assert "off by 0.90 stars (RMSE; the best of the simpler ways is off by 1.00)" in said
    assert "That is 10.0% less." in said
    assert "There is taste in these ratings." in said
    assert "reg_all = 0.25" in said
    assert "n_factors = 2" in said
    assert "5 films and series; 1 of them nobody has rated" in said


def test_a_list_says_where_people_show_no_differences_in_taste(
    answers: Answers, markup: Markup, monkeypatch: pytest.MonkeyPatch
):
    found = {"statistic": 0.2, "expected": 0.0, "p_value": 0.001, "is_found": True}
    quality = found | {"is_tested": True}
    signal = {"quality": quality, "taste": quality | {"is_found": False, "p_value": 0.4}}
    info = answers.model()
    told = replace(info, card={**info.card, "signal": signal})
    monkeypatch.setattr(answers, "model", lambda: told)

    about, _ = Tonight(lambda: answers, markup).recommend('{"ns1": 5}', *ANYTHING)
    assert "show no differences in taste here" in text_of(about)
    said = text_of(AboutModel(lambda: answers, markup).show())
    assert "lists are the same good titles for everyone" in said


def test_the_model_says_what_its_lists_are_worth(answers: Answers, markup: Markup):
    metrics = {"model": {"ndcg_at_k": 0.1612}, "popularity": {"ndcg_at_k": 0.084}, "newcomers": {}}
    info = replace(answers.model(), metrics=metrics)
    answering = SimpleNamespace(model=lambda: info)
    said = text_of(AboutModel(lambda: answering, markup).show())  # pyright: ignore[reportArgumentType]
    assert "The order of its lists is worth 0.161" in said
    assert "lists of what is popular are worth 0.084" in said


@same_catalogue
@given(data=st.lists(junk, min_size=7, max_size=7), language=st.sampled_from(list(LANGUAGES)))
def test_handlers_answer_whatever_is_sent(answers: Answers, data: list[Any], language: str):
    markup = Markup(Words(language))
    tonight, viewer = Tonight(lambda: answers, markup), Viewer(lambda: answers, markup)
    questions = CatalogueQuestions(lambda: answers, markup)
    for html in (
        *tonight.recommend(*data),
        tonight.marked(*data),
        tonight.open(data[0], data[1])[1],
        tonight.start(*data[:3]),
        tonight.like(*data, data[0]),
        tonight.surprise(*data),
        *tonight.recommend(*data, k=data[1]),
        tonight.find(data[0], data[1]),
        *viewer.show(data[0]),
        viewer.find(data[0]),
        viewer.predict(data[0], data[1]),
        viewer.predict("1", data[1]),
        questions.longest(*data[:4]),
        questions.scored(*data[:4]),
        questions.counted(*data[:2]),
        questions.actor(*data[:3]),
    ):
        assert isinstance(html, str)


@same_catalogue
@given(words=st.text(max_size=30))
def test_what_is_typed_comes_back_as_text(answers: Answers, words: str):
    html = Tonight(lambda: answers, Markup(Words("en"))).find(f"zzz<b>{words}", "{}")
    assert "<b>" not in html
