from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock, call

import pytest
from prometheus_client import REGISTRY

from cartelera.service.answering.answers import Answers
from cartelera.service.answering.feedback import FeedbackLog
from cartelera.service.answering.filters import Filters
from cartelera.service.bundle.layout import Bundle
from cartelera.service.bundle.loading import load
from cartelera.service.middleware import metrics


def value(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(name, labels) or 0.0


def test_each_server_counts_in_a_folder_of_its_own(monkeypatch):
    container = Mock()
    monkeypatch.setattr(metrics, "BentoMLContainer", container)
    monkeypatch.delenv("PROMETHEUS_MULTIPROC_DIR", raising=False)

    folders = [metrics.count_apart() for _ in range(2)]

    assert folders[0].name != folders[1].name
    assert container.prometheus_multiproc_dir.set.call_args_list == [
        call(folder.name) for folder in folders
    ]
    for folder in folders:
        folder.cleanup()


def test_a_worker_counts_where_it_is_told(monkeypatch):
    monkeypatch.setenv("PROMETHEUS_MULTIPROC_DIR", "/told")
    assert metrics.count_apart() is None


@pytest.fixture
def counting(answers: Answers) -> Answers:
    answers.on_answer = metrics.count_answer
    return answers


@pytest.mark.parametrize(("user_id", "origin"), [(1, "ranking"), (99, "popularity")])
def test_lists_are_counted_by_their_origin(counting: Answers, user_id: int, origin: str):
    before = value("cartelera_recommendations_total", origin=origin)
    counting.recommend(user_id)
    assert value("cartelera_recommendations_total", origin=origin) == before + 1


def test_received_ratings_are_counted(bundle: Bundle, feedback_folder: Path):
    answers = load(bundle, FeedbackLog(feedback_folder))
    answers.on_answer = metrics.count_answer
    before = value("cartelera_ratings_received_total"), empty_receipts()
    answers.rate(3, "ns2", 2.0)
    assert value("cartelera_ratings_received_total") == before[0] + 1
    assert empty_receipts() == before[1]


def empty_receipts() -> float:
    return value("cartelera_empty_answers_total", answer="Receipt")


def test_only_empty_answers_count_as_empty(counting: Answers):
    def empty() -> list[float]:
        kinds = ("RecommendationList", "TitlePage", "TopActor")
        return [value("cartelera_empty_answers_total", answer=kind) for kind in kinds]

    before = empty()
    nothing = replace(Filters(), year_from=1900, year_to=1901)
    counting.recommend(1, filters=nothing)
    counting.search_titles("nowhere to be found")
    counting.noted(counting.queries.get_actor(year=1900))
    counting.recommend(1)
    counting.search_titles("alpha")
    counting.noted(counting.queries.get_actor())
    assert [now - then for now, then in zip(empty(), before, strict=True)] == [1, 1, 1]
