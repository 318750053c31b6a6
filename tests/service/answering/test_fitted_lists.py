"""Lists of fitted models: two tastes, horror and romance, and series that nobody has rated."""

import numpy as np
import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.models.recipe import Recipe, fit
from cartelera.platforms import PUBLISHED
from cartelera.ratings.seen_table import seen_table
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.feedback import FeedbackLog
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.health import try_out
from cartelera.service.answering.list_replies import RankedTitle
from cartelera.service.answering.settings import Settings
from cartelera.service.bundle import writing as bundle_writing
from cartelera.service.bundle.layout import Bundle
from cartelera.service.bundle.loading import load

HORROR, ROMANCE = "horror", "romance"
GENRES = {HORROR: "ns", ROMANCE: "hs"}
N_RATED, N_UNRATED, N_SERIES, N_USERS = 16, 4, 4, 60
LIKED = [f"ns{n}" for n in range(4)]


def catalogue() -> pd.DataFrame:
    rows: list[tuple[str, str, str, str, str]] = []
    for genre, initial in GENRES.items():
        platform = next(name for name in PUBLISHED.names if name[0] == initial[0])
        for n in range(N_RATED + N_UNRATED + N_SERIES):
            kind = c.TV_SHOW if n >= N_RATED + N_UNRATED else c.MOVIE
            about = f"a story of {genre} number {n}"
            rows.append((f"{initial}{n}", platform, kind, f"{genre} {n}", about))
    # The first horror film stands on a second platform.
    rows.append(("ds900", "disney", c.MOVIE, f"{HORROR} 0", f"a story of {HORROR} number 0"))
    table = pd.DataFrame(rows, columns=[c.ID, c.PLATFORM, c.TYPE, c.TITLE, c.DESCRIPTION])
    table[c.WORK_ID] = table[c.ID].replace({"ns0": "ds900"})
    table[c.DISPLAY_TITLE] = table[c.TITLE].str.title()
    table[c.LISTED_IN] = table[c.TITLE].str.split(" ").str[0]
    table[[c.DIRECTOR, c.CAST, c.COUNTRY, c.DATE_ADDED]] = None
    table[[c.DISPLAY_DIRECTOR, c.DISPLAY_CAST]] = None
    table[c.DISPLAY_DESCRIPTION] = table[c.DESCRIPTION]
    table[c.RELEASE_YEAR], table[c.CERTIFICATE], table[c.CERTIFICATE_IMPUTED] = 2018, "g", False
    is_movie = table[c.TYPE] == c.MOVIE
    table[c.DURATION_INT] = pd.array(np.where(is_movie, 90, 2), dtype="Int64")
    table[c.DURATION_TYPE] = np.where(is_movie, c.MINUTES, c.SEASONS)
    return table[list(c.CLEAN_TITLE_COLUMNS)]


def rated() -> pd.DataFrame:
    """Everybody rates most films of the genre they love well, and a few others badly."""
    rng = np.random.default_rng(7)
    rows: list[tuple[int, str, float, int]] = []
    for user in range(N_USERS):
        loved, other = sorted(GENRES.values(), reverse=bool(user % 2))
        for n in rng.permutation(N_RATED)[:10]:
            rows.append((user, f"{loved}{n}", float(rng.choice([4.0, 4.5, 5.0])), len(rows)))
        for n in rng.permutation(N_RATED)[:3]:
            rows.append((user, f"{other}{n}", float(rng.choice([1.0, 2.0])), len(rows)))
    table = pd.DataFrame(rows, columns=list(c.CLEAN_RATING_COLUMNS))
    return table.replace({c.TITLE_ID: {"ns0": "ds900"}})


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> Answers:
    root = tmp_path_factory.mktemp("fitted")
    titles, ratings = catalogue(), rated()
    rating_params = {"n_factors": 2, "n_epochs": 20, "random_state": 0}
    recipe = Recipe("svd", (rating_params,), {"n_factors": 4})
    fit(recipe, ratings, titles, (0.5, 5.0)).save(root / "factors", {})
    scores = ratings.groupby(c.TITLE_ID, as_index=False).agg(
        **{c.SCORE: (c.RATING, "mean"), c.N_RATINGS: (c.RATING, "size")}
    )
    bundle_writing.write(
        Bundle(root / "bundle"),
        factors=root / "factors",
        titles=titles,
        scores=scores,
        seen=seen_table(ratings),
        settings=Settings(recommend_at=3.75, default_k=8, max_k=50, diversity=0.1),
        registered={"name": "fitted", "version": "1"},
    )
    return load(Bundle(root / "bundle"), FeedbackLog(root / "feedback"))


def listed(lines: list[RankedTitle]) -> list[str]:
    return [line.title.title_id for line in lines]


def share(lines: list[RankedTitle], genre: str) -> float:
    return float(np.mean([line.title.genres == [genre] for line in lines]))


def test_the_bundle_can_be_served(answers: Answers):
    assert try_out(answers) is answers
    model = answers.model().ranking_model
    assert (model.n_titles, model.n_unrated) == (48, 2 * (N_UNRATED + N_SERIES))


@pytest.mark.parametrize("diversity", [0.0, 0.1])
def test_whoever_loves_a_genre_gets_it(answers: Answers, diversity: float):
    for genre, initial in GENRES.items():
        ratings = {f"{initial}{n}": 5.0 for n in range(1, 5)}
        answer = answers.recommend_new(ratings, diversity=diversity)
        assert share(answer.titles, genre) >= 0.75
        assert not set(ratings) & set(listed(answer.titles))


@pytest.mark.parametrize("user_id", range(6))
def test_a_user_gets_what_their_ratings_sent_by_anybody_would_get(answers: Answers, user_id: int):
    own = {
        title_id: stars
        for user, title_id, stars, _ in rated().itertuples(index=False)
        if user == user_id
    }
    known, new = answers.recommend(user_id), answers.recommend_new(own)
    assert listed(known.titles) == listed(new.titles)
    assert listed(known.new_to_everyone) == listed(new.new_to_everyone)


def test_the_order_in_which_ratings_are_sent_has_a_say(answers: Answers):
    ratings = {f"{initial}{n}": 4.5 for initial in GENRES.values() for n in range(1, 7)}
    backwards = dict(reversed(ratings.items()))
    scores = [answers.recommend_new(each, 1).titles[0].score for each in (ratings, backwards)]
    assert scores[0] != scores[1]


def test_every_filter_that_titles_pass_has_a_list(answers: Answers):
    facets = answers.facets()
    for type_ in c.TYPES:
        for genre in facets.genres:
            for platform in ("netflix", "hulu"):
                wanted = Filters(platforms=(platform,), type=type_, genre=genre)
                matching = answers.search_titles("", wanted).total
                for ratings in ({}, dict.fromkeys(LIKED, 5.0)):
                    found = answers.recommend_new(ratings, filters=wanted).titles
                    assert bool(found) == bool(matching), (wanted, ratings)


def test_series_come_from_their_content(answers: Answers):
    answer = answers.recommend_new(dict.fromkeys(LIKED, 5.0), filters=Filters(type=c.TV_SHOW))
    assert {line.origin for line in answer.titles} == {"content"}
    assert {line.stars for line in answer.titles} == {None}
    assert share(answer.titles[:N_SERIES], HORROR) == 1


def test_what_is_new_to_everyone_is_close_to_what_is_liked_and_not_in_the_list(answers: Answers):
    answer = answers.recommend_new(dict.fromkeys(LIKED, 5.0))
    assert share(answer.new_to_everyone, HORROR) >= 0.75
    assert not set(listed(answer.titles)) & set(listed(answer.new_to_everyone))
    assert {line.title.n_ratings for line in answer.new_to_everyone} == {0}


def test_reasons_are_what_was_rated_and_liked(answers: Answers):
    ratings = {"ns0": 5.0, "ns1": 4.5, "ns2": 4.0, "hs1": 1.0, "hs2": 2.0}
    answer = answers.recommend_new(ratings)
    cited = {because.title.title_id for line in answer.titles for because in line.because}
    assert cited
    assert cited <= {"ns0", "ns1", "ns2"}
    assert all(len(line.because) <= 3 for line in answer.titles)
    for line in answer.titles:
        assert sum(because.contribution for because in line.because) <= line.score + 1e-6


def test_one_rating_does_not_make_five_stars(answers: Answers):
    for stars in (0.5, 5.0):
        answer = answers.recommend_new({"ns1": stars})
        expected = [line.stars for line in answer.titles if line.stars is not None]
        assert expected
        assert max(expected) < 4.9


def test_a_twin_is_as_good_as_the_other(answers: Answers):
    one, other = (answers.recommend_new({title_id: 5.0}) for title_id in ("ns0", "ds900"))
    assert listed(one.titles) == listed(other.titles)
    assert not {"ns0", "ds900"} & set(listed(one.titles))


def test_titles_to_rate_first_are_known_and_of_both_genres(answers: Answers):
    first = answers.to_rate(6).titles
    assert all(title.work_id != "ns0" for title in first)
    assert {genre for title in first for genre in title.genres} == {HORROR, ROMANCE}
