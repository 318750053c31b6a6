"""What the page says of the tests' results, in either language, from their numbers."""

from dataclasses import replace
from typing import Any

import pytest

from cartelera.service.answering.answers import Answers
from cartelera.service.answering.replies import ModelInfo
from cartelera.service.page.model_verdicts import (
    LocalizedText,
    are_people_alike,
    gate_verdict,
    signal_verdict,
)
from cartelera.service.page.words import Words

TEST = {"expected": 0.0084, "p_value": 0.001, "is_found": True, "is_tested": True}
NOT_FOUND = {"is_found": False, "p_value": 0.42}
UNTESTED = TEST | {"statistic": 0.0, "p_value": 1.0, "is_found": False, "is_tested": False}
QUALITY = TEST | {"statistic": 0.1472}
TASTE = TEST | {"statistic": 0.1234}


def signal(quality: Any = QUALITY, taste: Any = TASTE) -> dict[str, Any]:
    return {"quality": quality, "taste": taste, "n_tested": 900}


CONTEST = {
    "n_users": 1200,
    "candidate": {"ndcg": 0.1612},
    "champion": {"worth": {"ndcg": 0.1501}},
}
DECISION = {"promote": True, "reason": "made up", "champion": None, "contest": None}


@pytest.fixture
def model(answers: Answers) -> ModelInfo:
    return answers.model()


def with_signal(model: ModelInfo, found: Any) -> ModelInfo:
    return replace(model, card={**model.card, "signal": found})


def with_decision(model: ModelInfo, decision: Any, **more: Any) -> ModelInfo:
    registered = {"rmse": 0.7904, "bias_only_rmse": 0.8618, "reason": "for its RMSE", **more}
    return replace(model, registered={**registered, "decision": decision})


@pytest.mark.parametrize(
    ("language", "found", "beginning", "numbers"),
    [
        (
            "en",
            signal(),
            "Some titles are better than others for everyone, and",
            "14.7% of the var",
        ),
        (
            "es",
            signal(),
            "Hay títulos mejores que otros para todo el mundo",
            "correlación de 0,123",
        ),
        ("es", signal(), "Hay títulos", "sería el 0,8% (prueba de permutación, p = 0,001)"),
        ("en", signal(taste=TASTE | NOT_FOUND), "Some titles are better than others, but", "0.42"),
        ("en", signal(quality=QUALITY | NOT_FOUND), "People differ in taste, but", "p = 0.42"),
        (
            "en",
            signal(QUALITY | NOT_FOUND, TASTE | NOT_FOUND),
            "Neither better titles nor different tastes",
            "p = 0.42",
        ),
        ("en", signal(taste=UNTESTED), "Some titles are better than others. Quality", "too few"),
        ("es", signal(UNTESTED, UNTESTED), "No se ha podido comprobar", ""),
    ],
)
def test_the_verdict_is_told_from_its_numbers(
    model: ModelInfo, language: str, found: Any, beginning: str, numbers: str
):
    said = signal_verdict(with_signal(model, found), Words(language))
    assert said is not None
    assert said.language is None
    assert said.text.startswith(beginning)
    assert numbers in said.text


OF_BEFORE = {"statistic": 0.1472, "expected": 0.0084, "p_value": 0.001, "has_taste": True}


@pytest.mark.parametrize("found", [None, {}, OF_BEFORE, signal(taste=None)])
def test_without_numbers_the_sentence_stands_as_it_is_with_its_language(
    model: ModelInfo, found: Any
):
    without = with_signal(model, found)
    assert signal_verdict(without, Words("es")) == LocalizedText(
        "There is taste in these ratings.", "en"
    )
    assert signal_verdict(without, Words("en")) == LocalizedText("There is taste in these ratings.")
    assert signal_verdict(replace(without, taste=None), Words("en")) is None
    assert not are_people_alike(without)


def test_people_are_alike_only_where_taste_was_looked_for(model: ModelInfo):
    assert are_people_alike(with_signal(model, signal(taste=TASTE | NOT_FOUND)))
    assert not are_people_alike(with_signal(model, signal(taste=UNTESTED)))
    assert not are_people_alike(with_signal(model, signal()))


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        (DECISION, ("0,790", "0,862", "No había ningún modelo")),
        (DECISION | {"champion": 3}, ("0,790", "0,862")),
        (
            DECISION | {"champion": 3, "contest": CONTEST},
            ("Para 1.200 personas", "0,161", "la versión 3", "0,150"),
        ),
        (DECISION | {"promote": False}, ("Ningún modelo ha sido", "0,862")),
        (None, ("Lo puso en servicio una persona: «for its RMSE»",)),
    ],
)
def test_why_a_model_serves_is_told_from_the_gates_numbers(
    model: ModelInfo, decision: Any, words: tuple[str, ...]
):
    said = gate_verdict(with_decision(model, decision), Words("es"))
    assert said is not None
    assert said.language is None
    assert all(word in said.text for word in words), said.text


def test_a_refit_is_told(model: ModelInfo):
    said = gate_verdict(with_decision(model, DECISION, refit_of=2), Words("en"))
    assert said is not None
    assert "fitted again, the same way, with the latest ratings" in said.text


def test_a_version_of_before_keeps_the_gates_sentence(model: ModelInfo):
    old = replace(model, registered={"reason": "RMSE 0.79 against 0.86"})
    assert gate_verdict(old, Words("es")) == LocalizedText("RMSE 0.79 against 0.86", "en")
    assert gate_verdict(replace(model, registered={}), Words("es")) is None
