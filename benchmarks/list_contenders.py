"""Rankers that are measured against each other, each with the space it is tuned in.

Where a paper counts what was watched, here everybody may weigh it by the stars (`rating_weight`),
as our ranking model does: otherwise the comparison would be one of data, not of models. All but
ours list for the users they were fitted to.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.linalg import svds

from cartelera.evaluation.list_baselines import Popularity, star_weights
from cartelera.models.registry import find_model
from cartelera.ranking.fitting import fit_without_content
from cartelera.ranking.histories import Histories
from cartelera.ranking.model import RankingModel
from cartelera.ranking.parameters import RankingParams
from cartelera.ranking.ranker import Ranker
from cartelera.search.first_trials import start_draws
from cartelera.search.space import parse_space
from list_ease import dual_ease, fit_ease
from list_rankers import STARS, ByFactors, ByWeights, Entry, Ids, Params, number, weighted

FEW_SINGULAR = 1500
"""Up to so many rows or columns all singular vectors are computed, exactly."""


def fit_popularity(histories: Histories, title_ids: Ids, params: Params) -> Ranker:
    """Count ratings, weighted by stars."""
    values = star_weights(histories.values, params["rating_weight"])
    return Popularity(title_ids, np.bincount(histories.codes, values, len(title_ids)))


def fit_pure_svd(histories: Histories, title_ids: Ids, params: Params) -> ByWeights | ByFactors:
    """Fit PureSVD (Cremonesi, Koren and Turrin, RecSys 2010): the truncated SVD, nothing else."""
    x = weighted(histories, len(title_ids), params["rating_weight"])
    rank = min(params["n_factors"], min(x.shape) - 1)
    if min(x.shape) <= FEW_SINGULAR:
        values, left = np.linalg.eigh((x @ x.T if x.shape[0] <= x.shape[1] else x.T @ x).toarray())
        left = left[:, ::-1][:, :rank]
        right = left
        if x.shape[0] <= x.shape[1]:
            right = (x.T @ left) / np.sqrt(np.maximum(values[::-1][:rank], 1e-9))
    else:
        right = svds(x, rank, rng=np.random.default_rng(0), return_singular_vectors="vh")[2].T
    return ByFactors(title_ids, histories.user_ids, x @ right, np.ascontiguousarray(right))


def fit_item_knn(histories: Histories, title_ids: Ids, params: Params) -> ByWeights:
    """Fit item-kNN by shrunken cosines (Deshpande and Karypis, ACM TOIS 2004)."""
    x = weighted(histories, len(title_ids), 0.0)
    norms = np.sqrt(np.bincount(histories.codes, minlength=len(title_ids))).astype(np.float32)

    by_title = x.T.tocsr()

    def similarities(some: slice) -> NDArray[np.float32]:
        rows = (by_title[some] @ x).toarray()
        rows /= norms[some, np.newaxis] * norms + np.float32(params["shrinkage"])
        return rows

    kept = _nearest(similarities, len(title_ids), params["n_neighbours"])
    return ByWeights(title_ids, kept.T.tocsr(), params["rating_weight"])


def fit_rp3_beta(histories: Histories, title_ids: Ids, params: Params) -> ByWeights:
    """Fit RP3beta (Paudel, Christoffel, Newell and Bernstein, ACM TiiS 2017)."""
    x = weighted(histories, len(title_ids), params["rating_weight"])
    x.eliminate_zeros()
    to_titles = _rows_sum_to_one(x).power(params["alpha"])
    to_users = _rows_sum_to_one(x.T.tocsr()).power(params["alpha"])
    counts = np.maximum(np.bincount(x.indices, minlength=len(title_ids)), 1)
    damping = counts.astype(np.float32) ** -params["beta"]

    def walks(some: slice) -> NDArray[np.float32]:
        return (to_users[some] @ to_titles).toarray() * damping

    kept = _nearest(walks, len(title_ids), params["n_neighbours"])
    return ByWeights(title_ids, kept, params["rating_weight"])


def _rows_sum_to_one(matrix: csr_matrix) -> csr_matrix:
    sums = np.maximum(matrix.sum(axis=1).A1, 1e-12)
    matrix = matrix.copy()
    matrix.data /= np.repeat(sums, np.diff(matrix.indptr)).astype(np.float32)
    return matrix


def _nearest(
    rows_of: Callable[[slice], NDArray[np.float32]], n_titles: int, n_neighbours: int
) -> csr_matrix:
    """Keep the largest entries of each row of a matrix of titles, but for the diagonal."""
    n_kept = min(n_neighbours, n_titles)
    places, values = [], []
    for start in range(0, n_titles, 512):
        rows = rows_of(slice(start, start + 512))
        here = np.arange(len(rows))
        rows[here, start + here] = 0.0
        best = np.argpartition(rows, n_titles - n_kept, axis=1)[:, n_titles - n_kept :]
        places.append(best)
        values.append(np.take_along_axis(rows, best, axis=1))
    starts = np.arange(n_titles + 1) * n_kept
    kept = csr_matrix(
        (np.concatenate(values).ravel(), np.concatenate(places).ravel(), starts),
        (n_titles, n_titles),
    )
    kept.eliminate_zeros()
    return kept


@dataclass(frozen=True, eq=False)
class Scores:
    """A ranking model, for all of its users at once.

    Attributes:
        model: Of rated titles alone.
    """

    model: RankingModel

    @property
    def title_ids(self) -> Ids:
        """Shape (n_titles,)."""
        return self.model.title_ids

    def score_histories(self, histories: Histories) -> NDArray[np.float32]:
        """See `Ranker`."""
        return self.model.score_histories(histories)


def fit_ours(histories: Histories, title_ids: Ids, params: Params) -> Scores:
    """Fit the project's ranking model."""
    return Scores(fit_without_content(histories, title_ids, RankingParams.from_mapping(params)))


def _our_space() -> dict[str, Any]:
    conf = Path(__file__).parents[1] / "conf" / "search" / "default.yaml"
    return yaml.safe_load(conf.read_text())["ranking"]["space"]


def _our_starts() -> list[dict[str, Any]]:
    model = find_model("ranking")
    return start_draws(parse_space(OUR_SPACE, {}, model.parameters), model.starts)


FACTORS = {"n_factors": number(4, 256, log=True)}
OUR_SPACE = _our_space()
OURS, POPULARITY, EASE = "Cartelera", "popularity", "EASE"
ENTRIES = {
    OURS: Entry(fit_ours, OUR_SPACE, first=_our_starts()),
    POPULARITY: Entry(fit_popularity, STARS),
    "PureSVD": Entry(fit_pure_svd, {**FACTORS, **STARS}),
    "item-kNN": Entry(
        fit_item_knn,
        {"n_neighbours": number(5, 800, log=True), "shrinkage": number(1e-1, 1e3, log=True)}
        | STARS,
    ),
    "RP3beta": Entry(
        fit_rp3_beta,
        {
            "n_neighbours": number(5, 800, log=True),
            "alpha": number(0.1, 2.0),
            "beta": number(0.0, 1.2),
            **STARS,
        },
    ),
    EASE: Entry(fit_ease, {"reg": number(1.0, 1e4, log=True), **STARS}, quick_fit=dual_ease),
}
