import pytest

from cartelera.catalogue.queries import QueryError
from cartelera.service.answers import Answers, RecommendationList
from cartelera.service.problems import Refused


def ranked(answer: RecommendationList) -> list[tuple[int, str, float]]:
    return [(line.rank, line.title.title_id, line.score) for line in answer.titles]


def test_a_prediction_says_what_the_title_is_and_where_the_score_comes_from(answers: Answers):
    prediction = answers.predict(1, "ns1")
    assert prediction.score == 4.5
    assert prediction.origin == "model"
    assert prediction.recommended
    assert (prediction.title.display_title, prediction.title.title) == ("Alpha", "alpha")
    assert (prediction.title.platform, prediction.title.type) == ("netflix", "movie")
    assert prediction.title.year == 2018


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


def test_an_unknown_title_is_refused(answers: Answers):
    with pytest.raises(Refused, match="xs1") as refused:
        answers.predict(1, "xs1")
    assert refused.value.status == 404


def test_a_list_is_ranked_and_leaves_out_what_the_user_has_rated(answers: Answers):
    answer = answers.recommend(1, 10)
    assert answer.origin == "model"
    assert ranked(answer) == [(1, "ns2", 4.25), (2, "as1", 3.75), (3, "hs1", 3.25)]


def test_the_length_defaults_to_the_settings(answers: Answers):
    assert [title_id for _, title_id, _ in ranked(answers.recommend(1))] == ["ns2", "as1"]


def test_an_unknown_user_gets_the_best_means_labelled_as_fallback(answers: Answers):
    answer = answers.recommend(99, 2)
    assert answer.origin == "fallback"
    assert ranked(answer) == [(1, "ns1", 4.0), (2, "ns2", 3.75)]


def test_platforms_and_type_narrow_a_list_before_it_is_cut(answers: Answers):
    assert ranked(answers.recommend(1, 1, ["Hulu"])) == [(1, "hs1", 3.25)]
    assert ranked(answers.recommend(1, 1, ["amazon", "netflix"], "movie")) == [(1, "as1", 3.75)]


def test_a_list_can_be_empty(answers: Answers):
    answer = answers.recommend(99, 5, ["disney"])
    assert (answer.titles, answer.origin) == ([], "fallback")


@pytest.mark.parametrize("k", [0, -1, 21])
def test_a_length_out_of_range_is_refused(answers: Answers, k: int):
    with pytest.raises(Refused, match="out of range"):
        answers.recommend(1, k)


def test_an_unknown_platform_or_type_names_the_allowed(answers: Answers):
    with pytest.raises(QueryError, match="amazon, disney, hulu, netflix"):
        answers.recommend(1, 5, ["netflix", "betamax"])
    with pytest.raises(QueryError, match="movie, tv show, all"):
        answers.recommend(1, 5, type="radio play")


def test_the_model_tells_its_name_version_and_card(answers: Answers):
    model = answers.model()
    assert (model.name, model.version) == ("tiny", "7")
    assert model.card["verdict"] == "made up"
