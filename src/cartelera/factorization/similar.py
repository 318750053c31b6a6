"""Titles that people like for the same reasons: neighbours in the space of factors."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cartelera.factorization.scoring import TitleScorer
from cartelera.factorization.selection import Best, Rows, best_in_rows


@dataclass(frozen=True)
class SimilarTitle:
    """One line of a list of similar titles.

    Attributes:
        title_id: The title.
        similarity: The cosine of the angle between both titles' factors, -1 to 1.
    """

    title_id: str
    similarity: float


def nearest(titles: TitleScorer, code: int, k: int, hidden: NDArray[np.bool_]) -> Best:
    """Find the titles whose factors point most nearly where those of a given title point.

    The similarity is `q_i . q_j / (|q_i| |q_j|)`, and 0 for a title whose factors are 0, which is
    like no other.

    Args:
        titles: All titles.
        code: Which title to compare with.
        k: How many to find.
        hidden: Titles to leave out; shape (n_titles,).

    Returns:
        One row; equal similarities in alphabetical order.
    """
    scales = np.divide(1.0, titles.norms, out=np.zeros_like(titles.norms), where=titles.norms > 0)
    direction = titles.factors[code] * scales[code]
    rough = titles.products(direction[np.newaxis])[0] * scales.astype(np.float32)
    rough[hidden] = -np.inf

    def exact(_: Rows, codes: Rows) -> NDArray[np.float64]:
        cosines = np.vecdot(titles.factors[codes].astype(np.float64), direction) * scales[codes]
        return np.clip(cosines, -1.0, 1.0)

    return best_in_rows(rough[np.newaxis], k, titles.ranks, exact=exact, error=titles.rounding)
