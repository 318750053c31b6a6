"""Saving the page's ratings: under which number, and what of it is kept."""

import re
from html import unescape
from pathlib import Path

import pytest

from cartelera.service.answering.answers import Answers
from cartelera.service.answering.feedback import FIRST_SEGMENT
from cartelera.service.bundle.layout import Bundle
from cartelera.service.bundle.loading import load
from cartelera.service.page import saved_ratings
from cartelera.service.page.markup import Markup
from cartelera.service.page.saved_ratings import END, FIRST, SavedRatings
from cartelera.service.page.words import Words

RATINGS = '{"ns1": 4.5, "hs1": 1}'
OFFERED = str(FIRST + 7)


def saved_ratings_of(answers: Answers, *, trusts_visitors: bool = False) -> SavedRatings:
    return SavedRatings(lambda: answers, Markup(Words("en")), trusts_visitors=trusts_visitors)


@pytest.fixture
def saved(answers: Answers) -> SavedRatings:
    return saved_ratings_of(answers)


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", html)).split())


def number_in(html: str, attribute: str = "data-number") -> int:
    found = re.search(rf'{attribute}="(\d+)"', html)
    assert found, html
    return int(found[1])


def lines(folder: Path) -> list[tuple[str, str, str]]:
    """Give user, rating and title of each line that was kept."""
    rows = [line.split(",") for line in (folder / FIRST_SEGMENT).read_text().splitlines()[1:]]
    return [(user, rating, title) for user, rating, _, title in rows]


def test_a_newcomer_gets_the_number_that_was_offered(
    answers: Answers, saved: SavedRatings, feedback_folder: Path
):
    said = saved.save(RATINGS, "", OFFERED)
    assert number_in(said) == int(OFFERED)
    assert "2 ratings are saved. Your number: 100 000 000 000 007" in text_of(said)
    assert lines(feedback_folder) == [(OFFERED, "4.5", "ns1"), (OFFERED, "1.0", "hs1")]
    assert answers.user(int(OFFERED)).n_ratings == 2
    assert [line.title.title_id for line in answers.recommend(int(OFFERED)).titles] == [
        "ns2",
        "as1",
    ]


def test_two_newcomers_get_two_numbers(saved: SavedRatings):
    numbers = [number_in(saved.form(), "data-keep") for _ in range(2)]
    assert numbers[0] != numbers[1]
    assert all(FIRST <= number < END for number in numbers)


def test_a_number_somebody_has_is_not_offered(
    saved: SavedRatings, answers: Answers, monkeypatch: pytest.MonkeyPatch
):
    answers.rate(FIRST + 1, "ns1", 5)
    draws = iter([1, 1, 2])

    def draw(_: int) -> int:
        return next(draws)

    monkeypatch.setattr(saved_ratings.secrets, "randbelow", draw)
    assert number_in(saved.form(), "data-keep") == FIRST + 2


@pytest.mark.parametrize("offered", [None, "", "1", "-1", str(FIRST - 1), str(END), "x", {"a": 1}])
def test_a_number_that_was_never_offered_is_replaced(saved: SavedRatings, offered: object):
    assert FIRST <= number_in(saved.save(RATINGS, "", offered)) < END


def test_whoever_comes_back_saves_under_the_same_number(saved: SavedRatings, answers: Answers):
    number = number_in(saved.save(RATINGS, "", OFFERED))
    said = saved.save('{"ns1": 2}', f" {number:,} ".replace(",", " "), str(FIRST + 8))
    assert number_in(said) == number
    assert answers.user(number).n_ratings == 2
    assert answers.predict(number, "ns1").rating == 2


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("me", "digits only"),
        ("1", "cannot tell whether that is you"),
        ("99", "Nobody has the number 99"),
        (str(FIRST + 9), "Nobody has the number"),
        ("-1", "Nobody has the number -1"),
        ("9" * 19, "digits only"),
    ],
)
def test_what_is_nobodys_or_somebody_elses_number_saves_nothing(
    saved: SavedRatings, feedback_folder: Path, typed: str, sentence: str
):
    assert sentence in text_of(saved.save(RATINGS, typed, OFFERED))
    assert not feedback_folder.exists()


def test_behind_a_key_the_numbers_of_the_data_are_taken(answers: Answers):
    said = saved_ratings_of(answers, trusts_visitors=True).save(RATINGS, "1", OFFERED)
    assert number_in(said) == 1
    assert "keep it to yourself" not in said
    assert answers.predict(1, "ns1").rating == 4.5


@pytest.mark.parametrize("sent", ["{}", '{"gone": 5}', None])
def test_without_ratings_nothing_is_saved(saved: SavedRatings, feedback_folder: Path, sent: object):
    assert "Rate a title first" in saved.save(sent, "", OFFERED)
    assert not feedback_folder.exists()


def test_a_server_that_keeps_nothing_says_so(bundle: Bundle):
    saved = saved_ratings_of(load(bundle, None))
    assert "disabled" in saved.form()
    assert "keeps no ratings" in saved.form()
    assert "keeps no ratings" in saved.save(RATINGS, "", OFFERED)


def test_what_could_not_be_saved_is_said(
    saved: SavedRatings, answers: Answers, monkeypatch: pytest.MonkeyPatch, feedback_folder: Path
):
    feedback_folder.write_text("a file where the folder should be")
    said = saved.save(RATINGS, "", OFFERED)
    assert "Only 0 of 2 ratings could be saved" in said
    assert number_in(said) == int(OFFERED), "the next attempt is under the same number"
    assert "count as seen" not in said
