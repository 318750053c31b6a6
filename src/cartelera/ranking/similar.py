"""Titles like a title: people who love one love the other, or the catalogue says alike of both.

What ratings say of two titles is the cosine of their factors, and is believed the more, the more
ratings both have; of a title with few ratings mostly the catalogue speaks. With n_i ratings of
title i, factors q_i and content z_i,

    w_i = n_i / (n_i + n_0)      v_i = (w_i q_i / |q_i|, sqrt(c) z_i / |z_i|)

and the likeness of two titles is v_i . v_j = w_i w_j cos(q_i, q_j) + c cos(z_i, z_j). The shrinkage
n / (n + n_0) is that of item-based neighbourhoods, as in Bell and Koren, Improved
Neighborhood-based Collaborative Filtering, KDD Cup 2007.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cartelera.factorization.scoring import multiply
from cartelera.factorization.selection import Best, best_in_rows

HALF_TRUST: Final = 10.0
"""n_0: a title's own ratings count half when it has so many."""

CONTENT_WEIGHT: Final = 0.35
"""c: what the catalogue says, in units of what the ratings of much rated titles say."""


@dataclass(frozen=True, eq=False)
class Likeness:
    """How alike titles are.

    Attributes:
        factors: q_j; shape (n_titles, k).
        content: z_j; shape (n_titles, m), where m may be 0.
        n_ratings: Of each title; the factors of one without ratings do not count; shape
            (n_titles,).
    """

    factors: NDArray[np.float32]
    content: NDArray[np.float32]
    n_ratings: NDArray[np.int32]

    def to(self, code: int) -> NDArray[np.float32]:
        """Return how alike each title is to a given one.

        Args:
            code: Position of the given title.

        Returns:
            v_j . v_code / (|v_code| max |v|), which is from -1 to 1 and in the same order as
            v_j . v_code; 0 for all if nothing is known of the title. Shape (n_titles,).
        """
        length = self.lengths[code]
        if length == 0:
            return np.zeros(len(self.factors), np.float32)
        scale = np.float32(length * self.lengths.max())

        rated, described = self._rated_scales, self._content_scales
        alike = multiply(self.factors, self.factors[code] * (rated[code] / scale)) * rated
        if self.content.shape[1]:
            given = self.content[code] * (described[code] / scale)
            alike += multiply(self.content, given) * described
        return np.clip(alike, -1.0, 1.0)

    def directions(self, codes: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        """Return v / |v| of some titles, 0 for one of which nothing is known.

        Args:
            codes: Positions of the titles; shape (n,).

        Returns:
            Shape (n, k + m).
        """
        vectors = np.concatenate(
            [
                self.factors[codes] * self._rated_scales[codes, np.newaxis],
                self.content[codes] * self._content_scales[codes, np.newaxis],
            ],
            axis=1,
        )
        return vectors * _inverse(self.lengths[codes])[:, np.newaxis]

    @cached_property
    def trust(self) -> NDArray[np.float32]:
        """How far a title's own ratings are believed, w_j from 0 to 1; shape (n_titles,)."""
        return (self.n_ratings / (self.n_ratings + HALF_TRUST)).astype(np.float32)

    @cached_property
    def lengths(self) -> NDArray[np.float32]:
        """|v_j|; shape (n_titles,)."""
        rated = self._rated_scales * _norms(self.factors)
        described = self._content_scales * _norms(self.content)
        return np.hypot(rated, described)

    @cached_property
    def _rated_scales(self) -> NDArray[np.float32]:
        return self.trust * _inverse(_norms(self.factors))

    @cached_property
    def _content_scales(self) -> NDArray[np.float32]:
        return np.float32(np.sqrt(CONTENT_WEIGHT)) * _inverse(_norms(self.content))


def nearest(
    likeness: Likeness,
    code: int,
    k: int,
    ranks: NDArray[np.int32],
    hidden: NDArray[np.bool_] | None = None,
) -> Best:
    """Find the titles most like a given one.

    Args:
        likeness: Of all titles.
        code: Position of the given title, which is never among the found.
        k: How many to find.
        ranks: Which of equally alike titles comes first, each place once; shape (n_titles,).
        hidden: Titles to leave out; shape (n_titles,); none by default.

    Returns:
        One row; nothing in it if nothing is known of the given title.
    """
    alike = likeness.to(code)
    alike[code] = -np.inf
    if hidden is not None:
        alike[hidden] = -np.inf
    if likeness.lengths[code] == 0:
        alike[:] = -np.inf
    return best_in_rows(alike[np.newaxis], k, ranks)


def _norms(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the length of each row, without a copy of the vectors."""
    return np.sqrt(np.einsum("nf,nf->n", vectors, vectors))


def _inverse(lengths: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return 1 / length, and 0 where the length is 0."""
    return np.divide(1.0, lengths, out=np.zeros_like(lengths), where=lengths > 0)
