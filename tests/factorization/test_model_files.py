import json
import pickle
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import safetensors.numpy

from cartelera.errors import InputError
from cartelera.factorization.factors import Factors
from cartelera.files import sha256

FILES = ("factors.safetensors", "users.parquet", "titles.parquet", "model_card.json")


@pytest.fixture
def folder(factors, tmp_path) -> Path:
    path = tmp_path / "deep" / "factors"
    factors.save(path, {"model": "svd", "verdict": "There is taste."})
    return path


def change_card(folder: Path, **changes) -> None:
    path = folder / "model_card.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def sign(folder: Path) -> None:
    """Write today's digests into the card, as someone would who changes the files on purpose."""
    change_card(folder, sha256={name: sha256(folder / name) for name in FILES[:3]})


def save_arrays(folder: Path, **changes) -> None:
    path = folder / "factors.safetensors"
    arrays = {**safetensors.numpy.load_file(path), **changes}
    safetensors.numpy.save_file(arrays, path)
    change_card(folder, shapes={name: list(array.shape) for name, array in arrays.items()})
    sign(folder)


class Bomb:
    def __reduce__(self):
        return (exec, ("raise SystemExit('unpickled')",))


def test_what_is_saved_comes_back(factors, folder):
    loaded = Factors.load(folder)
    users, titles = [10, 20, 99, 10], ["as1", "hs3", "as1", "zz"]
    np.testing.assert_array_equal(loaded.predict(users, titles), factors.predict(users, titles))
    np.testing.assert_array_equal(loaded.score_titles(users), factors.score_titles(users))
    assert loaded.recommend(10, 3) == factors.recommend(10, 3)
    assert (loaded.global_mean, loaded.scale, loaded.biased) == (3.0, (0.5, 5.0), True)
    assert loaded.user_ids.dtype == np.int64
    assert loaded.card["verdict"] == "There is taste."


def test_the_folder_holds_four_files_and_the_card_their_digests(folder):
    assert sorted(path.name for path in folder.iterdir()) == sorted(FILES)
    card = json.loads((folder / "model_card.json").read_text())
    assert card["sha256"] == {name: sha256(folder / name) for name in FILES[:3]}
    assert card["shapes"]["title_factors"] == [3, 2]


def test_the_same_model_gives_the_same_bytes(factors, folder, tmp_path):
    factors.save(tmp_path / "again", {"model": "svd", "verdict": "There is taste."})
    for name in FILES:
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_a_model_that_was_loaded_can_be_saved(folder, tmp_path):
    Factors.load(folder).save(tmp_path / "again", {})
    assert Factors.load(tmp_path / "again").recommend(10, 1) == Factors.load(folder).recommend(
        10, 1
    )


def test_the_card_cannot_contradict_the_model(factors, tmp_path):
    with pytest.raises(ValueError, match="scale"):
        factors.save(tmp_path, {"scale": [1, 5]})


@pytest.mark.parametrize("name", FILES)
def test_a_missing_file_is_named_with_the_fix(folder, name):
    (folder / name).unlink()
    with pytest.raises(InputError, match=rf"{name}: .* missing: .*dvc repro train"):
        Factors.load(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_truncated_file_is_named(folder, name):
    path = folder / name
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(InputError, match=name):
        Factors.load(folder)


@pytest.mark.parametrize("name", FILES[:3])
def test_a_single_changed_byte_is_noticed(folder, name):
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(InputError, match=rf"{name}: .*SHA-256 differs"):
        Factors.load(folder)


@pytest.mark.parametrize("name", FILES[:3])
def test_damage_is_noticed_under_matching_digests_too(folder, name):
    path = folder / name
    path.write_bytes(path.read_bytes()[:-20])
    sign(folder)
    with pytest.raises(InputError, match=name):
        Factors.load(folder)


@pytest.mark.parametrize("name", FILES)
def test_a_pickle_is_refused_and_never_run(folder, name):
    (folder / name).write_bytes(pickle.dumps(Bomb()))
    if name != "model_card.json":
        sign(folder)
    with pytest.raises(InputError, match=name):
        Factors.load(folder)


def test_a_numpy_pickle_is_refused_and_never_run(folder):
    with (folder / "factors.safetensors").open("wb") as file:
        np.save(file, np.array([Bomb()]), allow_pickle=True)
    sign(folder)
    with pytest.raises(InputError, match=r"factors\.safetensors"):
        Factors.load(folder)


def test_ids_that_do_not_match_the_arrays_are_refused(folder):
    pd.DataFrame({"user_id": [10, 20, 30]}).to_parquet(folder / "users.parquet")
    sign(folder)
    with pytest.raises(InputError, match=r"user_bias .* shape \(3,\)"):
        Factors.load(folder)


@pytest.mark.parametrize(
    "ids", [{"user_id": [10, 10]}, {"user_id": ["10", "20"]}, {"user_id": [1.5, 2]}, {"id": [1, 2]}]
)
def test_wrong_ids_are_refused(folder, ids):
    pd.DataFrame(ids).to_parquet(folder / "users.parquet")
    sign(folder)
    with pytest.raises(InputError, match=r"users\.parquet"):
        Factors.load(folder)


@pytest.mark.parametrize(
    ("array", "words"),
    [
        (np.zeros(4, dtype=np.float32), r"title_bias .* shape \(3,\)"),
        (np.zeros(3), "title_bias is float64"),
        (np.array([0, np.nan, 0], dtype=np.float32), "title_bias has a number that is NaN"),
    ],
)
def test_wrong_arrays_are_refused(folder, array, words):
    save_arrays(folder, title_bias=array)
    with pytest.raises(InputError, match=words):
        Factors.load(folder)


def test_further_arrays_are_refused(folder):
    save_arrays(folder, surprise=np.zeros(1))
    with pytest.raises(InputError, match="its arrays"):
        Factors.load(folder)


def test_shapes_must_be_those_of_the_card(folder):
    change_card(folder, shapes={})
    with pytest.raises(InputError, match=r"factors\.safetensors: its arrays"):
        Factors.load(folder)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"format_version": 2}, "has format 2, .* upgrade Cartelera"),
        ({"format_version": "1"}, "not a model card"),
        ({"sha256": None}, "SHA-256 differs"),
        ({"global_mean": None}, "dvc repro train"),
        ({"global_mean": float("nan")}, "global_mean is NaN"),
        ({"scale": [0.5]}, "dvc repro train"),
        ({"fold_in": {"reg_bu": -1, "reg_pu": 1, "level": 0}}, "reg_bu=-1.0 .*dvc repro train"),
        ({"fold_in": "none"}, "fold_in is not a mapping"),
    ],
)
def test_a_wrong_card_is_refused(folder, change, words):
    change_card(folder, **change)
    with pytest.raises(InputError, match=words):
        Factors.load(folder)


def test_a_card_that_is_no_object_is_refused(folder):
    (folder / "model_card.json").write_text("[1]")
    with pytest.raises(InputError, match="holds no JSON object"):
        Factors.load(folder)
