"""Lists that do not say one thing ten times: re-ranking by maximal marginal relevance."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

CANDIDATES: Final = 5
"""So many times the length of a list compete for its places."""


def diversify(
    scores: NDArray[np.floating],
    directions: NDArray[np.floating],
    k: int,
    diversity: float,
) -> NDArray[np.intp]:
    """Choose and order k of some candidates, so that each is good and unlike those before it.

    Place after place, the candidate i with the highest

        (1 - diversity) s_i - diversity max_j cos(v_i, v_j)

    follows, where j runs through those chosen before and s is the score scaled so that the best
    candidate has 1 and the worst 0: maximal marginal relevance (Carbonell and Goldstein, The Use of
    MMR, Diversity-Based Reranking, SIGIR 1998). The best candidate always comes first, and the
    scores' origin and unit do not matter.

    Args:
        scores: Of the candidates, best first; finite; shape (n,).
        directions: v, of length 1 or 0; shape (n, m).
        k: How many to choose; fewer if there are fewer candidates.
        diversity: 0: the k best in their own order; 1: only unlikeness counts after the first.

    Returns:
        Positions of the chosen in the order of the list; shape (min(k, n),).

    Raises:
        ValueError: If the diversity is not from 0 to 1.

    >>> scores = np.array([3.0, 2.9, 2.0])
    >>> directions = np.array([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]])
    >>> diversify(scores, directions, 2, 0.0).tolist()
    [0, 1]
    >>> diversify(scores, directions, 2, 0.5).tolist()
    [0, 2]
    """
    if not 0.0 <= diversity <= 1.0:
        raise ValueError(f"diversity={diversity}: allowed is a number from 0 to 1.")
    n_chosen = min(k, len(scores))
    if diversity == 0 or n_chosen <= 1:
        return np.arange(n_chosen)

    span = float(scores[0] - scores[-1])
    relevance = (scores - scores[-1]) / span if span > 0 else np.zeros(len(scores))
    relevance = (1 - diversity) * relevance.astype(np.float64)

    chosen = np.zeros(n_chosen, np.intp)
    nearest = np.full(len(scores), -np.inf)
    for place in range(1, n_chosen):
        last = int(chosen[place - 1])
        relevance[last] = -np.inf

        # Without BLAS, whose threads take longer to meet than to multiply so little.
        alike = np.einsum("nf,f->n", directions, directions[last])
        nearest = np.maximum(nearest, diversity * alike)
        # Of equal candidates argmax takes the first, which has the higher score.
        chosen[place] = np.argmax(relevance - nearest)
    return chosen
