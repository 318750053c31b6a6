import pytest
from optuna.pruners import MedianPruner, PatientPruner
from optuna.samplers import RandomSampler, TPESampler

from cartelera.errors import ConfigError
from cartelera.search.components import build_pruner, build_sampler, draw_seed


def test_samplers_and_pruners_by_import_path():
    sampler = build_sampler(
        {"_target_": "optuna.samplers.TPESampler", "multivariate": True}, seed=1
    )
    nested = {
        "_target_": "optuna.pruners.PatientPruner",
        "patience": 3,
        "wrapped_pruner": {"_target_": "optuna.pruners.MedianPruner", "n_warmup_steps": 2},
    }

    assert isinstance(sampler, TPESampler)
    assert isinstance(build_pruner(nested), PatientPruner)
    assert isinstance(build_pruner({"_target_": "optuna.pruners.MedianPruner"}), MedianPruner)


def test_the_seed_is_passed_on():
    draws = {
        build_sampler({"_target_": "optuna.samplers.RandomSampler"}, seed)._rng.rng.random()
        for seed in (1, 1, 2)
    }

    assert isinstance(
        build_sampler({"_target_": "optuna.samplers.RandomSampler"}, 0), RandomSampler
    )
    assert len(draws) == 2


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"_target_": "os.system"}, "inside Optuna"),
        ({"_target_": "optunas.samplers.X"}, "inside Optuna"),
        ({}, "inside Optuna"),
        ({"_target_": "optuna.samplers.Magic"}, "nothing of that name"),
        ({"_target_": "optuna.nowhere.Magic"}, "nothing of that name"),
        ({"_target_": "optuna.pruners.MedianPruner"}, "not a BaseSampler"),
        ({"_target_": "optuna.create_study"}, "not a BaseSampler"),
        ({"_target_": "optuna.samplers.TPESampler", "colour": 1}, "colour"),
        ({"_target_": "optuna.samplers.TPESampler", "seed": 1}, "search.seed"),
    ],
)
def test_a_wrong_sampler_is_refused(settings, said):
    with pytest.raises(ConfigError, match=said):
        build_sampler(settings, seed=0)


def test_seeds_of_draws_differ_by_trial_and_by_seed_alone():
    seeds = [draw_seed(seed, number) for seed in range(5) for number in range(5)]

    assert len(set(seeds)) == 25
    assert draw_seed(3, 4) == draw_seed(3, 4)
