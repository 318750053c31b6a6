"""Ratings coded once for many fits, and fits that a caller moves on epoch by epoch."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera.factorization.fitting import Validation, require_finite, title_means, validation
from cartelera.factorization.gradient_descent import Descent, Ratings
from cartelera.factorization.parameters import BIASED, check_params
from cartelera.factorization.rating_matrix import RatingMatrix
from cartelera.factorization.svd import SVD


@dataclass(frozen=True, eq=False)
class CodedPart:
    """Ratings to fit on and ratings to validate with, ready for any number of fits.

    What does not depend on the parameters of a fit is computed by the first one and kept: codes,
    titles' means, the ratings in blocks.

    Attributes:
        train: Ratings to fit on.
        valid: Ratings to validate with.
    """

    train: RatingMatrix
    valid: RatingMatrix

    @classmethod
    def of(
        cls, train: pd.DataFrame, valid: pd.DataFrame, *, scale: tuple[float, float]
    ) -> "CodedPart":
        """Code two ratings tables.

        Args:
            train: Ratings to fit on: columns `user_id`, `title_id`, `rating`.
            valid: Ratings to validate with.
            scale: Lowest and highest rating, in stars.

        Raises:
            InputError: If the ratings are wrong.
        """
        matrices = (RatingMatrix.from_frame(ratings, scale=scale) for ratings in (train, valid))
        return cls(*matrices)

    def begin(self, params: Mapping[str, Any]) -> "RunningFit":
        """Set up a fit of this project's SVD; no epoch has run yet.

        Args:
            params: See `models.registry.fit_factors`; `n_epochs` means nothing here.

        Raises:
            ConfigError: If a parameter is unknown or its value is wrong.
        """
        checked = check_params(params)
        descent = SVD(**checked).descent(self._ratings)
        return RunningFit(
            descent, len(self.train.values), self._validation(checked.get(BIASED, True))
        )

    def _validation(self, biased: bool) -> Validation:
        return validation(self.train, self.valid, self._codes, self._title_means, biased=biased)

    @cached_property
    def _ratings(self) -> Ratings:
        return Ratings.of(self.train)

    @cached_property
    def _codes(self) -> tuple[NDArray[np.int32], NDArray[np.int32]]:
        return self.valid.codes_in(self.train)

    @cached_property
    def _title_means(self) -> NDArray[np.float32]:
        return title_means(self.train)


class RunningFit:
    """A fit under way.

    Args:
        descent: What runs the epochs.
        n_ratings: How many ratings it learns from.
        validation: What it is measured with.
    """

    def __init__(self, descent: Descent, n_ratings: int, validation: Validation):
        self._descent = descent
        self._n_ratings = n_ratings
        self._validation = validation
        self._epoch = 0

    def advance(self) -> float:
        """Run one more epoch; give the validation RMSE after it, in stars.

        That is the `valid_rmse` which `models.registry.fit_factors` reports for the same epoch.

        Raises:
            DivergedError: If the fit has left the finite numbers.
        """
        self._epoch += 1
        train_rmse = float(np.sqrt(self._descent.epoch() / self._n_ratings))
        require_finite(self._epoch, train_rmse)
        valid_rmse = self._validation.rmse(self._descent)
        require_finite(self._epoch, valid_rmse)
        return valid_rmse
