from pathlib import Path

import pytest
import yaml

from cartelera.errors import ConfigError
from cartelera.ranking.parameters import RankingParams

CONF = Path(__file__).parents[2] / "conf"


@pytest.mark.parametrize(
    ("name", "low", "high", "step"),
    [
        ("n_factors", 1, 4096, 1),
        ("reg", 1e-6, 1e6, 1e-7),
        ("reg_count", 0.0, 1e6, 0.5),
        ("rating_weight", 0.0, 10.0, 0.1),
        ("user_norm", 0.0, 2.0, 0.1),
        ("leave_one_out", 0.0, 2.0, 0.1),
        ("popularity_damping", 0.0, 2.0, 0.1),
        ("prior_strength", 0.0, 1000.0, 0.1),
        ("prior_ratings", 1e-6, 1e6, 1e-7),
        ("seed", 0, 2**32 - 1, 1),
    ],
)
def test_the_ends_of_a_range_are_allowed_and_what_lies_beyond_is_not(name, low, high, step):
    for value in (low, high):
        assert getattr(RankingParams(**{name: value}), name) == value
    for value in (low - step, high + max(step, 0.5) if isinstance(high, float) else high + 1):
        with pytest.raises(ConfigError, match=f"{name}="):
            RankingParams(**{name: value})


def test_the_defaults_are_those_of_the_configuration():
    written = yaml.safe_load((CONF / "ranking" / "default.yaml").read_text())["params"]
    assert RankingParams().to_mapping() == written


def test_a_half_life_is_a_rating_at_least_or_none():
    assert RankingParams(half_life=1.0).half_life == 1
    assert RankingParams(half_life=None).half_life is None
    for value in (0.9, float("inf")):
        with pytest.raises(ConfigError, match="half_life="):
            RankingParams(half_life=value)


def test_what_kind_of_number_is_allowed_is_told():
    with pytest.raises(ConfigError, match="allowed is a whole number"):
        RankingParams(n_factors=1.5)
    with pytest.raises(ConfigError, match="allowed is a number"):
        RankingParams(reg="much")
    with pytest.raises(ConfigError, match="allowed is a whole number"):
        RankingParams(seed=True)
