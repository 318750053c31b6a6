from dataclasses import replace

import numpy as np
import pytest

from cartelera.evaluation.comparison import compare, draw_audience
from cartelera.evaluation.entry import Entry
from cartelera.evaluation.list_baselines import ItemKnn, Popularity
from cartelera.evaluation.metrics.ndcg import NDCG
from cartelera.evaluation.newcomer_lists import measure_newcomers


class Recorder:
    """Remembers what it was told, and lists the title liked by who was told it."""

    def __init__(self):
        self.title_ids = np.array(list("abcdef"), dtype=object)
        self.told: list[list[list[str]]] = []

    def score_histories(self, histories):
        codes = np.split(histories.codes, histories.starts[1:-1])
        self.told.append([[str(self.title_ids[code]) for code in one] for one in codes])
        return np.zeros((histories.n_users, 6))


def test_rankers_are_told_the_latest_ratings_alone(train, test, settings):
    recorder = Recorder()
    measure_newcomers({"r": recorder}, draw_audience(train, test, settings), settings, [1, 3])
    assert recorder.told == [
        [["d"], ["e"], ["a"]],
        [["b", "c", "d"], ["a", "b", "e"], ["b", "d", "a"]],
    ]


def test_all_that_was_rated_stays_out_of_the_lists(train, test, settings):
    """Of a to f, user 1 rated a to d, 2 rated a, b, e, and 4 rated a, b, d: the lists are e f, c d, c e.
    1 likes e and f, 2 and 4 like c."""
    audience = draw_audience(train, test, settings)
    found = measure_newcomers({"r": Recorder()}, audience, settings, [1])
    assert found.at("r", 1).value == 1.0


def test_told_everything_it_is_the_comparison(train, test, settings):
    audience = draw_audience(train, test, settings)
    rankers = {"knn": ItemKnn.fit(train), "popularity": Popularity.fit(train)}
    found = measure_newcomers(rankers, audience, settings, [1, 100])
    entries = {name: Entry(ranker=ranker) for name, ranker in rankers.items()}
    compared = compare(entries, train, test, settings)
    assert found.at("knn", 100) == compared.interval("knn", NDCG)
    assert found.differences["popularity"][1] == compared.differences[NDCG]["popularity"]
    assert found.at("popularity", 1) == found.at("popularity", 100)


def test_without_users_nothing_is_known(train, test, settings):
    strict = replace(settings, relevant_at=6.0)
    audience = draw_audience(train, test, strict)
    rankers = {"one": Popularity.fit(train), "other": Popularity.fit(train)}
    found = measure_newcomers(rankers, audience, strict, [1])
    assert np.isnan(found.at("one", 1).value)
    assert np.isnan(found.differences["other"][0].value)
    with pytest.raises(ValueError, match="not in"):
        found.at("one", 7)
