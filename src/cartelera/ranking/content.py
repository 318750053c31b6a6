"""Vectors of titles from what the catalogue says of them: for those that nobody has rated.

Two things are made. Factors of unrated titles, by kernel ridge regression from the features F of
rated titles to their factors Q,

    Q_unrated = F_unrated F' (F F' + lambda I)^-1 Q

(Saunders, Gammerman and Vovk, Ridge Regression Learning Algorithm in Dual Variables, ICML 1998), in
the way of Gantner et al., Learning Attribute-to-Feature Mappings for Cold-Start Recommendations,
ICDM 2010. And for all titles a dense embedding whose products are likenesses: a truncated
SVD of the themes, moved to the mean of what people rate, at length 1.
"""

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera.ranking.content_features import ContentFeatures
from cartelera.ranking.truncated_svd import SparseRows, right_factors

RIDGE: Final = 1.5
"""lambda, where each row of F has length 1; found by hiding a fifth of the rated films."""

N_DIMENSIONS: Final = 96
"""m: fewer lose rare countries and genres."""

_CG_ROUNDS: Final = 200
_CG_TOLERANCE: Final = 1e-6


@dataclass(frozen=True, eq=False)
class ContentFit:
    """What the catalogue adds to a ranking model.

    Attributes:
        unrated_ids: Titles of the catalogue without ratings, in alphabetical order; shape (n,).
        factors: Their q_j; shape (n, k).
        weights: Their a_j; shape (n,).
        prior: How popular they would be, at least 0; shape (n,).
        embeddings: z_j of the rated titles in their own order, then of the unrated ones; length 1,
            or 0 where nothing is known of a title; float32; shape (n_rated + n, m).
    """

    unrated_ids: NDArray[np.object_]
    factors: NDArray[np.float64]
    weights: NDArray[np.float64]
    prior: NDArray[np.float64]
    embeddings: NDArray[np.float32]


def fit_content(
    features: ContentFeatures,
    rated_ids: NDArray[np.object_],
    factors: NDArray[np.float64],
    weights: NDArray[np.float64],
    prior: NDArray[np.float64],
    n_ratings: NDArray[np.integer[Any]],
    *,
    ridge: float = RIDGE,
    n_dimensions: int = N_DIMENSIONS,
    seed: int = 0,
) -> ContentFit:
    """Learn what a title's content says of its vectors.

    Time and memory grow with the number of features given, never with the square of the number of
    titles.

    Args:
        features: Of the catalogue.
        rated_ids: Titles the ranking model was fitted to; those the catalogue does not have are
            not learnt from; shape (n_rated,).
        factors: Their q_j; shape (n_rated, k).
        weights: Their a_j; shape (n_rated,).
        prior: Their popularity; shape (n_rated,).
        n_ratings: Shape (n_rated,).
        ridge: lambda; the larger, the nearer to 0 the unrated titles' factors.
        n_dimensions: m, of the embedding; fewer if the features have fewer.
        seed: Of the start of the truncated SVD.
    """
    rows = pd.Index(features.title_ids).get_indexer(pd.Index(rated_ids))
    known = rows >= 0
    is_unrated = np.ones(len(features.title_ids), np.bool_)
    is_unrated[rows[known]] = False

    # What is unrated is predicted from what is rated and described.
    targets = np.column_stack([factors, prior])[known]
    predicted = _kernel_ridge(
        features.matrix[rows[known]], targets, features.matrix[np.flatnonzero(is_unrated)], ridge
    )

    places = np.concatenate([rows, np.flatnonzero(is_unrated)])
    return ContentFit(
        unrated_ids=features.title_ids[is_unrated],
        factors=predicted[:, :-1],
        weights=np.full(len(predicted), _weight_of_rare(weights, n_ratings)),
        prior=np.maximum(predicted[:, -1], 0.0),
        embeddings=_embeddings(features.themes, rows, n_ratings, n_dimensions, seed)[places],
    )


def _weight_of_rare(weights: NDArray[np.float64], n_ratings: NDArray[np.integer[Any]]) -> float:
    """Return the mean a_j of the titles with fewest ratings: none at all is next to that."""
    return float(weights[n_ratings == n_ratings.min()].mean())


def _kernel_ridge(
    known: Any, targets: NDArray[np.float64], asked: Any, ridge: float
) -> NDArray[np.float64]:
    """Predict targets by conjugate gradients on (F F' + lambda I) X = Y, all columns side by side.

    F F' is never made: each round multiplies by F' and by F (Hestenes and Stiefel, Methods of
    Conjugate Gradients for Solving Linear Systems, 1952).
    """
    if not asked.shape[0] or not known.shape[0]:
        return np.zeros((asked.shape[0], targets.shape[1]))

    solution, residual = np.zeros_like(targets), targets.copy()
    direction, squares = residual.copy(), np.square(residual).sum(axis=0)
    enough = _CG_TOLERANCE**2 * squares

    # The kernel F F' is never made: it would be titles x titles.
    for _ in range(_CG_ROUNDS):
        if (squares <= enough).all():
            break
        image = known @ (known.T @ direction) + ridge * direction
        step = _divided(squares, (direction * image).sum(axis=0))
        solution += step * direction
        residual -= step * image
        before, squares = squares, np.square(residual).sum(axis=0)
        direction = residual + _divided(squares, before) * direction
    return asked @ (known.T @ solution)


def _embeddings(
    themes: Any,
    rated_rows: NDArray[np.intp],
    n_ratings: NDArray[np.integer[Any]],
    n_dimensions: int,
    seed: int,
) -> NDArray[np.float32]:
    """Return z of every title of the catalogue, and a last row of 0 for those it does not have."""
    dense = _principal(themes, n_dimensions, seed)

    # Alike means: more alike than what people rate is anyway, so that popular kinds do not count.
    known = rated_rows >= 0
    if known.any():
        dense -= np.average(dense[rated_rows[known]], axis=0, weights=n_ratings[known])
    lengths = np.linalg.norm(dense, axis=1, keepdims=True)
    directions = _divided(dense, np.where(lengths > 1e-9, lengths, 0.0))
    return np.vstack([directions, np.zeros((1, directions.shape[1]))]).astype(np.float32)


def _principal(rows: Any, n_dimensions: int, seed: int) -> NDArray[np.float64]:
    """Return the rows of a sparse matrix in its first principal directions, U S."""
    columns = rows.T.tocsr()
    of_columns = SparseRows(
        columns.indptr.astype(np.int64),
        columns.indices.astype(np.int32),
        columns.data,
        columns.shape[1],
    )
    return right_factors(of_columns, min(n_dimensions, *rows.shape), seed)[1]


def _divided(above: NDArray[np.float64], below: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return above / below, and 0 where below is 0."""
    below = np.broadcast_to(below, above.shape)
    return np.divide(above, below, out=np.zeros_like(above), where=below != 0)
