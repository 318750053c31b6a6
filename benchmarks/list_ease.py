"""EASE, three ways to the same numbers."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import inv, lapack
from scipy.sparse import csr_matrix

from cartelera.ranking.histories import Histories
from list_rankers import ByWeights, Ids, Params, weighted


@dataclass(frozen=True, eq=False)
class DualEase:
    """EASE's scores from a matrix of users by users: the same numbers where users are few.

    With K = X X', (X'X + l I)^-1 = (I - X' (K + l I)^-1 X) / l (Woodbury).
    """

    title_ids: Ids
    x: csr_matrix
    inner: NDArray[np.float64]
    reg: float
    rating_weight: float

    @cached_property
    def _solved(self) -> NDArray[np.float64]:
        return (self.x.T @ self.inner).T  # inner is symmetric

    @cached_property
    def diagonal(self) -> NDArray[np.float64]:
        """Of the inverse; shape (n_titles,)."""
        return (1 - self.x.multiply(self._solved).sum(axis=0).A1) / self.reg

    def score_histories(self, histories: Histories) -> NDArray[np.float64]:
        """See `Ranker`; right for titles a user has not rated, and others are never listed."""
        rows = weighted(histories, len(self.title_ids), self.rating_weight)
        return ((rows @ self.x.T) @ self._solved) / (self.reg * self.diagonal)

    def weights(self) -> NDArray[np.float64]:
        """Return B itself; shape (n_titles, n_titles)."""
        b = (self.x.T @ self._solved) / (self.reg * self.diagonal)
        np.fill_diagonal(b, 0.0)
        return b


def dual_ease(histories: Histories, title_ids: Ids, params: Params) -> DualEase:
    """Fit EASE by its dual."""
    reg, rating_weight = params["reg"], params["rating_weight"]
    x = weighted(histories, len(title_ids), rating_weight).astype(np.float64)
    gram = (x @ x.T).toarray()
    inner = np.linalg.inv(gram + reg * np.eye(len(gram)))
    return DualEase(title_ids, x, inner, reg, rating_weight)


def fit_ease(histories: Histories, title_ids: Ids, params: Params) -> ByWeights:
    """Fit EASE as in the paper (WWW 2019), in float32, for which `np.linalg.inv` has no routine."""
    x = weighted(histories, len(title_ids), params["rating_weight"])
    gram = _gram(x)
    gram[np.diag_indices_from(gram)] += np.float32(params["reg"])
    inverse = inv(gram, overwrite_a=True, check_finite=False, assume_a="gen")
    del gram
    inverse /= -np.diag(inverse).copy()
    np.fill_diagonal(inverse, 0.0)
    return ByWeights(title_ids, inverse, params["rating_weight"])


def fit_ease_by_cholesky(histories: Histories, title_ids: Ids, params: Params) -> ByWeights:
    """Fit EASE by Cholesky's factor, a third of the arithmetic of a general inverse, in place."""
    x = weighted(histories, len(title_ids), params["rating_weight"])
    gram = _gram(x)
    gram[np.diag_indices_from(gram)] += np.float32(params["reg"])
    factor, failed = lapack.spotrf(gram.T, lower=0, overwrite_a=1)
    inverse, failed_too = lapack.spotri(factor, lower=0, overwrite_c=1)
    if failed or failed_too:
        raise ArithmeticError("the Gram matrix is not positive definite in float32.")
    for start in range(0, len(inverse), 512):  # the upper triangle is there; mirror it
        some = slice(start, start + 512)
        inverse[some, :start] = inverse[:start, some].T
        square = inverse[some, some]
        square[:] = np.triu(square) + np.triu(square, 1).T
    inverse /= -np.diag(inverse).copy()
    np.fill_diagonal(inverse, 0.0)
    return ByWeights(title_ids, inverse, params["rating_weight"])


def _gram(x: csr_matrix) -> NDArray[np.float32]:
    """Multiply X'X, some rows at a time: as a sparse matrix it would take twice the memory."""
    n_titles = x.shape[1]
    gram, by_title = np.empty((n_titles, n_titles), np.float32), x.T.tocsr()
    for start in range(0, n_titles, 512):
        gram[start : start + 512] = (by_title[start : start + 512] @ x).toarray()
    return gram
