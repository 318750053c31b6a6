import pytest

from cartelera.catalogue.queries import QueryError
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.filters import Filters
from cartelera.service.answering.list_replies import RecommendationList
from cartelera.service.answering.replies import Interval, Prediction
from cartelera.service.problems import Problem, Refused


def ranked(answer: RecommendationList) -> list[tuple[int, str, float | None]]:
    """Give places, titles and predicted stars."""
    return [(line.rank, line.title.title_id, line.stars) for line in answer.titles]


def test_a_prediction_says_what_the_title_is_and_where_the_score_comes_from(answers: Answers):
    prediction = answers.predict(1, "ns1")
    assert prediction.score == 4.5
    assert prediction.origin == "model"
    assert prediction.recommended
    assert (prediction.title.display_title, prediction.title.title) == ("Alpha", "alpha")
    assert (prediction.title.platform, prediction.title.type) == ("netflix", "movie")
    assert prediction.title.year == 2018


def test_the_baseline_beside_a_prediction_leaves_out_taste(answers: Answers):
    assert answers.predict(1, "ns1").baseline == 3.5 + 0.25 + 0.5
    assert answers.predict(2, "as1").baseline == 3.5 - 0.5 + 0.25
    assert answers.predict(99, "ns1").baseline == 4.0


def test_an_interval_comes_with_what_its_errors_were_measured_on(answers: Answers):
    assert answers.predict(2, "hs1").interval == Interval(1.0, 3.0, 0.8)
    assert answers.predict(1, "ns1").interval == Interval(3.5, 5.0, 0.8)
    assert answers.predict(99, "ns1").interval is None
    assert answers.predict(3, "ns2").interval is None


def test_a_prediction_tells_what_the_user_did_rate(answers: Answers):
    assert answers.predict(1, "ns1").rating == 5.0
    assert answers.predict(1, "ns2").rating is None


@pytest.mark.parametrize(
    ("user_id", "title_id", "recommended"),
    [(1, "as1", True), (2, "as1", False), (1, "hs1", False)],  # 3.75, 3.5, 3.25
)
def test_the_threshold_itself_is_recommended(
    answers: Answers, user_id: int, title_id: str, recommended: bool
):
    prediction = answers.predict(user_id, title_id)
    assert prediction.recommend_at == 3.75
    assert prediction.recommended is recommended


def test_an_unknown_user_gets_the_titles_mean_labelled_as_fallback(answers: Answers):
    prediction = answers.predict(99, "ns1")
    assert (prediction.score, prediction.origin) == (4.0, "fallback")


def test_a_title_without_ratings_is_predicted_by_fallback(answers: Answers):
    assert answers.predict(1, "ds1").origin == "fallback"
    assert answers.predict(3, "ds1").origin == "fallback"


def test_a_user_the_model_came_before_is_folded_in(answers: Answers):
    # One rating, ns1 = 5: it deviates by 1 from the title's mean, and its q is 0.25. With reg 0.25
    # the least squares give w (5 - 4) / (0.25 + 1 + 0.25^2), w being 1 for the bias and 0.25 for p.
    share = 1 / (0.25 + 1 + 0.0625)
    prediction = answers.predict(3, "ns2")
    assert prediction.origin == "fold-in"
    assert prediction.score == pytest.approx(3.75 + share + 0.5 * 0.25 * share)
    assert prediction.baseline == pytest.approx(3.75 + share)


def test_an_unknown_title_is_refused(answers: Answers):
    with pytest.raises(Refused, match="xs1") as refused:
        answers.predict(1, "xs1")
    assert refused.value.status == 404


def test_many_pairs_are_predicted_as_each_alone(answers: Answers):
    pairs = [(user, title) for user in (1, 2, 3, 99) for title in ("ns1", "NS2", "ds1", "xs1")]
    for (user_id, title_id), found in zip(pairs, answers.predict_many(pairs), strict=True):
        if title_id == "xs1":
            assert isinstance(found, Problem)
            assert found.error == "No title has the id `xs1`."
        else:
            assert isinstance(found, Prediction)
            assert found == answers.predict(user_id, title_id)
    assert answers.predict_many([]) == []


def test_a_list_is_ranked_and_leaves_out_what_the_user_has_rated(answers: Answers):
    answer = answers.recommend(1, 3)
    assert answer.origin == "ranking"
    assert ranked(answer) == [(1, "ns2", 4.25), (2, "as1", 3.75), (3, "hs1", 3.25)]
    assert [line.score for line in answer.titles] == pytest.approx(
        [0.5 + 0.3 * 3 / 11, 0.2 * 3 / 11, 0.1 * 3 / 11]
    )
    assert [line.origin for line in answer.titles] == ["ranking", "popularity", "popularity"]


def test_a_list_is_in_the_order_of_the_ranking_model_not_of_the_stars(answers: Answers):
    # Two ratings weigh the prior 3 / 12: ns1 0.5 + 0.1, as1 0.5 + 0.05.
    answer = answers.recommend(2, 2)
    assert ranked(answer) == [(1, "ns1", 3.25), (2, "as1", 3.5)]


def test_a_list_may_hold_what_the_user_has_rated_when_asked_to(answers: Answers):
    answer = answers.recommend(1, 2, Filters(seen=True))
    assert ranked(answer) == [(1, "ns1", 4.5), (2, "ns2", 4.25)]


def test_the_reasons_are_the_ratings_that_speak_for_a_title(answers: Answers):
    first, *_ = answers.recommend(1, 1).titles
    (because,) = first.because
    assert (because.title.title_id, because.rating) == ("ns1", 5.0)
    # Without it the score would lose 0.5, and what is popular would count for a little more.
    assert because.contribution == pytest.approx(0.5 - 0.3 * (3 / 10 - 3 / 11))
    assert first.score == pytest.approx(0.5 + 0.3 * 3 / 11)
    assert not first.popular


def test_what_is_listed_for_its_popularity_says_so(answers: Answers):
    lines = {line.title.title_id: line for line in answers.recommend(1, 3).titles}
    assert (lines["as1"].popular, lines["as1"].because) == (True, [])
    assert all(line.popular for line in answers.recommend(99, 4).titles)


def test_titles_that_nobody_rated_have_a_list_of_their_own(answers: Answers):
    answer = answers.recommend(1, 2)
    (new,) = answer.new_to_everyone
    assert (new.title.title_id, new.origin, new.stars) == ("ds1", "content", None)
    assert [because.title.title_id for because in new.because] == ["ns1"]
    assert "ds1" not in [line.title.title_id for line in answer.titles]
    assert answers.recommend(99, 2).new_to_everyone == []
    assert answers.recommend(1, 2, Filters(platforms=("hulu",))).new_to_everyone == []


def test_the_diversity_asked_for_is_said_and_the_settings_decide_otherwise(answers: Answers):
    assert answers.recommend(1).diversity == 0.0
    assert answers.recommend(1, diversity=0.5).diversity == 0.5
    assert answers.recommend_new({}, diversity=1).diversity == 1


def test_a_title_is_no_reason_for_itself(answers: Answers):
    lines = {
        line.title.title_id: line for line in answers.recommend(1, 4, Filters(seen=True)).titles
    }
    assert lines["ns1"].because == []
    assert lines["ns2"].because


def test_the_length_defaults_to_the_settings(answers: Answers):
    assert [title_id for _, title_id, _ in ranked(answers.recommend(1))] == ["ns2", "as1"]


def test_an_unknown_user_gets_what_is_popular(answers: Answers):
    answer = answers.recommend(99, 2)
    assert answer.origin == "popularity"
    assert {line.origin for line in answer.titles} == {"popularity"}
    assert ranked(answer) == [(1, "ns1", 4.0), (2, "ns2", 3.75)]
    assert not any(line.because for line in answer.titles)


def test_filters_narrow_a_list_before_it_is_cut(answers: Answers):
    assert ranked(answers.recommend(1, 1, Filters(platforms=("Hulu",)))) == [(1, "hs1", 3.25)]
    two = Filters(platforms=("amazon", "netflix"), type="movie")
    assert ranked(answers.recommend(1, 1, two)) == [(1, "as1", 3.75)]
    assert ranked(answers.recommend(1, 5, Filters(certificates=("g",))))[0] == (1, "as1", 3.75)


def test_a_filter_that_only_unrated_titles_pass_has_a_list(answers: Answers):
    answer = answers.recommend(99, 5, Filters(platforms=("disney",)))
    assert ranked(answer) == [(1, "ds1", None)]
    assert answer.titles[0].origin == "content"


def test_a_list_can_be_empty(answers: Answers):
    answer = answers.recommend(99, 5, Filters(year_from=1900, year_to=1901))
    assert (answer.titles, answer.origin) == ([], "popularity")


def test_an_answer_says_which_filters_it_read(answers: Answers):
    answer = answers.recommend(1, 1, Filters(platforms=("HULU",), genre="Drama"))
    assert (answer.platforms, answer.type) == (["hulu"], "all")
    assert answer.filters == Filters(platforms=("hulu",), genre="drama")


@pytest.mark.parametrize("k", [0, -1, 21])
def test_a_length_out_of_range_is_refused(answers: Answers, k: int):
    with pytest.raises(Refused, match="out of range"):
        answers.recommend(1, k)


def test_an_unknown_platform_or_type_names_the_allowed(answers: Answers):
    with pytest.raises(QueryError, match="amazon, disney, hulu, netflix"):
        answers.recommend(1, 5, Filters(platforms=("netflix", "betamax")))
    with pytest.raises(QueryError, match="movie, tv show, all"):
        answers.search_titles("", Filters(type="radio play"))


def test_someone_new_is_folded_in(answers: Answers):
    answer = answers.recommend_new({"NS1": 5.0}, 2)
    assert (answer.user_id, answer.origin, answer.ignored) == (None, "ranking", [])
    assert [title_id for _, title_id, _ in ranked(answer)] == ["ns2", "as1"]
    assert answer.titles[0].because[0].title.title_id == "ns1"


def test_somebody_new_without_ratings_gets_what_is_popular(answers: Answers):
    answer = answers.recommend_new({}, 2)
    assert (answer.origin, answer.ignored) == ("popularity", [])
    assert ranked(answer) == [(1, "ns1", 4.0), (2, "ns2", 3.75)]


def test_a_rating_of_what_nobody_else_rated_has_a_say(answers: Answers):
    answer = answers.recommend_new({"ds1": 5.0}, 1)
    assert (answer.origin, answer.ignored) == ("ranking", [])
    assert answer.titles[0].because[0].title.title_id == "ds1"


def test_ratings_of_what_the_models_do_not_know_have_no_say(newer_catalogue: Answers):
    for answer in (newer_catalogue.recommend_new({"ns9": 5.0}), newer_catalogue.recommend(4)):
        assert (answer.origin, answer.ignored) == ("popularity", ["ns9"])
        assert "ns9" not in [title_id for _, title_id, _ in ranked(answer)]
    assert newer_catalogue.predict(1, "ns9").origin == "fallback"
    assert not newer_catalogue.title("ns9").has_model
    assert (newer_catalogue.similar("ns9").known, newer_catalogue.similar("ns9").titles) == (
        False,
        [],
    )


@pytest.mark.parametrize(
    ("ratings", "status"),
    [
        ({"xs1": 4.0}, 404),
        ({"ns1": 4.0, "NS1": 3.0}, 422),
        ({"ns1": 4.2}, 422),
        ({"ns1": 5.5}, 422),
        ({"ns1": float("nan")}, 422),
    ],
)
def test_ratings_that_cannot_be_are_refused(
    answers: Answers, ratings: dict[str, float], status: int
):
    with pytest.raises(Refused) as refused:
        answers.recommend_new(ratings)
    assert refused.value.status == status
