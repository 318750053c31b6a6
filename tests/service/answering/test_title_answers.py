from cartelera.service.answering.answers import Answers
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.replies import SimilarTitles, TitlePage


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
    assert (title.cast, title.genres, title.directors) == (["ann lee"], ["comedy", "drama"], [])
    assert (title.duration, title.duration_type, title.score, title.n_ratings) == (
        3,
        "season",
        4.5,
        1,
    )
    assert title.has_model
    unrated = answers.title("ds1")
    assert (unrated.duration, unrated.score, unrated.has_model) == (None, None, False)
    assert answers.title("hs1").certificate is None  # it was filled in


def test_similar_titles_point_the_same_way(answers: Answers):
    similar = answers.similar("ns1", 5)
    assert lines(similar) == [(1, "ns2", 1.0), (2, "hs1", 0.0), (3, "as1", -1.0)]
    movies = answers.similar("ns1", 5, Filters(type="movie"))
    assert lines(movies) == [(1, "hs1", 0.0), (2, "as1", -1.0)]


def test_a_title_the_model_does_not_know_has_no_similar_ones(answers: Answers):
    similar = answers.similar("ds1")
    assert (similar.known, similar.titles) == (False, [])
