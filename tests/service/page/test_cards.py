"""What a card says of a title."""

from dataclasses import replace

import pytest

from cartelera.service.answering.title_info import TitleDetail, Version
from cartelera.service.page.captions import age_of, display_name
from cartelera.service.page.cards import in_common, title_card
from cartelera.service.page.words import LANGUAGES, Words

HEAT = TitleDetail(
    "ns1", "ns1", "heat", "Heat", "netflix", "movie", 1995, 170, "min", ["drama", "crime"], "r",
    4.0, 9,
    cast=["Al Pacino", "Val Kilmer", "Diane Venora"],
    directors=["Michael Mann"],
    countries=[],
    description="Vincent hunts thieves.",
    date_added=None,
    has_model=True,
    also_on=[Version("as1", "amazon"), Version("ns2", "netflix")],
)  # fmt: skip


def test_a_card_has_every_platform_once():
    assert title_card(HEAT).platforms == ["netflix", "amazon"]


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        (HEAT, ("directors", ["Michael Mann"])),
        (replace(HEAT, directors=[], cast=["AL  PACINO"]), ("cast", ["Al Pacino"])),
        (replace(HEAT, directors=[]), ("cast", ["Al Pacino", "Val Kilmer"])),
        (replace(HEAT, directors=[], cast=[], genres=["crime"]), ("genres", ["crime"])),
        (replace(HEAT, directors=[], cast=[], genres=[]), ("", [])),
    ],
)
def test_titles_have_in_common_what_tells_most(other: TitleDetail, expected: tuple[str, list[str]]):
    assert in_common(HEAT, other) == expected


def test_a_name_in_lower_case_is_shown_with_capitals():
    assert display_name("renée o'connor-mcadams") == "Renée O'Connor-McAdams"


def test_an_age_label_is_explained_where_it_means_something():
    assert age_of("tv-ma") == "age_adults"
    assert age_of("nr") == age_of(None) == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_expected_stars_are_to_the_half_and_never_the_most(language: str):
    about = Words(language).about
    assert [about(4.3, 5), about(4.96, 5), about(3.9, 4)] == [
        Words(language).typed(value) for value in (4.5, 4.5, 3.5)
    ]
