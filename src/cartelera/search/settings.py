"""The settings of one hyperparameter search."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from cartelera.models.registry import find_model
from cartelera.search.measures import MEASURES, Measure


@dataclass(frozen=True, kw_only=True)
class SearchSettings:
    """All that decides how a search goes.

    Attributes:
        study_name: First part of the study's name.
        n_trials: Complete or pruned trials the study ends with.
        objective: `holdout` or `kfold` (rating model).
        n_folds: Number of folds (kfold).
        valid_fraction: Share of the ratings to validate with (holdout).
        valid_fractions: Shares of the ratings to validate with, a split each (ranking model).
        max_users: How many users' lists are measured in a split, at most (ranking model).
        k: Length of their lists.
        relevant_at: Stars from which a validation title is relevant.
        split_method: How the hold-out is split: as train and test were.
        n_last: Ratings of each user to validate with (leave_last_n).
        seed: Seed of the draws and of the validation split.
        sampler: Import path (`_target_`) and arguments of an Optuna sampler.
        pruner: Import path (`_target_`) and arguments of an Optuna pruner.
        space: The search space as data, see `space`.
        model: What is searched, by its name in `models.registry`.
        params: The model's own parameters, where the space is silent.
        scale: Lowest and highest rating, in stars.
        patience: Epochs without a new lowest point after which a fit ends.
        warm_start: Whether the first trials repeat the best of earlier studies of the ratings.
        min_gain: The least gain, in the measure's unit, expected of as many trials again, for
            which a study goes on; 0 never ends it early.
    """

    study_name: str
    n_trials: int
    objective: str
    n_folds: int
    valid_fraction: float
    split_method: str
    n_last: int
    seed: int
    sampler: Mapping[str, Any]
    pruner: Mapping[str, Any]
    space: Mapping[str, Any]
    model: str
    params: Mapping[str, Any]
    scale: tuple[float, float]
    patience: int
    warm_start: bool
    min_gain: float
    valid_fractions: tuple[float, ...] = ()
    max_users: int = 5000
    k: int = 10
    relevant_at: float = 4.0

    @property
    def measure(self) -> Measure:
        """What the trials are compared by."""
        return MEASURES[find_model(self.model).judged_by]
