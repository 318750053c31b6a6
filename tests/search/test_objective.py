import numpy as np
import optuna
import pandas as pd
import pytest

from cartelera.search.objective import Objective, Part, folds, hold_out
from cartelera.search.space import parse_space

EMPTY = Part(pd.DataFrame(), pd.DataFrame())


def objective(space, *, n_parts=1, model="svd", patience=99, seen=None):
    return Objective(
        parts=[EMPTY] * n_parts,
        space=parse_space(space, {"n_factors": 4, "lr_all": 0.01}),
        model=model,
        scale=(0.5, 5.0),
        patience=patience,
        on_epoch=lambda step, rmse: None if seen is None else seen.append((step, round(rmse, 4))),
    )


def trial(**params):
    return optuna.trial.FixedTrial(params)


def ask(**fixed):
    study = optuna.create_study(pruner=optuna.pruners.NopPruner())
    study.enqueue_trial(fixed)
    return study.ask()


# The stand-in's valley is lowest at epoch 2 + n_factors % 9 = 6, at 0.8 for lr_all = 0.01.
REG = {"reg_all": {"type": "float", "low": 0, "high": 1}}


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

    assert running.user_attrs == {"best_epoch": best}
    assert "n_epochs" not in running.params
    assert len(fit.calls) == 1


def test_a_fit_ends_when_its_patience_does(fit):
    space = {**REG, "n_epochs": {"type": "int", "low": 1, "high": 50}}

    objective(space, patience=3)(ask(reg_all=0.1))

    assert fit.calls[0]["n_epochs"] == 50
    assert fit.epochs == [9], "three epochs after the lowest point, 6"


def test_folds_give_their_mean_curve_and_count_steps_on(fit):
    seen = []
    space = {**REG, "n_epochs": {"type": "int", "low": 1, "high": 7}}

    value = objective(space, n_parts=2, seen=seen)(ask(reg_all=0.1))

    assert value == pytest.approx(0.8)
    assert [step for step, _ in seen] == list(range(1, 15))
    assert seen[0] == (1, 0.85)


def test_without_a_curve_epochs_are_drawn_like_the_rest(fit):
    seen = []
    running = ask(reg_all=0.1, n_epochs=5)
    space = {**REG, "n_epochs": {"type": "int", "low": 1, "high": 50}}

    value = objective(space, n_parts=3, model="surprise_svd", seen=seen)(running)

    assert value == pytest.approx(0.81)
    assert running.params["n_epochs"] == 5
    assert running.user_attrs == {"best_epoch": 5}
    assert [step for step, _ in seen] == [1, 2, 3]


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
