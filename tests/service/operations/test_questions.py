from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from cartelera.service.answering.filters import Filters
from cartelera.service.operations import OPERATIONS
from cartelera.service.operations.catalogue import MaxDurationQuestion, ScoreCountQuestion
from cartelera.service.operations.definition import Question
from cartelera.service.operations.recommendations import PredictQuestion, RecommendQuestion
from cartelera.service.problems import from_validation

ALL_QUESTIONS = {operation.question for operation in OPERATIONS if operation.question}
any_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=5,
)


@pytest.mark.parametrize("blank", [None, "", "  "])
def test_null_and_blank_mean_left_out(blank: str | None):
    question = MaxDurationQuestion.model_validate({"year": blank, "platform": blank})
    assert question == MaxDurationQuestion()


def test_a_blank_does_not_stand_for_what_is_required():
    with pytest.raises(ValidationError, match="scored"):
        ScoreCountQuestion.model_validate({"scored": ""})


@pytest.mark.parametrize("given_as", ["netflix,hulu", ["netflix,hulu"], ["netflix", " hulu "]])
def test_platforms_may_be_joined_or_listed(given_as: Any):
    question = RecommendQuestion.model_validate({"user_id": 1, "platforms": given_as})
    assert question.platforms == ["netflix", "hulu"]


def test_filters_are_taken_from_the_parameters():
    given_as = {"user_id": 1, "certificates": "g, pg", "max_minutes": 90, "seen": True, "genre": ""}
    question = RecommendQuestion.model_validate(given_as)
    assert question.filters() == Filters(certificates=("g", "pg"), max_minutes=90, seen=True)


def test_texts_are_trimmed():
    assert PredictQuestion(user_id=1, title_id=" ns1 ").title_id == "ns1"


@pytest.mark.parametrize("question", sorted(ALL_QUESTIONS, key=lambda kind: kind.__name__))
@given(data=st.data())
@settings(max_examples=25)
def test_whatever_is_sent_is_understood_or_refused_in_a_sentence(
    question: type[Question], data: st.DataObject
):
    names = st.sampled_from([*question.model_fields, "other"])
    sent = data.draw(st.dictionaries(names, any_json) | any_json)
    try:
        question.model_validate(sent)
    except ValidationError as error:
        refused = from_validation(error.errors(), question.model_fields)
        assert refused.status in (400, 422)
        assert refused.problem.error.endswith(".")
        assert len(refused.problem.error) < 1000
