import json

import numpy as np
import pytest

from cartelera.errors import InputError
from cartelera.ranking.fitting import fit_ranking
from cartelera.ranking.histories import Histories
from cartelera.ranking.model import RankingModel
from cartelera.ranking.parameters import RankingParams


@pytest.fixture
def model(literal):
    return fit_ranking(literal, None, RankingParams(n_factors=4, reg=1.0, half_life=2.0))


def test_what_is_read_is_what_was_written(model, tmp_path):
    model.save(tmp_path / "ranking", {"note": "hand-made"})

    loaded = RankingModel.load(tmp_path / "ranking")

    assert loaded.params == model.params
    assert loaded.card["note"] == "hand-made"
    assert loaded.title_ids.tolist() == ["a", "b", "c", "d"]
    for name in ("factors", "weights", "prior", "content", "n_ratings"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(model, name))


def test_the_same_model_has_the_same_bytes(model, tmp_path):
    for folder in ("one", "other"):
        model.save(tmp_path / folder, {})

    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes()


@pytest.mark.parametrize("name", ["factors.safetensors", "titles.parquet", "model_card.json"])
def test_a_missing_or_damaged_file_is_named(model, tmp_path, name):
    model.save(tmp_path, {})
    path = tmp_path / name

    path.write_bytes(path.read_bytes()[:-5])
    with pytest.raises(InputError, match=name):
        RankingModel.load(tmp_path)
    path.unlink()
    with pytest.raises(InputError, match=name):
        RankingModel.load(tmp_path)


def test_a_wrong_parameter_in_the_card_is_an_error(model, tmp_path):
    model.save(tmp_path, {})
    card = json.loads((tmp_path / "model_card.json").read_text())
    card["params"]["n_factors"] = -1
    (tmp_path / "model_card.json").write_text(json.dumps(card))

    with pytest.raises(InputError, match="n_factors"):
        RankingModel.load(tmp_path)


def test_someone_asked_for_alone_scores_as_among_others(model, literal):
    histories = Histories.from_frame(literal, model.title_ids)
    together = model.score_histories(histories)

    for row in range(histories.n_users):
        alone = model.score_histories(histories.take(np.array([row])))
        np.testing.assert_allclose(alone[0], together[row], rtol=1e-6)


def test_titles_that_go_together_are_listed_together(model):
    liked_a = model.profile(["a"], [5.0])
    liked_d = model.profile(["d"], [5.0])

    assert [line.title_id for line in model.recommend(liked_a, 1, seen=["a"])] == ["b"]
    assert [line.title_id for line in model.recommend(liked_d, 1, seen=["d"])] == ["c"]


def test_someone_unknown_is_shown_what_is_popular(model):
    lines = model.recommend(model.profile([], []), 4)

    assert lines[0].title_id == "a"
    assert {line.origin for line in lines} == {"popularity"}


def test_unknown_titles_are_left_out_of_a_profile(model):
    with_unknown = model.profile(["a", "elsewhere"], [5.0, 5.0])
    without = model.profile(["a"], [5.0])

    assert model.recommend(with_unknown, 3) == model.recommend(without, 3)


def test_an_older_rating_weighs_less(model):
    scores = [
        {line.title_id: line.score for line in model.recommend(model.profile(ids, [5.0, 5.0]), 4)}
        for ids in (["a", "d"], ["d", "a"])
    ]

    assert scores[0]["b"] < scores[1]["b"]
    assert scores[0]["c"] > scores[1]["c"]
