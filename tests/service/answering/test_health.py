from typing import Any

import pytest

from cartelera.errors import InputError
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.health import try_out


def test_a_bundle_that_answers_is_taken(answers: Answers):
    assert try_out(answers) is answers


def test_a_model_of_another_catalogue_is_turned_down(answers: Answers, monkeypatch: Any):
    monkeypatch.setattr(answers, "all_titles", list)
    with pytest.raises(InputError, match="do not belong together"):
        try_out(answers)


@pytest.mark.parametrize("failure", [KeyError("ns1"), ValueError("shapes")])
def test_a_bundle_that_fails_a_question_is_turned_down(
    answers: Answers, monkeypatch: Any, failure: Exception
):
    def fail(*_: Any, **__: Any) -> Any:
        raise failure

    monkeypatch.setattr(answers, "recommend", fail)
    with pytest.raises(InputError, match="does not answer"):
        try_out(answers)
