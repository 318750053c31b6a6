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
    draws = [
        build_sampler({"_target_": "optuna.samplers.RandomSampler"}, *seeds)._rng.rng.random()
        for seeds in ((1, 0), (1, 0), (2, 0), (1, 1))
    ]

    assert isinstance(
        build_sampler({"_target_": "optuna.samplers.RandomSampler"}, 0), RandomSampler
    )
    assert draws[0] == draws[1]
    assert len(set(draws)) == 3


def test_all_trials_go_through_a_grid_in_the_same_order():
    settings = {
        "_target_": "optuna.samplers.GridSampler",
        "search_space": {"n_factors": [*"abcdef"]},
    }
    orders = [build_sampler(settings, *seeds)._all_grids for seeds in ((1, 0), (1, 7), (2, 0))]

    assert orders[0] == orders[1] != orders[2]


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
        ({"_target_": "optuna.samplers.nsgaii"}, "not a BaseSampler"),
        ({"_target_": "optuna.samplers.TPESampler", "colour": 1}, "colour"),
        (
            {
                "_target_": "optuna.samplers.QMCSampler",
                "independent_sampler": {"_target_": "optuna.samplers.RandomSampler", "seed": 1},
            },
            r"independent_sampler\.seed .*search\.seed",
        ),
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
