"""The right singular vectors of a sparse matrix: exact where it is small, by block Krylov else."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import eigh
from scipy.sparse import csr_array

from cartelera.factorization.kernels import compiled
from cartelera.factorization.lanes import LANES, SIZE, load, splat, store, times_plus
from cartelera.processes import n_processors

_SMALL: Final = 1024
"""Up to so many rows or columns the whole Gram matrix is decomposed, in double precision."""

_BLOCK: Final = LANES
"""Columns of a block: one vector. Narrow blocks need fewer products for the same accuracy."""

_DIMENSIONS_PER_FACTOR: Final = 3
_FEWEST_DIMENSIONS: Final = 384
"""A basis has so many dimensions for each wanted factor, and at least so many."""

_NOTHING_LEFT: Final = 1e-5
"""What is shorter than this, relative to the longest product, is float32's rounding errors."""

_N_CHUNKS: Final = 8
"""Rows are summed up in so many chunks, whatever the number of threads: the sums are the same."""

_WELL_CONDITIONED: Final = 1e-2
"""Above this ratio of pivots Cholesky's factor of a float32 Gram matrix is safe to divide by."""


@dataclass(frozen=True, eq=False)
class SparseRows:
    """A sparse matrix by rows.

    Attributes:
        starts: Where each row begins, and where the last one ends; shape (n_rows + 1,).
        columns: Shape (n_values,).
        values: Shape (n_values,).
        n_columns: The number of columns.
    """

    starts: NDArray[np.int64]
    columns: NDArray[np.int32]
    values: NDArray[np.floating]
    n_columns: int

    @property
    def n_rows(self) -> int:
        """The number of rows."""
        return len(self.starts) - 1


def right_factors(
    matrix: SparseRows, rank: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Find the largest singular values and W diag(s).

    Args:
        matrix: B = U diag(s) W'.
        rank: How many to find; fewer are returned if the matrix has no more.
        seed: Of the random start, where there is one.

    Returns:
        The squared singular values s², descending, shape (k,), and the columns W s, shape
        (n_columns, k): those without the division by s, which would blow up rounding errors.
    """
    if min(matrix.n_rows, matrix.n_columns) <= max(_SMALL, rank):
        return _dense(matrix, rank)
    return _block_krylov(matrix, rank, seed)


def _dense(matrix: SparseRows, rank: int) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Decompose the Gram matrix of the shorter side."""
    rows = csr_array(
        (matrix.values, matrix.columns, matrix.starts), shape=(matrix.n_rows, matrix.n_columns)
    )
    if matrix.n_rows <= matrix.n_columns:
        squares, left = _largest((rows @ rows.T).toarray(), rank)
        return squares, rows.T @ left

    squares, right = _largest((rows.T @ rows).toarray(), rank)
    return squares, right * np.sqrt(squares)


def _largest(
    gram: NDArray[np.float64], rank: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the largest eigenvalues of a Gram matrix, descending, and their vectors."""
    n = len(gram)
    values, vectors = eigh(gram, subset_by_index=(max(0, n - rank), n - 1), driver="evr")
    return np.maximum(values[::-1], 0.0), vectors[:, ::-1]


def _block_krylov(
    matrix: SparseRows, rank: int, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Block Lanczos with full reorthogonalisation.

    The best approximation within span(V, B'B V, (B'B)² V, ...) needs far fewer products than
    subspace iteration for the same accuracy (Musco and Musco, Randomized Block Krylov Methods for
    Stronger and Faster Approximate Singular Value Decomposition, NIPS 2015).
    """
    n_columns = matrix.n_columns
    n_wanted = max(_FEWEST_DIMENSIONS, _DIMENSIONS_PER_FACTOR * rank)
    n_blocks = min(-(-n_wanted // _BLOCK), n_columns // _BLOCK)
    basis = np.empty((n_columns, n_blocks * _BLOCK), dtype=np.float32)
    projected = np.zeros((basis.shape[1], basis.shape[1]))
    values = np.ascontiguousarray(matrix.values, dtype=np.float32)

    block = np.random.default_rng(seed).standard_normal((n_columns, _BLOCK)).astype(np.float32)
    n_found, longest = 0, 0.0
    while n_found < basis.shape[1]:
        known = basis[:, :n_found]
        block -= known @ (known.T @ block)
        if np.linalg.norm(block) <= _NOTHING_LEFT * longest:
            break
        block = _orthonormal(block)
        block -= known @ (known.T @ block)  # once more against rounding
        block = _orthonormal(block)

        here = slice(n_found, n_found + _BLOCK)
        n_found = here.stop
        basis[:, here] = block
        block = gram_product(matrix.starts, matrix.columns, values, block)
        projected[:n_found, here] = basis[:, :n_found].T @ block
        longest = max(longest, float(np.linalg.norm(block)))

    # Rayleigh-Ritz: the eigenvectors of B'B seen from within the basis.
    squares, vectors = np.linalg.eigh(projected[:n_found, :n_found], UPLO="U")
    squares = np.maximum(squares[::-1][:rank], 0.0)
    right = basis[:, :n_found] @ vectors[:, ::-1][:, :rank].astype(np.float32)
    return squares, right.astype(np.float64) * np.sqrt(squares)


def _orthonormal(block: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return an orthonormal basis of what a few long columns span, to float32's precision.

    By Cholesky's factor of their Gram matrix, one product instead of the many small ones of
    Householder's way, which is left for columns that are nearly dependent. Called twice
    (CholeskyQR2: Yamamoto, Nakatsukasa, Yanagisawa and Fukaya, ETNA 44, 2015).
    """
    gram = (block.T @ block).astype(np.float64)
    try:
        factor = np.linalg.cholesky(gram)
    except np.linalg.LinAlgError:
        return np.linalg.qr(block)[0]

    pivots = np.diag(factor)
    if pivots.min() < _WELL_CONDITIONED * pivots.max():
        return np.linalg.qr(block)[0]
    return block @ np.linalg.inv(factor).T.astype(np.float32)


def gram_product(
    starts: NDArray[np.int64],
    columns: NDArray[np.int32],
    values: NDArray[np.float32],
    block: NDArray[np.float32],
    n_threads: int | None = None,
) -> NDArray[np.float32]:
    """Multiply B'B by a block of columns in one pass over B, without B times the block.

    Args:
        starts: Where each row of B begins, and where the last one ends; shape (n_rows + 1,).
        columns: Shape (n_values,).
        values: Shape (n_values,).
        block: Shape (n_columns, width), with at most `LANES` columns.
        n_threads: By default one a processor.

    Returns:
        Shape (n_columns, width); the same whatever the number of threads.
    """
    # Chunks with the same number of values, not of rows: users differ in how much they rate.
    cuts = np.searchsorted(starts, np.linspace(0, starts[-1], _N_CHUNKS + 1))
    cuts[-1] = len(starts) - 1
    n_columns, width = block.shape
    vectors = np.zeros((n_columns, LANES), dtype=np.float32)
    vectors[:, :width] = block
    sums = np.zeros((_N_CHUNKS, n_columns, LANES), dtype=np.float32)

    def add(chunk: int, rows: tuple[int, int]) -> None:
        _add_gram(*rows, starts, columns, values, vectors, sums[chunk])

    with ThreadPoolExecutor(n_threads or n_processors()) as pool:
        list(pool.map(add, range(_N_CHUNKS), pairwise(cuts.tolist())))
    return sums.sum(axis=0)[:, :width]


@compiled
def _add_gram(
    first: int,
    last: int,
    starts: NDArray[np.int64],
    columns: NDArray[np.int32],
    values: NDArray[np.float32],
    vectors: NDArray[np.float32],
    sums: NDArray[np.float32],
) -> None:
    """Add b (b' V) of each row b from `first` on, up to `last`, to the sums; both of one vector."""
    row_bytes = SIZE * LANES
    first_vector, first_sum = vectors.ctypes.data, sums.ctypes.data
    for row in range(first, last):
        product = splat(np.float32(0))
        for place in range(starts[row], starts[row + 1]):
            vector = load(first_vector + np.intp(columns[place]) * row_bytes)
            product = times_plus(splat(values[place]), vector, product)
        for place in range(starts[row], starts[row + 1]):
            address = first_sum + np.intp(columns[place]) * row_bytes
            store(address, times_plus(splat(values[place]), product, load(address)))
