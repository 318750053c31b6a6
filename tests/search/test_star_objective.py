from functools import partial

import numpy as np
import optuna
import pandas as pd
import pytest

from cartelera.errors import InputError
from cartelera.factorization.parts import CodedPart
from cartelera.models.registry import SVD_PARAMETERS, find_model
from cartelera.search import space as spaces
from cartelera.search.fits import EpochFits, Part, WholeFits, folds, hold_out
from cartelera.search.star_objective import Objective

parse_space = partial(spaces.parse_space, known=SVD_PARAMETERS)

EMPTY = CodedPart(None, None)


def objective(space, *, n_parts=1, model="svd", patience=99):
    return Objective(
        fits=(
            EpochFits([EMPTY] * n_parts)
            if model == "svd"
            else WholeFits(
                find_model(model).fit, [Part(pd.DataFrame(), pd.DataFrame())] * n_parts, (0.5, 5.0)
            )
        ),
        space=parse_space(space, {"n_factors": 4, "lr_all": 0.01}),
        patience=patience,
    )


def ask(**fixed):
    study = optuna.create_study(pruner=optuna.pruners.NopPruner())
    study.enqueue_trial(fixed)
    return study.ask()


# The stand-in's valley is lowest at epoch 2 + n_factors % 9 = 6, at 0.8 for lr_all = 0.01.
REG = {"reg_all": {"type": "float", "low": 0, "high": 1}}


def test_too_few_ratings_to_validate_with_are_refused_with_the_setting_to_change(ratings):
    with pytest.raises(InputError, match=r"3 ratings .* search\.n_folds=4"):
        folds(ratings[:3], n_folds=4, seed=0)
    with pytest.raises(InputError, match=r"search\.valid_fraction .* leaves none"):
        hold_out(ratings[:1], method="random", valid_fraction=0.2, n_last=1, seed=0)
    assert len(folds(ratings[:4], n_folds=4, seed=0)) == 4


@pytest.mark.parametrize(
    ("epochs", "best", "value"),
    [
        ({"type": "int", "low": 1, "high": 10}, 6, 0.8),
        ({"type": "int", "low": 8, "high": 10}, 8, 0.82),
        ({"type": "int", "low": 1, "high": 4}, 4, 0.82),
        ({"type": "int", "low": 1, "high": 10, "step": 4}, 5, 0.81),
        ({"type": "categorical", "choices": [9, 2]}, 9, 0.83),
        (7, 7, 0.81),
    ],
)
def test_the_best_epoch_is_read_off_one_fit(fit, epochs, best, value):
    running = ask(reg_all=0.1)

    assert objective({**REG, "n_epochs": epochs})(running) == pytest.approx(value)

    assert running.user_attrs["best_epoch"] == best
    assert "n_epochs" not in running.params
    assert len(fit.calls) == 1


def test_a_fit_ends_when_its_patience_does(fit):
    space = {**REG, "n_epochs": {"type": "int", "low": 1, "high": 50}}

    objective(space, patience=3)(ask(reg_all=0.1))

    assert fit.calls[0]["n_epochs"] == 50
    assert fit.n_epochs == 9, "three epochs after the lowest point, 6"


def test_folds_advance_together_and_give_their_mean_curve(fit, monkeypatch):
    running = ask(reg_all=0.1)
    space = {**REG, "n_epochs": {"type": "int", "low": 1, "high": 7}}
    heights = iter([lambda epoch: 1 - epoch / 10, lambda epoch: 0.9 + epoch / 30])
    monkeypatch.setattr(fit, "valley", lambda _params: next(heights))

    value = objective(space, n_parts=2)(running)

    assert value == pytest.approx((0.3 + 0.9 + 7 / 30) / 2)
    curve = running.study.trials[0].intermediate_values
    assert list(curve) == list(range(1, 8))
    assert curve[1] == pytest.approx((0.9 + 0.9 + 1 / 30) / 2)


def test_a_pruned_trial_stops_in_all_folds_at_the_same_epoch(fit):
    study = optuna.create_study(pruner=optuna.pruners.ThresholdPruner(upper=0.81, n_warmup_steps=8))
    space = {**REG, "n_epochs": {"type": "int", "low": 1, "high": 50}}

    study.optimize(objective(space, n_parts=3), n_trials=1)

    assert study.trials[0].state == optuna.trial.TrialState.PRUNED
    assert fit.n_epochs == 3 * 8


def test_without_a_curve_epochs_are_drawn_like_the_rest(fit):
    running = ask(reg_all=0.1, n_epochs=5)
    space = {**REG, "n_epochs": {"type": "int", "low": 1, "high": 50}}

    value = objective(space, n_parts=3, model="surprise_svd")(running)

    assert value == pytest.approx(0.81)
    assert running.params["n_epochs"] == 5
    assert running.user_attrs["best_epoch"] == 5
    assert list(running.study.trials[0].intermediate_values) == [1, 2, 3]


def test_parameters_that_are_not_drawn_are_kept_with_the_trial(fit):
    space = {**REG, "n_epochs": {"type": "int", "low": 1, "high": 9}, "biased": True}
    running = ask(reg_all=0.1)

    objective(space)(running)

    assert running.params == {"reg_all": 0.1}
    assert running.user_attrs["params"] == {
        "n_factors": 4, "lr_all": 0.01, "reg_all": 0.1, "n_epochs": 9, "biased": True,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("n_threads", "n_parts", "each"), [(1, 3, 1), (4, 1, 4), (4, 2, 2), (5, 2, 2), (2, 3, 1)]
)
def test_threads_are_shared_out_among_the_folds(fit, n_threads, n_parts, each):
    space = {**REG, "n_epochs": 3, "n_threads": n_threads}

    objective(space, n_parts=n_parts)(ask(reg_all=0.1))

    assert [call["n_threads"] for call in fit.calls] == [each] * n_parts


def test_a_fit_that_diverges_is_pruned(fit):
    space = {"lr_all": {"type": "float", "low": 2, "high": 3}, "n_epochs": 5}

    with pytest.raises(optuna.TrialPruned, match="too fast"):
        objective(space)(ask(lr_all=2.5))


def test_the_pruner_is_asked_after_each_epoch(fit):
    study = optuna.create_study(pruner=optuna.pruners.ThresholdPruner(upper=0.81, n_warmup_steps=8))
    study.enqueue_trial({"reg_all": 0.1})
    space = {**REG, "n_epochs": {"type": "int", "low": 1, "high": 50}}

    study.optimize(objective(space), n_trials=1)

    assert study.trials[0].state == optuna.trial.TrialState.PRUNED
    assert study.trials[0].last_step == 8, "0.82 at epoch 8 is the first above after the warm-up"


def test_each_rating_validates_once_and_folds_are_even(ratings):
    parts = folds(ratings, n_folds=3, seed=1)

    validated = np.sort(np.concatenate([part.valid.index for part in parts]))
    assert validated.tolist() == ratings.index.tolist()
    assert {len(part.valid) for part in parts} == {200}
    for part in parts:
        assert not part.train.index.intersection(part.valid.index).size
    again = folds(ratings, n_folds=3, seed=1)
    assert all(a.valid.equals(b.valid) for a, b in zip(parts, again, strict=True))


def test_the_hold_out_is_parted_as_train_and_test_were(ratings):
    part = hold_out(ratings, method="leave_last_n", valid_fraction=0.1, n_last=2, seed=0)

    assert (part.valid.groupby("user_id").size() == 2).all()
    assert len(part.train) + len(part.valid) == len(ratings)
