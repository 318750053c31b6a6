"""The queries on the real catalogues against answers that were worked out without this project."""

import json

import pandas as pd
import pytest

from cartelera import columns as c
from cartelera.accounting import Cleaned
from cartelera.catalogue.queries import CatalogueQueries


@pytest.fixture(scope="module")
def known_answers(real_data):
    path = real_data.parent / "known_answers.json"
    if not path.is_file():
        pytest.skip(f"{path} does not exist")
    return json.loads(path.read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def queries(real_data, real_titles):
    scores = pd.read_csv(real_data / "streaming" / "title_mean_scores.csv").rename(
        columns={c.RAW_TITLE_ID: c.TITLE_ID, c.RAW_RATING: c.SCORE}
    )
    return CatalogueQueries(Cleaned.union(list(real_titles.values())).clean, scores)


def without_spaces(text: str) -> str:
    return "".join(text.split())


def test_longest_titles(queries, known_answers):
    for case in known_answers["get_max_duration"]:
        answer, expected = queries.get_max_duration(**case["args"]), case["answer"]
        assert answer.duration_int == expected["duration_int"], case
        assert answer.ties == expected["ties"], case
        assert {title.id for title in answer.titles} == set(expected["ids"]), case
        assert without_spaces(answer.titles[0].title) == without_spaces(expected["first_title"])


def test_score_counts(queries, known_answers):
    for case in known_answers["get_score_count"]:
        expected = case["answer"]
        assert queries.get_score_count(**case["args"]).count == expected["movie"], case
        assert queries.get_score_count(**case["args"], type="all").count == expected["all"], case


def test_platform_counts(queries, known_answers):
    for case in known_answers["get_count_platform"]:
        for type_, count in case["answer"].items():
            assert queries.get_count_platform(**case["args"], type=type_).count == count, case


def test_actors(queries, known_answers):
    for case in known_answers["get_actor"]:
        answer, expected = queries.get_actor(**case["args"]), case["answer"]
        assert answer.found == (expected is not None), case
        if expected is not None:
            assert answer.appearances == expected["appearances"], case
            assert answer.ties == expected["ties"], case
            assert answer.actors == expected["actors"], case
