"""The models there are: what each is called, takes, is fitted by and judged by.

A new model is a module that fits it and an entry here; with a search space in `conf/search` it is
searched, and `tests/model` holds it to the contract of its kind.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.errors import ConfigError
from cartelera.factorization.fitting import Fitted
from cartelera.factorization.parameters import OWN_PARAMETER_NAMES, PARAMETER_NAMES, check_params
from cartelera.factorization.parts import CodedPart
from cartelera.factorization.svd import fit_surprise_svd, fit_svd
from cartelera.models.model_parameters import N_EPOCHS, ModelParameters
from cartelera.ranking.fitting import fit_for_search
from cartelera.ranking.histories import Histories
from cartelera.ranking.parameters import RankingParams
from cartelera.ranking.ranker import Ranker


class StepwiseFit(Protocol):
    """A fit under way."""

    def advance(self) -> float:
        """Run one more epoch; return the validation RMSE after it, in stars."""
        ...


class CodedRatings(Protocol):
    """Ratings to fit on and to validate with, ready for any number of fits."""

    def begin(self, params: Mapping[str, Any]) -> StepwiseFit:
        """Set up a fit; no epoch has run yet."""
        ...


class FitStars(Protocol):
    """Fits a model that predicts stars."""

    def __call__(
        self,
        train: pd.DataFrame,
        params: Mapping[str, Any],
        *,
        scale: tuple[float, float],
        valid: pd.DataFrame | None = None,
        on_epoch: Callable[[int, float], bool] | None = None,
    ) -> Fitted:
        """See `fit_factors`."""
        ...


class CodeRatings(Protocol):
    """Codes ratings once for many fits."""

    def __call__(
        self, train: pd.DataFrame, valid: pd.DataFrame, *, scale: tuple[float, float]
    ) -> CodedRatings:
        """Code ratings to fit on and to validate with."""
        ...


@dataclass(frozen=True, kw_only=True)
class RegisteredModel:
    """What is common to all models.

    Attributes:
        name: What configuration, recipes and runs call it.
        parameters: What it takes.
        judged_by: The column of what trials are compared by, such as `valid_rmse`.
        step: What a step of a trial's curve is: `epoch` where a fit shows its epochs.
    """

    name: str
    parameters: ModelParameters
    judged_by: str
    step: str


@dataclass(frozen=True, kw_only=True)
class StarModel(RegisteredModel):
    """Predicts stars.

    Attributes:
        fit: Fits it.
        code: Codes ratings for fits that show their epochs; None if no fit does.
    """

    judged_by: str = c.VALID_RMSE
    fit: FitStars
    code: CodeRatings | None = None


@dataclass(frozen=True, kw_only=True)
class KnownPoint:
    """Parameters at which a model is another one that is known to be good.

    Attributes:
        params: By name.
        tuned: The parameter that this other model is tuned by.
        upper: Whether its good values are large ones.
    """

    params: Mapping[str, float]
    tuned: str
    upper: bool


@dataclass(frozen=True, kw_only=True)
class ListModel(RegisteredModel):
    """Orders lists.

    Attributes:
        fit: Gets histories, the titles their codes are of, and parameters; fits it.
        starts: Where the first trials of a search are, as nearly as its space allows.
    """

    judged_by: str = c.VALID_NDCG
    fit: Callable[[Histories, NDArray[np.object_], Mapping[str, Any]], Ranker]
    starts: tuple[KnownPoint, ...] = ()


def _check_ranking(params: Mapping[str, Any]) -> Mapping[str, Any]:
    checked = RankingParams.from_mapping(params).to_mapping()
    return {name: checked[name] for name in params}


SVD_PARAMETERS: Final = ModelParameters(
    owner="Surprise's SVD",
    space="search.space",
    params="model.params",
    names=PARAMETER_NAMES,
    not_searched=OWN_PARAMETER_NAMES,
    whole=frozenset({"n_factors", N_EPOCHS, "random_state"}),
    flags=frozenset({"biased"}),
    seeds=frozenset({"random_state"}),
    has_epochs=True,
    check=check_params,
)

RANKING_PARAMETERS: Final = ModelParameters(
    owner="the ranking model",
    space="search.ranking.space",
    params="ranking.params",
    names=tuple(one.name for one in fields(RankingParams)),
    not_searched=(),
    whole=frozenset({"n_factors", "seed"}),
    flags=frozenset(),
    seeds=frozenset({"seed"}),
    has_epochs=False,
    check=_check_ranking,
)

_EASE: Final = KnownPoint(
    params={
        "n_factors": np.inf,
        "reg_count": 0.0,
        "user_norm": 0.0,
        "leave_one_out": 1.0,
        "popularity_damping": 0.0,
    },
    tuned="reg",
    upper=True,
)
"""At full rank, with these parameters, the ranking model is EASE (`docs/ranking.md`)."""

_PURE_SVD: Final = KnownPoint(
    params={
        "reg": 0.0,
        "reg_count": 0.0,
        "user_norm": 0.0,
        "leave_one_out": 0.0,
        "popularity_damping": 0.0,
    },
    tuned="n_factors",
    upper=False,
)
"""With hardly any regularisation, and titles that explain themselves, it is PureSVD."""

RANKING: Final = "ranking"
"""Name of the ranking model that ships beside the rating model."""

MODELS: Final[Mapping[str, StarModel | ListModel]] = {
    model.name: model
    for model in (
        StarModel(
            name="svd", parameters=SVD_PARAMETERS, step=c.EPOCH, fit=fit_svd, code=CodedPart.of
        ),
        StarModel(
            name="surprise_svd", parameters=SVD_PARAMETERS, step="fold", fit=fit_surprise_svd
        ),
        ListModel(
            name=RANKING,
            parameters=RANKING_PARAMETERS,
            step="split",
            fit=fit_for_search,
            starts=(_EASE, _PURE_SVD),
        ),
    )
}
"""All models by name."""


def find_model(name: str) -> StarModel | ListModel:
    """Return a model by its name.

    Raises:
        ConfigError: If there is none.
    """
    if name not in MODELS:
        raise ConfigError(f"unknown model {name}: allowed are {', '.join(MODELS)}.")
    return MODELS[name]


def fit_factors(
    name: str,
    train: pd.DataFrame,
    params: Mapping[str, Any],
    *,
    scale: tuple[float, float],
    valid: pd.DataFrame | None = None,
    on_epoch: Callable[[int, float], bool] | None = None,
) -> Fitted:
    """Fit a model of stars and export it.

    Args:
        name: Such as `svd`, this project's implementation, or `surprise_svd`, Surprise's own. With
            the parameter `exact` the first gives the model of the second.
        train: Ratings to learn from: columns `user_id`, `title_id`, `rating`.
        params: By name (`RegisteredModel.parameters`).
        scale: Lowest and highest rating, in stars.
        valid: Ratings to validate with after each epoch.
        on_epoch: Called with the epoch, from 1, and `valid_rmse` (NaN without `valid`); True ends
            the fit after this epoch. `surprise_svd` calls it once, at its end.

    Raises:
        ConfigError: If the name or a parameter is unknown, or a parameter's value is wrong.
        InputError: If the ratings are.
        DivergedError: If the fit leaves the finite numbers.

    Examples:
        >>> ratings = pd.DataFrame(
        ...     {"user_id": [1, 1, 2], "title_id": ["as1", "as2", "as1"], "rating": [5.0, 3.0, 4.0]}
        ... )
        >>> params = {"n_factors": 2, "n_epochs": 3, "random_state": 0}
        >>> fitted = fit_factors("svd", ratings, params, scale=(0.5, 5.0))
        >>> fitted.curve["epoch"].tolist(), fitted.factors.title_ids.tolist()
        ([1, 2, 3], ['as1', 'as2'])
    """
    model = find_model(name)
    if not isinstance(model, StarModel):
        raise ConfigError(f"model {name} predicts no stars.")
    return model.fit(train, params, scale=scale, valid=valid, on_epoch=on_epoch)
