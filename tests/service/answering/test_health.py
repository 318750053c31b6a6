from typing import Any

import pytest

from cartelera.errors import InputError
from cartelera.service.answering.answers import Answers
from cartelera.service.answering.health import try_out


def test_a_bundle_that_answers_is_taken(answers: Answers):
    assert try_out(answers) is answers


@pytest.mark.parametrize(("n_shared", "said"), [((1, 5), "4 titles only 1"), ((4, 2), "5 titles")])
def test_models_of_another_catalogue_are_turned_down(
    answers: Answers, monkeypatch: Any, n_shared: tuple[int, int], said: str
):
    monkeypatch.setattr(Answers, "n_shared", n_shared)
    with pytest.raises(InputError, match=f"do not belong together.*{said}"):
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
