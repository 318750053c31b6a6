import inspect
from functools import partial

import optuna
import pytest
import surprise
import yaml
from hypothesis import given
from hypothesis import strategies as st

from cartelera.errors import ConfigError
from cartelera.models.registry import SVD_PARAMETERS
from cartelera.search import space as spaces

parse_space = partial(spaces.parse_space, known=SVD_PARAMETERS)

EPOCHS = {"n_epochs": {"type": "int", "low": 1, "high": 9}}


def test_what_is_drawn_fixed_and_overridden():
    space = parse_space(
        {
            **EPOCHS,
            "lr_all": {"type": "float", "low": 0.001, "high": 0.1, "log": True},
            "reg_all": 0.05,
            "biased": {"type": "categorical", "choices": [True, False]},
        },
        {"n_factors": 10, "n_epochs": 20, "reg_all": 0.02, "biased": True},
    )

    assert set(space.drawn) == {"n_epochs", "lr_all", "biased"}
    assert space.fixed == {"n_factors": 10, "reg_all": 0.05}


def test_draws_lie_in_the_space():
    space = parse_space(
        {
            "n_epochs": {"type": "int", "low": 5, "high": 20, "step": 5},
            "reg_all": {"type": "float", "low": 0, "high": 1, "step": 0.25},
            "n_factors": {"type": "categorical", "choices": [8, 16]},
        },
        {},
    )
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))

    for _ in range(20):
        drawn = space.draw(study.ask())
        assert drawn["n_epochs"] in {5, 10, 15, 20}
        assert drawn["reg_all"] in {0, 0.25, 0.5, 0.75, 1}
        assert drawn["n_factors"] in {8, 16}
    assert space.drawn["n_epochs"].whole_numbers() == (5, 10, 15, 20)
    assert space.drawn["n_factors"].whole_numbers() == (8, 16)


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("n_factor: {type: int, low: 1, high: 2}", ["search.space.n_factor", "n_factors"]),
        ("n_factors: {type: int, low: 9, high: 2}", ["search.space.n_factors", "low=9", "high=2"]),
        ("n_factors: {type: int, low: 0, high: 2}", ["search.space.n_factors", "n_factors=0: allowed is"]),
        ("n_factors: {type: float, low: 1, high: 2}", ["type=float", "int"]),
        ("n_factors: {type: int, low: 1.5, high: 2}", ["search.space.n_factors.low", "whole"]),
        ("lr_all: {type: float, low: 0, high: 1, log: true}", ["log: true", "low=0"]),
        ("lr_all: {type: float, low: -1, high: 1}", ["search.space.lr_all", "lr_all=-1: allowed is"]),
        ("lr_all: {type: int, low: 1, high: 2}", ["type=int", "float"]),
        ("lr_all: {type: float, low: a, high: 1}", ["search.space.lr_all.low='a'", "number"]),
        ("lr_all: {type: float, low: .nan, high: 1}", ["finite"]),
        ("lr_all: {type: float, low: 0.1, high: 1, log: 1}", ["log=1", "true and false"]),
        ("lr_all: {type: float, low: 0.1, high: 1, log: true, step: 0.1}", ["log and step"]),
        ("lr_all: {type: float, low: 0.1, high: 1, step: 0}", ["step=0"]),
        ("lr_all: {type: uniform, low: 1, high: 2}", ["'uniform'", "int, float, categorical"]),
        ("lr_all: {low: 1, high: 2}", ["type=None", "categorical"]),
        ("lr_all: {type: float, low: 1, hi: 2}", ["unknown key hi", "high, log, low, step, type"]),
        ("lr_all: {type: float, low: 1}", ["high missing"]),
        ("lr_all: {type: categorical, choices: []}", ["choices=[]"]),
        ("lr_all: {type: categorical, choices: [1, 1]}", ["twice"]),
        ("lr_all: {type: categorical, choices: [fast]}", ["search.space.lr_all.choices", "'fast'"]),
        ("lr_all: {type: categorical, low: 1}", ["unknown key low"]),
        ("biased: {type: int, low: 0, high: 1}", ["true or false"]),
        ("biased: 1", ["search.space.biased", "true"]),
        ("lr_all: quick", ["search.space.lr_all", "'quick'"]),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named_with_what_is_allowed(entry, said):
    with pytest.raises(ConfigError) as caught:
        parse_space({**EPOCHS, **yaml.safe_load(entry)}, {})

    for words in said:
        assert words in str(caught.value)


def test_wrong_model_parameters_are_named_too():
    with pytest.raises(ConfigError, match=r"model\.params\.learning_rate"):
        parse_space(EPOCHS, {"learning_rate": 1})


def test_a_space_without_epochs_or_without_draws_is_refused():
    with pytest.raises(ConfigError, match="n_epochs is missing"):
        parse_space({"lr_all": {"type": "float", "low": 0.1, "high": 0.2}}, {})
    with pytest.raises(ConfigError, match="draws nothing"):
        parse_space({"lr_all": 0.1}, {"n_epochs": 20})


NAMES = set(inspect.signature(surprise.SVD.__init__).parameters) - {"self", "verbose"}


@given(name=st.sampled_from(sorted(NAMES)))
def test_every_parameter_of_surprise_may_be_searched(name):
    kind = "int" if name in {"n_factors", "n_epochs", "random_state"} else "float"
    entry = {"type": kind, "low": 1, "high": 2}
    if name == "biased":
        entry = {"type": "categorical", "choices": [True, False]}

    assert name in parse_space({**EPOCHS, name: entry}, {}).drawn
