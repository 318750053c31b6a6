"""Rankers of other libraries, each used as its manual says."""

import warnings
from typing import Any

import numpy as np
from scipy.sparse import csr_matrix

from cartelera.ranking.histories import Histories
from list_contenders import FACTORS
from list_ease import dual_ease
from list_rankers import STARS, ByFactors, ByWeights, Entry, Ids, Params, number, weighted


def fit_als(histories: Histories, title_ids: Ids, params: Params) -> ByFactors:
    """Fit implicit's ALS (Hu, Koren and Volinsky, ICDM 2008); confidence is a rating's weight."""
    from implicit.als import AlternatingLeastSquares

    model = AlternatingLeastSquares(
        factors=params["n_factors"],
        regularization=params["regularization"],
        alpha=params["alpha"],
        iterations=params["iterations"],
        use_gpu=False,
        random_state=0,
    )
    return _by_implicit(model, histories, title_ids, params["rating_weight"])


def fit_bpr(histories: Histories, title_ids: Ids, params: Params) -> ByFactors:
    """Fit implicit's BPR (Rendle et al., UAI 2009): every rating that weighs anything is one."""
    from implicit.bpr import BayesianPersonalizedRanking

    model = BayesianPersonalizedRanking(
        factors=params["n_factors"],
        learning_rate=params["learning_rate"],
        regularization=params["regularization"],
        iterations=params["iterations"],
        use_gpu=False,
        random_state=0,
    )
    return _by_implicit(model, histories, title_ids, params["rating_weight"])


def _by_implicit(
    model: Any, histories: Histories, title_ids: Ids, rating_weight: float
) -> ByFactors:
    from threadpoolctl import threadpool_limits

    x = weighted(histories, len(title_ids), rating_weight)
    x.eliminate_zeros()
    with warnings.catch_warnings(), threadpool_limits(1, "blas"):  # as implicit asks for
        warnings.simplefilter("ignore")
        model.fit(x, show_progress=False)
    return ByFactors(title_ids, histories.user_ids, model.user_factors, model.item_factors)


def fit_cornac_ease(histories: Histories, title_ids: Ids, params: Params) -> ByWeights:
    """Fit Cornac's EASE, which can leave out negative weights."""
    from cornac.models import EASE

    model = EASE(lamb=params["reg"], posB=params["only_positive"], verbose=False)
    model.fit(_dataset(histories, title_ids, params["rating_weight"]))
    return ByWeights(title_ids, model.B, params["rating_weight"])


def quick_cornac_ease(histories: Histories, title_ids: Ids, params: Params) -> ByWeights:
    """Fit what Cornac's EASE does by the dual."""
    weights = dual_ease(histories, title_ids, params).weights()
    if params["only_positive"]:
        weights[weights < 0] = 0
    return ByWeights(title_ids, weights, params["rating_weight"])


def fit_bivae(histories: Histories, title_ids: Ids, params: Params) -> ByFactors:
    """Fit Cornac's BiVAE (Truong, Salah and Lauw, WSDM 2021), Poisson likelihood as there."""
    import torch
    from cornac.models import BiVAECF

    torch.set_num_threads(1)  # batches are small: two threads were 50 times slower than one
    model = BiVAECF(
        k=params["n_factors"],
        encoder_structure=[params["n_hidden"]],
        act_fn="tanh",
        likelihood="pois",
        n_epochs=params["n_epochs"],
        batch_size=128,
        learning_rate=params["learning_rate"],
        beta_kl=params["beta_kl"],
        seed=0,
        use_gpu=False,
    )
    model.fit(_dataset(histories, title_ids, params["rating_weight"]))
    users, titles = (
        one.detach().cpu().numpy() for one in (model.bivae.mu_theta, model.bivae.mu_beta)
    )
    return ByFactors(title_ids, histories.user_ids, users, titles)


def _dataset(histories: Histories, title_ids: Ids, rating_weight: float) -> Any:
    """Return Cornac's data set of the ratings that weigh anything, with the codes as they are."""
    from cornac.data import Dataset

    x: csr_matrix = weighted(histories, len(title_ids), rating_weight)
    return Dataset(
        num_users=x.shape[0],
        num_items=x.shape[1],
        uid_map={user: user for user in range(x.shape[0])},
        iid_map={title: title for title in range(x.shape[1])},
        uir_tuple=(
            np.repeat(np.arange(x.shape[0]), np.diff(x.indptr)),
            x.indices.astype(np.int64),
            x.data.astype(np.float64),
        ),
        seed=0,
    )


PEERS = {
    "implicit ALS": Entry(
        fit_als,
        {
            **FACTORS,
            "regularization": number(1e-3, 1e2, log=True),
            "alpha": number(0.1, 1e2, log=True),
            "iterations": number(5, 40),
            **STARS,
        },
        ("implicit",),
    ),
    "implicit BPR": Entry(
        fit_bpr,
        {
            **FACTORS,
            "learning_rate": number(1e-3, 0.3, log=True),
            "regularization": number(1e-4, 0.3, log=True),
            "iterations": number(20, 400, log=True),
            **STARS,
        },
        ("implicit",),
    ),
    "Cornac EASE": Entry(
        fit_cornac_ease,
        {
            "reg": number(1.0, 1e4, log=True),
            "only_positive": {"type": "categorical", "choices": [True, False]},
            **STARS,
        },
        ("cornac",),
        quick_fit=quick_cornac_ease,
        most_titles=12_000,
    ),
    "Cornac BiVAE": Entry(
        fit_bivae,
        {
            "n_factors": number(8, 64, log=True),
            "n_hidden": number(16, 128, log=True),
            "n_epochs": number(20, 120, log=True),
            "learning_rate": number(5e-4, 1e-2, log=True),
            "beta_kl": number(1e-2, 2.0, log=True),
            **STARS,
        },
        ("cornac", "torch"),
        most_titles=4_000,
        most_trials=12,
    ),
}
