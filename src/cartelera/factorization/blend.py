"""Several models as one: the average of their scores is again a matrix factorisation."""

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from cartelera.factorization.factors import Factors

PARAMS: Final = "params"
MEMBERS: Final = "members"

_N_FACTORS: Final = "n_factors"
_SHARED = ("user_ids", "title_ids", "title_means", "scale", "biased")


def blend(models: Sequence[Factors]) -> Factors:
    """Average models that were fitted to the same ratings.

    The mean of M scores `mu + b_u + b_i + q_i . p_u` is a score of the same form: the means of mu,
    b_u and b_i, and the factors of all side by side, those of users and of titles each divided by
    sqrt(M), so that their product is divided by M. What is averaged is not clipped; the average is.
    Averaging takes away what the models' random starts and parameters differ in (Breiman, Bagging
    predictors, 1996, section 4).

    A newcomer is folded in as into any other model, by one ridge regression on all the factors with
    constants of the blend as a whole (`newcomers.choose_fold_in`). Ridge regression is a kernel
    method, its kernel of two titles being `1 / reg_bu + q_i . q_j / reg_pu` (Murphy, Machine
    Learning, 2012, section 14.4.3); with factors divided by sqrt(M) a blend's kernel is the mean of
    its members' with the same constants. So these mean the same for one model and for many, and a
    blend of equal members folds in as one of them does.

    Args:
        models: At least one, none of them a blend, with the same users, titles, fallback means,
            scale and kind. The `params` in their cards go into the blend's card; constants for
            newcomers do not.

    Raises:
        ValueError: If the models do not belong together.
    """
    _check(models)
    first, root = models[0], np.sqrt(len(models))

    # Factors side by side, divided by the root of n, multiply to the mean of the products.
    return Factors(
        global_mean=float(np.mean([model.global_mean for model in models])),
        user_bias=_mean([model.user_bias for model in models]),
        title_bias=_mean([model.title_bias for model in models]),
        user_factors=_side_by_side([model.user_factors for model in models], root),
        title_factors=_side_by_side([model.title_factors for model in models], root),
        user_ids=first.user_ids,
        title_ids=first.title_ids,
        title_means=first.title_means,
        scale=first.scale,
        biased=first.biased,
        card={
            MEMBERS: [
                {_N_FACTORS: model.user_factors.shape[1], PARAMS: dict(model.card.get(PARAMS, {}))}
                for model in models
            ]
        },
    )


def _check(models: Sequence[Factors]) -> None:
    if not models:
        raise ValueError("there are no models to blend")
    if any(MEMBERS in model.card for model in models):
        raise ValueError("one of the models is a blend already: blend its members with the others")
    for model in models[1:]:
        for name in _SHARED:
            if not np.array_equal(getattr(model, name), getattr(models[0], name)):
                raise ValueError(f"the models differ in {name}: blend models of the same ratings")


def _mean(arrays: Sequence[NDArray[np.float32]]) -> NDArray[np.float32]:
    return np.stack(arrays).mean(axis=0, dtype=np.float64).astype(np.float32)


def _side_by_side(arrays: Sequence[NDArray[np.float32]], root: float) -> NDArray[np.float32]:
    return (np.concatenate(arrays, axis=1) / root).astype(np.float32)
