"""Products with all titles from vectors of 8 bits, and how far they may be from the true ones.

One vector's product with a matrix takes as long as the matrix takes to come from memory, so a
quarter of the bytes is nearly four times as fast. The error is bounded (Cauchy and Schwarz): titles
out of reach can be left out for certain, and only the few others are scored exactly.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Final, Self

import numpy as np
import simsimd
from numpy.typing import NDArray

_LARGEST: Final = 127
_SLACK: Final = 1e-6
"""For what the numbers of 32 bits have lost before, relative to the lengths of both vectors."""


@dataclass(frozen=True, eq=False)
class RoundedVectors:
    """Vectors v_i as u_i times whole numbers from -127 to 127.

    Attributes:
        spreads: By what each block of columns was divided, so that all are of one magnitude.
        rounded: Int8; shape (n, m).
        units: u_i; shape (n,).
        lengths: |u_i v'_i|, where v' is rounded; shape (n,).
        losses: |v_i - u_i v'_i|; shape (n,).
    """

    spreads: tuple[float, ...]
    rounded: NDArray[np.int8]
    units: NDArray[np.float64]
    lengths: NDArray[np.float64]
    losses: NDArray[np.float64]

    @classmethod
    def of(cls, *blocks: NDArray[np.float32]) -> Self:
        """Round vectors that consist of several blocks, shape (n, m_1), (n, m_2) and so on."""
        spreads = tuple(_spread(block) for block in blocks)
        vectors = np.hstack(
            [block / np.float32(spread) for block, spread in zip(blocks, spreads, strict=True)]
        )
        rounded, units = _round(vectors)
        vectors -= rounded * units[:, np.newaxis].astype(np.float32)
        return cls(
            spreads,
            rounded,
            units,
            lengths=units * np.sqrt(np.square(rounded, dtype=np.float32).sum(axis=1)),
            losses=np.sqrt(np.vecdot(vectors, vectors).astype(np.float64)),
        )

    def products(self, rows: slice, *blocks: NDArray[np.floating]) -> "Products":
        """Multiply some of the vectors by another one.

        Args:
            rows: Which.
            *blocks: The other vector, in the same blocks; shape (m_1,), (m_2,) and so on.
        """
        vector = np.hstack(
            [block * spread for block, spread in zip(blocks, self.spreads, strict=True)]
        )
        rounded, units = _round(vector[np.newaxis])
        length = float(np.linalg.norm(vector))

        values = np.asarray(simsimd.cdist(rounded, self.rounded[rows], metric="dot"))[0]
        values *= self.units[rows]
        values *= units[0]
        return Products(
            values,
            length=length,
            loss=float(np.linalg.norm(vector - rounded[0] * units[0])) + _SLACK * length,
            rows=rows,
            of=self,
        )

    @cached_property
    def largest(self) -> tuple[float, float]:
        """The largest of `lengths` and of `losses`."""
        return float(self.lengths.max(initial=0.0)), float(self.losses.max(initial=0.0))


@dataclass(frozen=True, eq=False)
class Products:
    """Products v_i . w of vectors that were both rounded.

    Attributes:
        values: Shape (n,).
        length: |w|.
        loss: |w - w'|, where w' is rounded, and some slack.
        rows: Which of the vectors.
        of: All vectors.
    """

    values: NDArray[np.float64]
    length: float
    loss: float
    rows: slice
    of: RoundedVectors

    @property
    def largest_error(self) -> float:
        """How far any of the products may be from the true one at most."""
        length, loss = self.of.largest
        return loss * self.length + length * self.loss

    def errors(self, places: NDArray[np.intp]) -> NDArray[np.float64]:
        """Return how far some of the products may be from the true ones at most."""
        lengths, losses = self.of.lengths[self.rows], self.of.losses[self.rows]
        return losses[places] * self.length + lengths[places] * self.loss


def _spread(block: NDArray[np.float32]) -> float:
    """Return the root mean square of the numbers, 1 where all are 0."""
    return float(np.sqrt(np.square(block, dtype=np.float64).mean())) if block.any() else 1.0


def _round(vectors: NDArray[np.floating]) -> tuple[NDArray[np.int8], NDArray[np.float64]]:
    largest = np.abs(vectors).max(axis=1, initial=0.0).astype(np.float64)
    units = np.where(largest > 0, largest, 1.0) / _LARGEST
    return np.rint(vectors / units[:, np.newaxis]).astype(np.int8), units
