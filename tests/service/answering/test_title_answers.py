import pytest

from cartelera.service.answering.answers import Answers
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.list_replies import SimilarTitles
from cartelera.service.answering.replies import TitlePage
from cartelera.service.problems import Refused


def ids(page: TitlePage) -> list[str]:
    return [title.title_id for title in page.titles]


def lines(answer: SimilarTitles) -> list[tuple[int, str, float]]:
    return [(line.rank, line.title.title_id, line.similarity) for line in answer.titles]


def test_titles_are_found_by_words_and_filters_page_by_page(answers: Answers):
    assert ids(answers.search_titles("EPS")) == ["ds1"]
    every = answers.search_titles(k=3)
    assert (every.total, ids(every)) == (5, ["ns1", "ns2", "as1"])
    assert ids(answers.search_titles(k=3, offset=3)) == ["ds1", "hs1"]
    assert ids(answers.search_titles(k=3, offset=9)) == []
    movies = answers.search_titles(" ", Filters(type="movie", certificates=("g",)), 5)
    assert (movies.total, ids(movies)) == (2, ["as1", "ds1"])


def test_a_title_shows_all_there_is(answers: Answers):
    title = answers.title(" NS2")
    assert (title.cast, title.genres, title.directors) == (["Ann Lee"], ["comedy", "drama"], [])
    assert (title.duration, title.duration_type, title.score, title.n_ratings) == (
        3,
        "season",
        4.5,
        1,
    )
    assert title.has_model
    unrated = answers.title("ds1")
    assert (unrated.duration, unrated.score, unrated.has_model) == (None, None, True)
    assert (unrated.work_id, unrated.also_on) == ("ds1", [])
    assert answers.title("hs1").certificate is None  # it was filled in


def test_similar_titles_point_the_same_way(answers: Answers):
    similar = answers.similar("ns1", 5)
    assert similar.known
    assert {title_id for _, title_id, _ in lines(similar)[:2]} == {"ds1", "ns2"}
    assert [rank for rank, _, _ in lines(similar)] == [1, 2, 3, 4]
    movies = answers.similar("ns1", 2, Filters(type="movie"))
    assert lines(movies)[0][1] == "ds1"
    assert len(lines(movies)) == 2


def test_a_title_that_nobody_rated_has_similar_ones(answers: Answers):
    similar = answers.similar("DS1", 1)
    assert (similar.known, lines(similar)[0][1]) == (True, "ns1")


def test_titles_to_rate_first_are_known_ones_that_pass_and_are_not_rated(answers: Answers):
    first = answers.to_rate(2)
    assert first.titles[0].title_id == "ns1"
    assert (first.k, len(first.titles)) == (2, 2)
    rated = answers.to_rate(4, rated=["NS1", "hs1"])
    assert not {"ns1", "hs1"} & {title.title_id for title in rated.titles}
    hulu = answers.to_rate(4, Filters(platforms=("Hulu",)))
    assert [title.title_id for title in hulu.titles] == ["hs1"]
    with pytest.raises(Refused, match="xs1"):
        answers.to_rate(rated=["ns1", "xs1"])
