from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from cartelera.errors import InputError
from cartelera.service.answering.settings import Settings
from cartelera.service.bundle import writing as bundle_writing
from cartelera.service.bundle.layout import Bundle
from cartelera.service.bundle.loading import load

Write = Callable[[str], Bundle]


@pytest.fixture
def write(
    tmp_path: Path,
    factors_folder: Path,
    titles: pd.DataFrame,
    scores: pd.DataFrame,
    seen: pd.DataFrame,
) -> Write:
    """Write a bundle of a model that came without measurements."""

    def write_one(name: str) -> Bundle:
        bundle = Bundle(tmp_path / name)
        bundle_writing.write(
            bundle,
            factors=factors_folder,
            titles=titles,
            scores=scores,
            seen=seen,
            settings=Settings(recommend_at=3.75, default_k=2, max_k=20, diversity=0.1),
            registered={"name": "tiny", "version": "7"},
        )
        return bundle

    return write_one


def test_the_same_input_gives_the_same_bytes(write: Write):
    assert write("one").manifest.read_bytes() == write("two").manifest.read_bytes()


def test_a_model_without_measurements_says_so(write: Write):
    model = load(write("one")).model()
    assert (model.metrics, model.intervals, model.trained_at) == (None, None, None)


def test_an_untouched_folder_is_fine(bundle: Bundle):
    bundle.verify()


DAMAGES: dict[str, Callable[[Path], object]] = {
    "truncated": lambda path: path.write_bytes(path.read_bytes()[:-1]),
    "empty": lambda path: path.write_bytes(b""),
    "missing": lambda path: path.unlink(),
}


@pytest.mark.parametrize(
    "name",
    [
        "titles.parquet",
        "scores.parquet",
        "seen.safetensors",
        "settings.json",
        "registered.json",
        "metrics.json",
        "intervals.json",
        "factors/factors.safetensors",
        "factors/model_card.json",
        "factors/ranking/factors.safetensors",
        "factors/ranking/model_card.json",
    ],
)
@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_named_with_the_fix(bundle: Bundle, name: str, damage: str):
    DAMAGES[damage](bundle.root / name)
    with pytest.raises(InputError, match=rf"{name}.*dvc repro --force package"):
        load(bundle)


def test_a_foreign_file_is_named(bundle: Bundle):
    (bundle.factors / "extra.pickle").write_bytes(b"")
    with pytest.raises(InputError, match=r"extra\.pickle"):
        load(bundle)


def test_a_folder_that_was_never_built_says_how_to_build_it(tmp_path: Path):
    with pytest.raises(InputError, match="dvc repro package"):
        load(Bundle(tmp_path / "nowhere"))


def test_a_damaged_manifest_is_named(bundle: Bundle):
    bundle.manifest.write_text("{")
    with pytest.raises(InputError, match=r"manifest\.json"):
        load(bundle)


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        '{"recommend_at": NaN, "default_k": 1, "max_k": 2, "diversity": 0}',
        '{"recommend_at": 3, "default_k": 0, "max_k": 2, "diversity": 0}',
        '{"recommend_at": 3, "default_k": 1, "max_k": 2}',
        '{"recommend_at": 3, "default_k": 1, "max_k": 2, "diversity": 1.5}',
        '{"recommend_at": 3, "default_k": 1, "max_k": 2, "diversity": 0, "other": 1}',
        '{"recommend_at": 3, "default_k": 1, "max_k": 2, "diversity": 0, "rating_step": 0}',
        '{"recommend_at": 3, "default_k": 1, "max_k": 2, "diversity": 0, "rating_max": 0.5}',
        '{"recommend_at": 3, "default_k": 1, "max_k": 2, "diversity": 0, "rating_max": 9}',
        '{"recommend_at": 3, "default_k": 1, "max_k": 2, "diversity": 0, "latest_year": 1800}',
    ],
)
def test_settings_are_checked_when_read(tmp_path: Path, text: str):
    path = tmp_path / "settings.json"
    path.write_text(text)
    with pytest.raises(InputError, match=r"settings\.json"):
        Settings.read(path)


@pytest.mark.parametrize("content", ['{"format_version": 4}', "{}", None])
def test_a_bundle_of_another_format_is_refused(bundle: Bundle, content: str | None):
    if content is None:
        bundle.format.unlink()
    else:
        bundle.format.write_text(content)
    with pytest.raises(InputError, match=r"has the format [14]; this service reads 3.*dvc repro"):
        load(bundle)
