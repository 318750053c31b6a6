from collections.abc import Callable
from pathlib import Path

import pytest

from cartelera.service.answering.answers import Answers
from cartelera.service.answering.feedback import FIRST_SEGMENT, FeedbackLog
from cartelera.service.answering.list_replies import RecommendationList
from cartelera.service.bundle.layout import Bundle
from cartelera.service.bundle.loading import load
from cartelera.service.problems import Refused


def listed(answer: RecommendationList) -> list[str]:
    return [line.title.title_id for line in answer.titles]


def test_a_profile_shows_what_a_user_liked_best(answers: Answers):
    profile = answers.user(2)
    assert (profile.n_ratings, profile.mean, profile.in_model) == (2, 2.75, True)
    assert [(line.title.title_id, line.rating) for line in profile.liked] == [
        ("hs1", 3.0),
        ("ns2", 2.5),
    ]
    assert not answers.user(3).in_model
    with pytest.raises(Refused, match="99") as refused:
        answers.user(99)
    assert refused.value.status == 404


def test_a_received_rating_counts_as_seen_at_once(answers: Answers, feedback_folder: Path):
    receipt = answers.rate(1, "NS2", 2.5)
    assert (receipt.title.title_id, receipt.rating, receipt.replaced) == ("ns2", 2.5, None)
    assert listed(answers.recommend(1, 2)) == ["as1", "hs1"]
    assert answers.user(1).n_ratings == 2
    again = answers.rate(1, "ns2", 3.0)
    assert again.replaced == 2.5
    lines = (feedback_folder / FIRST_SEGMENT).read_text().splitlines()
    assert lines[1:] == [f"1,2.5,{receipt.timestamp},ns2", f"1,3.0,{again.timestamp},ns2"]


def test_a_received_rating_changes_the_list_of_a_known_user_at_once(answers: Answers):
    before = answers.recommend(1, 3).titles[-1]
    assert (before.title.title_id, before.because) == ("hs1", [])
    answers.rate(1, "as1", 5)
    after = answers.recommend(1, 2).titles
    assert [line.title.title_id for line in after] == ["ns2", "hs1"]
    assert [because.title.title_id for because in after[-1].because] == ["as1"]


def test_someone_unknown_is_folded_in_from_the_first_rating_on(answers: Answers):
    assert answers.recommend(99).origin == "popularity"
    answers.rate(99, "ns1", 5)
    assert listed(answers.recommend(99, 2)) == listed(answers.recommend_new({"ns1": 5}, 2))
    assert answers.predict(99, "ns2").origin == "fold-in"


@pytest.mark.parametrize(
    ("user_id", "title_id", "rating", "status"),
    [
        (-1, "ns1", 4, 422),
        (10**18, "ns1", 4, 422),
        (1, "xs1", 4, 404),
        (1, "ns1", 0, 422),
        (1, "ns1", 4.75, 422),
    ],
)
def test_a_rating_that_cannot_be_is_not_kept(
    answers: Answers, feedback_folder: Path, user_id: int, title_id: str, rating: float, status: int
):
    with pytest.raises(Refused) as refused:
        answers.rate(user_id, title_id, rating)
    assert refused.value.status == status
    assert not feedback_folder.exists()


def test_all_ratings_of_a_user_are_exported(answers: Answers):
    answers.rate(3, "ns1", 2)
    exported = answers.ratings.export(3).ratings
    assert [(own.title_id, own.display_title, own.rating) for own in exported] == [
        ("ds1", "Épsilon", 4.0),
        ("ns1", "Alpha", 2.0),
    ]


def test_a_rating_of_a_title_that_left_the_catalogue_is_exported_too(
    answers: Answers, feedback_folder: Path
):
    feedback_folder.mkdir()
    lines = "userId,rating,timestamp,movieId\n99,4.5,1700000000,ns404\n"
    (feedback_folder / FIRST_SEGMENT).write_text(lines)
    (own,) = answers.ratings.export(99).ratings
    assert (own.title_id, own.display_title, own.rating) == ("ns404", None, 4.5)


def test_deleted_ratings_count_no_more_at_once(
    answers: Answers, bundle: Bundle, feedback_folder: Path
):
    answers.rate(2, "as1", 5)
    deleted = answers.ratings.delete(2)
    assert (deleted.user_id, deleted.n_ratings) == (2, 3)
    assert answers.recommend(2).origin == "popularity"
    assert answers.user(2).n_ratings == 0
    with pytest.raises(Refused, match="Nobody with the id 2") as refused:
        answers.ratings.export(2)
    assert refused.value.status == 404
    assert answers.user(1).n_ratings == 1, "of somebody else"

    answers.rate(2, "hs1", 4)
    again = load(bundle, FeedbackLog(feedback_folder))
    assert list(again.ratings.of(2).items()) == [("hs1", 4.0)]


def test_a_deletion_is_kept_even_if_nothing_counts_now(answers: Answers, feedback_folder: Path):
    """The log may hold ratings of titles that are in no catalogue now, and come back."""
    assert answers.ratings.delete(99).n_ratings == 0
    assert "99,deleted," in (feedback_folder / FIRST_SEGMENT).read_text()


@pytest.mark.parametrize(
    "ask", [lambda answers: answers.rate(1, "ns1", 4), lambda answers: answers.ratings.delete(1)]
)
def test_without_a_folder_ratings_are_refused(bundle: Bundle, ask: Callable[[Answers], object]):
    with pytest.raises(Refused, match="takes no ratings") as refused:
        ask(load(bundle))
    assert refused.value.status == 503


def test_a_folder_that_cannot_be_written_is_a_refusal_without_its_path(
    answers: Answers, feedback_folder: Path
):
    feedback_folder.write_text("a file where the folder should be")
    with pytest.raises(Refused, match="cannot be kept now") as refused:
        answers.rate(1, "ns1", 4)
    assert refused.value.status == 503
    assert str(feedback_folder) not in refused.value.problem.error


def test_the_model_tells_what_it_is_and_how_good(answers: Answers):
    model = answers.model()
    assert (model.name, model.version, model.trained_at) == ("tiny", "7", "2026-01-01T00:00:00Z")
    assert (model.n_users, model.n_titles) == (2, 4)
    assert model.data_digest == {"train": "abc"}
    assert model.taste == "There is taste in these ratings."
    assert model.metrics == {"model": {"rmse": 0.9}, "bias_only": {"rmse": 1.0}}
    assert model.intervals is not None
    assert model.card["verdict"] == "made up"


def test_the_model_names_both_models(answers: Answers):
    model = answers.model()
    assert (model.rating_model.n_factors, model.rating_model.params) == (1, [{"reg_all": 0.25}])
    ranking = model.ranking_model
    assert (ranking.n_factors, ranking.n_titles, ranking.n_unrated) == (2, 5, 1)
    assert ranking.params["rating_weight"] == 0.0
