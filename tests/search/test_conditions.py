from functools import partial

import optuna
import pytest
import yaml

from cartelera.errors import ConfigError
from cartelera.models.registry import SVD_PARAMETERS
from cartelera.search import space as spaces

parse_space = partial(spaces.parse_space, known=SVD_PARAMETERS)

BASE = """
n_epochs: {type: int, low: 1, high: 9}
biased: {type: categorical, choices: [true, false]}
n_factors: {type: int, low: 2, high: 8}
init_mean: 0
"""


def space(extra, params=None):
    return parse_space(yaml.safe_load(BASE) | yaml.safe_load(extra), params or {})


def drawn(parsed, **fixed):
    study = optuna.create_study()
    study.enqueue_trial(fixed)
    trial = study.ask()
    return parsed.draw(trial, without="n_epochs"), trial.params


RATE = "lr_bu: {type: float, low: 0.1, high: 0.2, when: {biased: [true]}}"


def test_a_parameter_is_drawn_only_under_its_condition():
    values, params = drawn(space(RATE), biased=True, lr_bu=0.15)
    assert (values["lr_bu"], params["lr_bu"]) == (0.15, 0.15)

    values, params = drawn(space(RATE), biased=False)
    assert "lr_bu" not in values
    assert "lr_bu" not in params


def test_otherwise_it_is_what_the_model_says():
    parsed = space(RATE, {"lr_bu": 0.5})

    values, params = drawn(parsed, biased=False)

    assert values["lr_bu"] == 0.5
    assert "lr_bu" not in params
    assert drawn(parsed, biased=True, lr_bu=0.15)[0]["lr_bu"] == 0.15


def test_conditions_may_depend_on_conditional_parameters_in_any_order():
    parsed = space(
        """
        lr_bi: {type: float, low: 0.1, high: 0.2, when: {reg_bi: [0.5]}}
        reg_bi: {type: categorical, choices: [0, 0.5], when: {biased: [true]}}
        """
    )

    assert list(parsed.drawn)[-2:] == ["reg_bi", "lr_bi"]
    assert "lr_bi" in drawn(parsed, biased=True, reg_bi=0.5)[0]
    assert "lr_bi" not in drawn(parsed, biased=True, reg_bi=0)[0]
    assert "lr_bi" not in drawn(parsed, biased=False)[0]


def test_all_conditions_must_hold():
    parsed = space("lr_bu: {type: float, low: 0, high: 1, when: {biased: [true], init_mean: [0]}}")

    assert "lr_bu" in drawn(parsed, biased=True)[0]
    assert "lr_bu" not in drawn(parsed, biased=False)[0]


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("{biassed: [true]}", ["when.biassed", "unknown model parameter"]),
        ("{reg_bi: [0.1]}", ["when.reg_bi", "fixed or a categorical", "biased, init_mean"]),
        ("{n_factors: [4]}", ["when.n_factors", "fixed or a categorical"]),
        ("{n_epochs: [4]}", ["when.n_epochs", "fixed or a categorical"]),
        ("{biased: true}", ["when.biased=True", "list"]),
        ("{biased: []}", ["when.biased=[]", "list"]),
        ("{biased: [1]}", ["when.biased", "true or false"]),
        ("{init_mean: [0.5]}", ["when.init_mean", "never 0.5", "allowed are 0"]),
        ("{}", ["when={}", "{biased: [true]}"]),
        ("[biased]", ["when=['biased']", "{biased: [true]}"]),
        ("biased", ["when='biased'", "{biased: [true]}"]),
        ("{lr_bu: [0.1]}", ["when.lr_bu", "fixed or a categorical"]),
        ("{[1]: [0.1]}", ["search.space.lr_bu"]),
    ],
)
def test_a_wrong_condition_is_refused_with_what_is_allowed(when, said):
    if when.startswith("{["):
        entry = {"lr_bu": {"type": "float", "low": 0, "high": 1, "when": {(1,): [0.1]}}}
    else:
        entry = yaml.safe_load(f"lr_bu: {{type: float, low: 0, high: 1, when: {when}}}")

    with pytest.raises(ConfigError) as caught:
        parse_space(yaml.safe_load(BASE) | entry, {})

    for words in said:
        assert words in str(caught.value)


def test_conditions_in_a_circle_are_refused():
    with pytest.raises(ConfigError, match="lr_bu, lr_bi go in a circle"):
        space(
            """
            lr_bu: {type: categorical, choices: [0.1, 0.2], when: {lr_bi: [0.1]}}
            lr_bi: {type: categorical, choices: [0.1, 0.2], when: {lr_bu: [0.1]}}
            """
        )


def test_epochs_are_needed_in_every_trial():
    with pytest.raises(ConfigError, match="n_epochs is needed in every trial"):
        space("n_epochs: {type: int, low: 1, high: 2, when: {biased: [true]}}")
