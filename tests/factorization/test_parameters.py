import inspect
import math

import numpy as np
import pytest
import surprise

from cartelera.errors import ConfigError
from cartelera.factorization.parameters import (
    OWN_PARAMETER_NAMES,
    PARAMETER_NAMES,
    check_params,
)
from cartelera.factorization.svd import SVD


def test_the_names_are_surprises():
    arguments = set(inspect.signature(surprise.SVD.__init__).parameters)
    assert set(PARAMETER_NAMES) == arguments - {"self", "verbose"}


def test_our_own_names_are_those_that_our_class_adds():
    arguments = inspect.signature(SVD.__init__).parameters
    assert set(OWN_PARAMETER_NAMES) == set(arguments) - {"self", "args", "options"}


def test_our_own_parameters_pass():
    for own in ({"exact": True, "n_threads": None}, {"exact": False, "n_threads": 3}):
        assert check_params(own) == own


def test_surprises_defaults_pass_and_come_back_plain():
    arguments = inspect.signature(surprise.SVD.__init__).parameters
    defaults = {name: arguments[name].default for name in PARAMETER_NAMES}
    assert check_params(defaults) == defaults


def test_numpy_numbers_become_plain():
    plain = check_params({"n_factors": np.int64(3), "lr_all": np.float32(0.5), "reg_all": 1})
    assert plain == {"n_factors": 3, "lr_all": 0.5, "reg_all": 1.0}
    assert [type(value) for value in plain.values()] == [int, float, float]


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        ("n_factors", 0, "a whole number from 1"),
        ("n_factors", 20.0, "a whole number from 1"),
        ("n_epochs", True, "a whole number from 1"),
        ("n_epochs", None, "a whole number from 1"),
        ("biased", 1, "true or false"),
        ("exact", 1, "true or false"),
        ("n_threads", 0, "a whole number from 1 or null"),
        ("n_threads", 2.0, "a whole number from 1 or null"),
        ("init_mean", math.inf, "a number"),
        ("init_std_dev", -0.1, "a number from 0"),
        ("lr_all", "0.005", "a number from 0"),
        ("lr_all", math.nan, "a number from 0"),
        ("lr_pu", -1, "a number from 0 or null"),
        ("reg_all", None, "a number from 0"),
        ("random_state", -1, "a whole number from 0 to 4294967295 or null"),
        ("random_state", 2**32, "a whole number from 0 to 4294967295 or null"),
    ],
)
def test_wrong_values_are_refused_with_what_is_allowed(name, value, allowed):
    with pytest.raises(ConfigError, match=rf"{name}={value!r}: allowed is {allowed}\.$"):
        check_params({name: value})
