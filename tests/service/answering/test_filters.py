"""The masks beside a filter that looks at one title after the other."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.catalogue.queries import QueryError
from cartelera.platforms import PUBLISHED
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.title_filter import TitleFilter
from cartelera.service.answering.title_info import TitleInfo
from cartelera.service.problems import Refused

ALPHA = TitleInfo(
    "ns1", "ns1", "alpha", "Alpha", "netflix", "movie", 2018, 100, "min", ["drama"], "pg", None, 0
)
BETA = replace(ALPHA, title_id="ns2", type="tv show", duration=3, duration_type="season")
GAMMA = replace(ALPHA, title_id="hs1", platform="hulu", certificate=None, genres=["comedy"])
DELTA = replace(ALPHA, title_id="as1", duration=None, duration_type=None, certificate="g")
FOUR = [ALPHA, BETA, GAMMA, DELTA]

CERTIFICATES, GENRES = ["g", "pg", "r"], ["drama", "comedy", "kids' tv"]
years, minutes = st.integers(2016, 2020), st.integers(0, 4)


@st.composite
def titles(draw: st.DrawFn) -> TitleInfo:
    unit = draw(st.sampled_from([None, *c.DURATION_TYPES]))
    return replace(
        ALPHA,
        platform=draw(st.sampled_from(PUBLISHED.names)),
        type=draw(st.sampled_from(c.TYPES)),
        year=draw(years),
        duration=None if unit is None else draw(minutes),
        duration_type=unit,
        genres=draw(st.lists(st.sampled_from(GENRES), unique=True)),
        certificate=draw(st.none() | st.sampled_from(CERTIFICATES)),
    )


filters = st.builds(
    Filters,
    platforms=st.lists(st.sampled_from(PUBLISHED.names)).map(tuple),
    type=st.sampled_from([*c.TYPES, "all"]),
    year_from=st.none() | years,
    year_to=st.none() | years,
    genre=st.none() | st.sampled_from(GENRES),
    min_minutes=st.none() | minutes,
    max_minutes=st.none() | minutes,
    certificates=st.lists(st.sampled_from(CERTIFICATES)).map(tuple),
    seen=st.booleans(),
)


def naive(title: TitleInfo, wanted: Filters) -> bool:
    in_minutes = title.duration if title.duration_type == "min" else None
    return all(
        [
            not wanted.platforms or title.platform in wanted.platforms,
            wanted.type in ("all", title.type),
            wanted.year_from is None or wanted.year_from <= title.year,
            wanted.year_to is None or title.year <= wanted.year_to,
            wanted.genre is None or wanted.genre in title.genres,
            wanted.min_minutes is None
            or (in_minutes is not None and in_minutes >= wanted.min_minutes),
            wanted.max_minutes is None
            or (in_minutes is not None and in_minutes <= wanted.max_minutes),
            not wanted.certificates or title.certificate in wanted.certificates,
        ]
    )


@given(st.lists(titles(), max_size=12), filters)
def test_a_mask_lets_pass_what_a_look_at_each_title_would(shelf: list[TitleInfo], wanted: Filters):
    assert TitleFilter(shelf).mask(wanted).tolist() == [naive(title, wanted) for title in shelf]


def passing(**wanted: object) -> list[str]:
    title_filter = TitleFilter(FOUR)
    mask = title_filter.mask(title_filter.resolve(Filters(**wanted)))
    return [title.title_id for title, passes in zip(FOUR, mask, strict=True) if passes]


def test_no_filter_lets_all_pass():
    assert passing() == ["ns1", "ns2", "hs1", "as1"]


def test_what_is_measured_in_seasons_or_not_at_all_has_no_minutes():
    assert passing(min_minutes=0) == ["ns1", "hs1"]
    assert passing(max_minutes=200) == ["ns1", "hs1"]


def test_a_title_without_a_published_certificate_passes_no_certificate_filter():
    assert passing(certificates=("g", "pg")) == ["ns1", "ns2", "as1"]


def test_what_is_not_wanted_passes_on_no_platform():
    shelf = [ALPHA, replace(BETA, work_id="ns2"), replace(ALPHA, title_id="ds1", platform="disney")]
    assert TitleFilter(shelf).mask(Filters(without=("ds1", "gone"))).tolist() == [
        False,
        True,
        False,
    ]


def test_words_are_taken_in_any_case_and_spacing():
    assert passing(platforms=("HULU ", "hulu"), genre=" Comedy") == ["hs1"]
    assert passing(certificates=(" PG",), type="TV  Show") == ["ns2"]


@pytest.mark.parametrize(
    ("wanted", "allowed"),
    [
        ({"year_from": 1869}, ["a whole number from 1870 to 2035"]),
        ({"year_to": 2036}, ["a whole number from 1870 to 2035"]),
        ({"genre": "polka"}, ["comedy", "drama"]),
        ({"certificates": ("g", "x")}, ["g", "pg"]),
        ({"year_from": 2020, "year_to": 2019}, ["`year_from` up to `year_to`"]),
        ({"min_minutes": 2, "max_minutes": 1}, ["`min_minutes` up to `max_minutes`"]),
    ],
)
def test_what_no_title_could_have_is_refused(wanted: dict[str, object], allowed: list[str]):
    with pytest.raises(Refused) as refused:
        TitleFilter(FOUR).resolve(Filters(**wanted))
    assert (refused.value.status, refused.value.problem.allowed) == (422, allowed)


def test_the_first_and_the_last_year_are_believed():
    assert passing(year_from=1870, year_to=2035) == ["ns1", "ns2", "hs1", "as1"]


def test_of_a_long_word_the_beginning_is_repeated():
    with pytest.raises(Refused) as refused:
        TitleFilter(FOUR).resolve(Filters(genre="x" * 60))
    assert f"'{'x' * 40}'" in refused.value.problem.error


@pytest.mark.parametrize("wanted", [{"platforms": ("betamax",)}, {"type": "play"}])
def test_unknown_platforms_and_types_are_refused_as_in_the_queries(wanted: dict[str, object]):
    with pytest.raises(QueryError, match="allowed are"):
        TitleFilter(FOUR).resolve(Filters(**wanted))


def test_the_facets_are_what_occurs():
    facets = TitleFilter(FOUR).facets
    assert (facets.genres, facets.certificates) == (["comedy", "drama"], ["g", "pg"])
    assert (facets.year_from, facets.year_to, facets.n_titles) == (2018, 2018, 4)
    assert (facets.min_minutes, facets.max_minutes) == (100, 100)


def test_an_empty_catalogue_has_facets_too():
    facets = TitleFilter([]).facets
    assert (facets.genres, facets.year_from, facets.max_minutes) == ([], None, None)


def test_bounds_are_among_what_passes():
    assert passing(year_from=2018, year_to=2018) == ["ns1", "ns2", "hs1", "as1"]
    assert passing(year_from=2019) == passing(year_to=2017) == []
    assert passing(min_minutes=100, max_minutes=100) == ["ns1", "hs1"]
    assert passing(min_minutes=101) == passing(max_minutes=99) == []
