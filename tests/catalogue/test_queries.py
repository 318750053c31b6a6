import json
from dataclasses import asdict

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cartelera import columns as c
from cartelera.catalogue.queries import CatalogueQueries, QueryError
from cartelera.catalogue.works import work_ids
from cartelera.platforms import PUBLISHED

QUERY_COLUMNS = (
    c.ID,
    c.PLATFORM,
    c.TYPE,
    c.TITLE,
    c.RELEASE_YEAR,
    c.DURATION_INT,
    c.DURATION_TYPE,
    c.CAST,
)


def make_titles(rows) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=list(QUERY_COLUMNS))
    return frame.assign(
        **{
            c.DISPLAY_TITLE: frame[c.TITLE].str.title(),
            c.WORK_ID: work_ids(frame),
            c.DURATION_INT: frame[c.DURATION_INT].astype("Int64"),
        }
    )


def make_scores(scores: dict[str, float]) -> pd.DataFrame:
    return pd.DataFrame(
        {c.TITLE_ID: list(scores), c.SCORE: list(scores.values()), c.N_RATINGS: 1}
    ).astype({c.TITLE_ID: "str", c.SCORE: "float64"})


TITLES = make_titles(
    [
        ("as1", "amazon", "movie", "zebra", 2018, 120, "min", "ana gil, bo li"),
        ("as2", "amazon", "movie", "apple", 2018, 120, "min", "ana gil, ana gil"),
        ("as3", "amazon", "tv show", "shows", 2018, 9, "season", "bo li"),
        ("ns1", "netflix", "movie", "night", 2018, 90, "min", "ana  gil, bó li"),
        ("ns2", "netflix", "movie", "nulls", 2019, None, None, None),
        ("ns3", "netflix", "tv show", "extra", 2019, 100, "min", "BO LI, cy"),
        ("hs1", "hulu", "movie", "seasonal", 2019, 3, "season", None),
    ]
)
SCORES = make_scores(
    {"as1": 3.5, "as2": 3.500001, "as3": 4.0, "ns1": 2.0, "ns3": np.nan, "ds9": 5.0}
)


@pytest.fixture(scope="module")
def queries():
    return CatalogueQueries(TITLES, SCORES)


def test_longest_titles_come_with_all_ties_by_title(queries):
    answer = queries.get_max_duration(2018, "amazon", "min")
    assert asdict(answer) == {
        "found": True,
        "duration_int": 120,
        "duration_type": "min",
        "titles": [
            {
                "id": "as2",
                "title": "apple",
                "display_title": "Apple",
                "platform": "amazon",
                "type": "movie",
                "release_year": 2018,
            },
            {
                "id": "as1",
                "title": "zebra",
                "display_title": "Zebra",
                "platform": "amazon",
                "type": "movie",
                "release_year": 2018,
            },
        ],
        "ties": 2,
        "reading": "The longest in minutes among movies and tv shows on amazon released in 2018.",
    }


def longest(answer):
    return answer.duration_int, [title.id for title in answer.titles]


def test_minutes_are_meant_unless_seasons_are_asked_for(queries):
    assert longest(queries.get_max_duration()) == (120, ["as2", "as1"])
    assert longest(queries.get_max_duration(duration_type="season")) == (9, ["as3"])
    assert longest(queries.get_max_duration(platform="hulu", duration_type="season")) == (
        3,
        ["hs1"],
    )


def test_longest_of_a_type(queries):
    assert longest(queries.get_max_duration(type="tv show")) == (100, ["ns3"])
    assert longest(queries.get_max_duration(2019, type="movie")) == (None, [])


def test_no_match_is_an_explicit_empty_answer(queries):
    answer = queries.get_max_duration(1900)
    assert (answer.found, answer.duration_int, answer.titles, answer.ties) == (False, None, [], 0)
    assert queries.get_max_duration(platform="hulu").found is False
    actor = queries.get_actor(platform="hulu")
    assert (actor.found, actor.appearances, actor.actors, actor.ties) == (False, None, [], 0)
    count = queries.get_score_count("hulu", 0)
    assert (count.found, count.count, count.by_type) == (False, 0, {"movie": 0, "tv show": 0})
    platform = queries.get_count_platform("disney")
    assert (platform.found, platform.count) == (False, 0)


def test_scores_are_counted_strictly_above_the_threshold(queries):
    answer = queries.get_score_count("amazon", 3.5, 2018)
    assert (answer.count, answer.by_type) == (1, {"movie": 1, "tv show": 1})
    assert answer.reading == (
        "The number of movies on amazon released in 2018 whose mean rating is above 3.5."
    )
    assert queries.get_score_count("amazon", 3.49, 2018).count == 2
    assert queries.get_score_count("amazon", 3.5, 2018, type="all").count == 2
    assert queries.get_score_count("amazon", 3.5, 2018, type="tv show").count == 1


def test_all_but_the_threshold_may_be_left_out(queries):
    assert queries.get_score_count(scored=0).count == 3
    assert queries.get_score_count(scored=0, year=2018, type="all").count == 4
    assert queries.get_score_count(scored=5, type="all").count == 0
    with pytest.raises(QueryError, match="scored is required: a number from 0 to 5"):
        queries.get_score_count("amazon")


def test_titles_are_counted_by_platform_and_type(queries):
    answer = queries.get_count_platform("netflix")
    assert asdict(answer) == {
        "found": True,
        "count": 2,
        "by_type": {"movie": 2, "tv show": 1},
        "by_platform": {"netflix": 2},
        "reading": "The number of movies on netflix released in any year.",
    }
    everything = queries.get_count_platform(type="all")
    assert everything.count == 7
    assert everything.by_platform == {"amazon": 3, "disney": 0, "hulu": 1, "netflix": 3}


def test_one_actor_in_several_spellings_counts_once_a_title(queries):
    answer = queries.get_actor()
    assert (answer.actors, answer.appearances, answer.ties) == (["bo li"], 4, 1)


def test_tied_actors_are_listed_by_name(queries):
    answer = queries.get_actor("amazon", 2018)
    assert (answer.actors, answer.appearances, answer.ties) == (["ana gil", "bo li"], 2, 2)
    assert queries.get_actor("amazon", 2018, type="tv show").actors == ["bo li"]
    assert answer.reading == (
        "The actors in most of the movies and tv shows on amazon released in 2018, "
        "each title counted once."
    )


def test_long_lists_are_capped_and_say_how_many_there_are():
    titles = make_titles(
        [(f"as{i}", "amazon", "movie", f"t{i}", 2000, 5, "min", f"actor {i}") for i in range(9)]
    )
    queries = CatalogueQueries(titles, make_scores({}), max_ties=3)
    longest_titles, actors = queries.get_max_duration(), queries.get_actor()
    assert ([t.id for t in longest_titles.titles], longest_titles.ties) == (
        ["as0", "as1", "as2"],
        9,
    )
    assert (actors.actors, actors.ties) == (["actor 0", "actor 1", "actor 2"], 9)


def test_words_are_taken_in_any_case_and_spacing(queries):
    assert queries.get_max_duration(2018, " AMAZON ", "Min", type=" TV  Show ") == (
        queries.get_max_duration(2018, "amazon", "min", type="tv show")
    )


def test_numbers_of_other_libraries_are_numbers(queries):
    assert queries.get_score_count("amazon", np.float32(3.25), np.int64(2018)).count == 2


@pytest.mark.parametrize(
    ("query", "arguments", "message"),
    [
        ("get_count_platform", {"platform": "hbo"}, "allowed are amazon, disney, hulu, netflix"),
        ("get_count_platform", {"platform": ""}, "platform='' is unknown"),
        ("get_count_platform", {"platform": 7}, "platform=7 is unknown"),
        ("get_count_platform", {"type": "opera"}, "allowed are movie, tv show, all"),
        ("get_count_platform", {"type": None}, "type=None is unknown"),
        ("get_actor", {"year": 1869}, "a whole number from 1870 to 2035"),
        ("get_actor", {"year": 2036}, "year=2036 is not allowed"),
        ("get_actor", {"year": 2018.5}, "year=2018.5 is not allowed"),
        ("get_actor", {"year": "2018"}, "year='2018' is not allowed"),
        ("get_actor", {"year": True}, "year=True is not allowed"),
        ("get_max_duration", {"duration_type": "hours"}, "allowed are min, season"),
        ("get_score_count", {"scored": 5.1}, "a number from 0 to 5"),
        ("get_score_count", {"scored": -0.1}, "scored=-0.1 is not allowed"),
        ("get_score_count", {"scored": float("nan")}, "scored=nan is not allowed"),
        ("get_score_count", {"scored": float("inf")}, "scored=inf is not allowed"),
        ("get_score_count", {"scored": 10**400}, "is not allowed"),
        ("get_score_count", {"scored": "3"}, "scored='3' is not allowed"),
        ("get_score_count", {"scored": True}, "scored=True is not allowed"),
        ("get_score_count", {"scored": [3]}, r"scored=\[3\] is not allowed"),
    ],
)
def test_bad_arguments_are_told_what_is_allowed(queries, query, arguments, message):
    with pytest.raises(QueryError, match=message):
        getattr(queries, query)(**arguments)


def test_the_years_that_may_be_asked_for_can_be_told():
    queries = CatalogueQueries(TITLES, SCORES, years=(2019, 2050))
    assert queries.get_max_duration(2019).found
    assert not queries.get_max_duration(2050).found
    for ask in (queries.get_max_duration, queries.get_actor):
        with pytest.raises(QueryError, match="a whole number from 2019 to 2050") as refused:
            ask(year=2018)
        assert refused.value.allowed == ("a whole number from 2019 to 2050",)
    with pytest.raises(QueryError, match="from 2019 to 2050"):
        queries.get_score_count(scored=1, year=2051)


def test_answers_are_json(queries):
    for answer in (
        queries.get_max_duration(),
        queries.get_score_count(scored=1),
        queries.get_count_platform(),
        queries.get_actor(),
    ):
        json.dumps(asdict(answer), allow_nan=False)


ROWS = st.tuples(
    st.sampled_from(PUBLISHED.names),
    st.sampled_from(c.TYPES),
    st.sampled_from(["a", "b", "c"]),
    st.sampled_from([2000, 2001]),
    st.sampled_from([None, 1, 2, 90]),
    st.sampled_from([None, "ann", "ann, bob", "bob, cy, ann"]),
    st.sampled_from([None, 1.0, 2.5, 4.0]),
)
WANTED = st.tuples(
    st.sampled_from([None, *PUBLISHED.names]),
    st.sampled_from([None, 2000, 2001]),
    st.sampled_from([*c.TYPES, "all"]),
)


@settings(max_examples=60)
@given(st.lists(ROWS, min_size=1, max_size=12), WANTED, st.sampled_from([0, 1, 2.4, 2.5, 5]))
def test_agrees_with_looking_through_the_table(rows, wanted, scored):
    platform, year, type_ = wanted
    titles = make_titles(
        [
            (f"{p[0]}s{i}", p, kind, title, y, length, "min" if length else None, cast)
            for i, (p, kind, title, y, length, cast, _) in enumerate(rows)
        ]
    )
    scores = make_scores({i: row[6] for i, row in zip(titles[c.ID], rows, strict=True) if row[6]})
    queries = CatalogueQueries(titles, scores)

    match = titles
    for column, value in ((c.PLATFORM, platform), (c.RELEASE_YEAR, year)):
        match = match if value is None else match[match[column] == value]
    match = match if type_ == "all" else match[match[c.TYPE] == type_]

    durations = match.dropna(subset=c.DURATION_INT).sort_values([c.TITLE, c.ID])
    best = durations[durations[c.DURATION_INT] == durations[c.DURATION_INT].max()]
    expected = (int(best[c.DURATION_INT].iloc[0]), list(best[c.ID])) if len(best) else (None, [])
    assert longest(queries.get_max_duration(year, platform, type=type_)) == expected

    above = set(scores.loc[scores[c.SCORE] > scored, c.TITLE_ID])
    n_above = match[c.ID].isin(above).sum()
    assert queries.get_score_count(platform, scored, year, type=type_).count == n_above

    casts = match.dropna(subset=c.CAST).assign(cast=lambda rows: rows[c.CAST].str.split(", "))
    casts = casts.explode(c.CAST)
    if platform is None:
        casts = casts.drop_duplicates([c.WORK_ID, c.CAST])
    appearances = casts[c.CAST].value_counts()
    top = sorted(appearances.index[appearances == appearances.max()]) if len(appearances) else []
    assert queries.get_actor(platform, year, type=type_).actors == top

    if year is None:
        assert queries.get_count_platform(platform, type=type_).count == len(match)
