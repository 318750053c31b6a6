"""Stochastic gradient descent in two ways: Surprise's to the last bit, and fast over blocks."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from cartelera.factorization import fast_kernels, kernels
from cartelera.factorization.blocks import BlockedRatings, strips_for
from cartelera.factorization.kernels import Codes, Rates
from cartelera.factorization.rating_matrix import RatingMatrix
from cartelera.processes import n_processors

_ROWS_AT_ONCE = 1 << 14
"""Bounds the memory of the start: so many rows of float64 are drawn at a time."""


@dataclass(frozen=True, eq=False)
class Ratings:
    """What a descent learns from.

    Attributes:
        users: User codes, best in ascending order; shape (n_ratings,).
        titles: Title codes; shape (n_ratings,).
        values: Ratings in stars; shape (n_ratings,).
        shape: The number of users and of titles.
        global_mean: The mean of the values, in stars.
    """

    users: Codes
    titles: Codes
    values: NDArray[np.floating]
    shape: tuple[int, int]
    global_mean: float

    @classmethod
    def of(cls, matrix: RatingMatrix) -> "Ratings":
        """Take a matrix's ratings."""
        return cls(
            users=matrix.user_codes,
            titles=matrix.title_codes,
            values=matrix.values,
            shape=(matrix.n_users, matrix.n_titles),
            global_mean=matrix.global_mean,
        )

    @cached_property
    def in_blocks(self) -> BlockedRatings:
        """The same ratings in blocks; dealt once, however many descents learn from them."""
        n_strips = strips_for(len(self.values))
        return BlockedRatings.of(self.users, self.titles, self.values, self.shape, n_strips)


@dataclass(frozen=True)
class FactorInit:
    """How factors are initialised before the first epoch: users first, then titles, all normal."""

    rng: np.random.RandomState
    mean: float
    deviation: float
    n_factors: int

    def draw(self, n_rows: int) -> NDArray[np.float64]:
        """Draw the factors of the next rows."""
        return self.rng.normal(self.mean, self.deviation, size=(n_rows, self.n_factors))


@dataclass(frozen=True)
class SgdHyperparameters:
    """Learning rates and regularisation of each kind of parameter; whether there are biases."""

    biased: bool
    lr: Rates
    reg: Rates


@dataclass(frozen=True, eq=False)
class Arrays:
    """A model's arrays in the order of the codes, as Surprise names them.

    Attributes:
        bu: User biases; shape (n_users,).
        bi: Title biases; shape (n_titles,).
        pu: User factors; shape (n_users, n_factors).
        qi: Title factors; shape (n_titles, n_factors).
    """

    bu: NDArray[np.floating]
    bi: NDArray[np.floating]
    pu: NDArray[np.floating]
    qi: NDArray[np.floating]

    def predict(self, users: Codes, titles: Codes, offset: float) -> NDArray[np.float64]:
        """Predict the rating of each pair, in stars, not clipped.

        Args:
            users: Codes, or -1 for unknown users; shape (n,).
            titles: Codes, or -1 for unknown titles; shape (n,).
            offset: The global mean, or 0 for a model without biases.

        Returns:
            `offset + b_u + b_i + q_i . p_u` without the terms of what is unknown; shape (n,).

        Raises:
            IndexError: If there is no user or title of a code.
        """
        if users.max(initial=-1) >= len(self.bu) or titles.max(initial=-1) >= len(self.bi):
            raise IndexError("a code is beyond the model's last user or title.")
        estimates = np.empty(len(users))
        biases = np.ascontiguousarray(self.bu), np.ascontiguousarray(self.bi)
        factors = np.ascontiguousarray(self.pu), np.ascontiguousarray(self.qi)
        predict = (fast_kernels if self.pu.dtype == np.float32 else kernels).predict_pairs
        predict(users, titles, float(offset), *biases, *factors, estimates)
        return estimates


class Model(Protocol):
    """A model as it stands: after a fit or between two epochs."""

    def arrays(self) -> Arrays:
        """Return its arrays: read them now or copy them, never change them."""
        ...

    def predict(self, users: Codes, titles: Codes) -> NDArray[np.float64]:
        """Predict as `Arrays.predict` does."""
        ...


class Descent(Model, Protocol):
    """A fit under way."""

    def epoch(self) -> float:
        """Go through all ratings once.

        Returns:
            The sum of squared errors, each taken just before its rating's update.
        """
        ...


class FixedModel:
    """Arrays that are fitted elsewhere.

    Args:
        arrays: The arrays.
        offset: The global mean, or 0 for a model without biases.
    """

    def __init__(self, arrays: Arrays, offset: float):
        self._arrays = arrays
        self._offset = offset

    def arrays(self) -> Arrays:
        """See `Model`."""
        return self._arrays

    def predict(self, users: Codes, titles: Codes) -> NDArray[np.float64]:
        """See `Model`."""
        return self._arrays.predict(users, titles, self._offset)


class ExactDescent(FixedModel):
    """The ratings one after the other in float64: Surprise's numbers.

    `arrays` gives the very arrays that the next epoch changes.
    """

    def __init__(self, ratings: Ratings, start: FactorInit, rule: SgdHyperparameters):
        n_users, n_titles = ratings.shape
        factors = start.draw(n_users), start.draw(n_titles)
        arrays = Arrays(np.zeros(n_users), np.zeros(n_titles), *factors)
        super().__init__(arrays, ratings.global_mean if rule.biased else 0.0)
        self._ratings = (ratings.users, ratings.titles, ratings.values.astype(np.float64))
        self._rule = rule

    def epoch(self) -> float:
        """See `Descent`."""
        model, rule = self._arrays, self._rule
        arrays = (model.bu, model.bi, model.pu, model.qi)
        return kernels.sgd_epoch(
            *self._ratings, self._offset, *arrays, rule.biased, rule.lr, rule.reg
        )


class BlockDescent:
    """Block by block in float32, several at a time: fast, and the same on any number of threads.

    Args:
        ratings: What to learn from.
        start: The same draws as in `ExactDescent`.
        rule: How to learn.
        n_threads: How many blocks to work on at a time; as many as there are processors if None.
    """

    def __init__(
        self, ratings: Ratings, start: FactorInit, rule: SgdHyperparameters, n_threads: int | None
    ):
        self._blocks = ratings.in_blocks
        n_strips = self._blocks.n_strips
        self._offset = ratings.global_mean if rule.biased else 0.0
        self._rule = rule
        self._n_factors = start.n_factors
        n_users, n_titles = ratings.shape
        self._bu, self._bi = np.zeros(n_users, np.float32), np.zeros(n_titles, np.float32)
        self._pu = _drawn_rows(start, self._blocks.user_rows)
        self._qi = _drawn_rows(start, self._blocks.title_rows)
        self._squared_errors = np.zeros(n_strips * n_strips)
        self._n_threads = min(n_threads or n_processors(), n_strips)
        self._pool = ThreadPoolExecutor(self._n_threads) if self._n_threads > 1 else None

    def epoch(self) -> float:
        """See `Descent`."""
        n_strips = self._blocks.n_strips
        if self._pool is None:
            self._run(0, n_strips * n_strips)
        else:
            cuts = [n_strips * t // self._n_threads for t in range(self._n_threads + 1)]
            for step in range(n_strips):
                edges = [step * n_strips + cut for cut in cuts]
                list(self._pool.map(self._run, edges[:-1], edges[1:]))  # waits, and raises
        return float(np.sum(self._squared_errors))

    def arrays(self) -> Arrays:
        """See `Model`; these are copies."""
        users, titles = self._blocks.user_rows, self._blocks.title_rows
        factors = slice(self._n_factors)
        return Arrays(
            self._bu[users],
            self._bi[titles],
            np.ascontiguousarray(self._pu[users, factors]),
            np.ascontiguousarray(self._qi[titles, factors]),
        )

    def predict(self, users: Codes, titles: Codes) -> NDArray[np.float64]:
        """See `Model`; nothing is copied but codes."""
        model = Arrays(self._bu, self._bi, self._pu, self._qi)
        user_rows = np.where(users < 0, users, self._blocks.user_rows[users])
        title_rows = np.where(titles < 0, titles, self._blocks.title_rows[titles])
        return model.predict(user_rows, title_rows, self._offset)

    def _run(self, first: int, last: int) -> None:
        blocks, rule = self._blocks, self._rule
        fast_kernels.sgd_blocks(
            *(first, last, blocks.starts, blocks.users, blocks.titles, blocks.values),
            *(np.float32(self._offset), self._bu, self._bi, self._pu, self._qi),
            *(rule.biased, rule.lr, rule.reg, self._squared_errors),
        )


def _drawn_rows(start: FactorInit, rows: Codes) -> NDArray[np.float32]:
    """Draw factors in the order of codes and put each where its row is.

    Rows begin at a cache line and are filled up with zeros to a whole number of them.
    """
    lanes = fast_kernels.LANES
    width = -(-start.n_factors // lanes) * lanes
    memory = np.zeros(len(rows) * width + lanes, np.float32)
    before = -memory.ctypes.data // memory.itemsize % lanes
    factors = memory[before : before + len(rows) * width].reshape(len(rows), width)
    for code in range(0, len(rows), _ROWS_AT_ONCE):
        some = rows[code : code + _ROWS_AT_ONCE]
        factors[some, : start.n_factors] = start.draw(len(some))
    return factors
