import numpy as np
import pandas as pd
import pytest

from cartelera.errors import ConfigError
from cartelera.factorization import gradient_descent as descent
from cartelera.factorization import parts
from cartelera.factorization.fitting import DivergedError
from cartelera.factorization.parts import CodedPart
from cartelera.models.registry import fit_factors

SCALE = (0.5, 5.0)


@pytest.fixture
def frames():
    rng = np.random.default_rng(5)
    pairs = rng.permutation(25 * 20)[:300]
    ratings = pd.DataFrame(
        {
            "user_id": pairs // 20 + 1,
            "title_id": pd.Series("ns" + (pairs % 20).astype(str), dtype="str"),
            "rating": rng.integers(1, 11, 300) / 2,
        }
    )
    is_valid = rng.random(300) < 0.25
    is_new = ratings["user_id"] == 3  # unknown in train
    return ratings[~is_valid & ~is_new], ratings[is_valid | is_new]


@pytest.mark.parametrize(
    "params",
    [
        {"n_factors": 4, "lr_all": 0.02, "random_state": 1},
        {"n_factors": 20, "biased": False, "init_mean": 0.3, "random_state": 1},
        {"n_factors": 3, "exact": True, "random_state": 2, "n_threads": 1},
    ],
)
def test_the_curve_is_that_of_a_whole_fit(frames, params):
    train, valid = frames
    part = CodedPart.of(train, valid, scale=SCALE)
    whole = fit_factors("svd", train, {**params, "n_epochs": 6}, scale=SCALE, valid=valid)

    for _ in range(2):
        running = part.begin(params)
        assert [running.advance() for _ in range(6)] == whole.curve["valid_rmse"].tolist()


def test_ratings_are_coded_and_dealt_once(frames, monkeypatch):
    part = CodedPart.of(*frames, scale=SCALE)
    part.begin({"n_factors": 2}).advance()
    for module, name in ((descent, "BlockedRatings"), (parts, "title_means")):
        monkeypatch.setattr(module, name, None)
    monkeypatch.setattr(parts.RatingMatrix, "codes_in", None)

    assert part.begin({"n_factors": 3, "biased": False}).advance() > 0


def test_a_fit_that_diverges_says_so(frames):
    running = CodedPart.of(*frames, scale=SCALE).begin({"n_factors": 4, "lr_all": 1e9})

    with pytest.raises(DivergedError, match="in epoch 1"):
        running.advance()


def test_a_wrong_parameter_is_refused(frames):
    with pytest.raises(ConfigError, match="n_factor:"):
        CodedPart.of(*frames, scale=SCALE).begin({"n_factor": 4})
