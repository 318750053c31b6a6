"""The implementations that are measured against each other, each used as its manual says."""

import contextlib
import hashlib
import io
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.factorization.rating_matrix import RatingMatrix
from generated import SCALE, generate
from measuring import Stopwatch, timed

Codes = NDArray[np.int32]
Predict = Callable[[Codes, Codes], NDArray[np.floating]]
Evaluate = Callable[[Predict], float]

N_FACTORS, START, RATE, REGULARISATION = 100, 0.01, 0.02, 0.04
"""Factors, the standard deviation they start with, learning rate, regularisation.

With Surprise's defaults (0.1, 0.005 and 0.02) 20 epochs are too few for these ratings, and a start
from 0.1 alone costs 0.005 stars; 0.01 is where Cornac always starts.
"""

LIBMF_REGULARISATION = 0.05
"""What suits LIBMF best of 0.02, 0.05, 0.08 and 0.1; its rates adapt, its start is its own."""

_PAIRS_AT_ONCE = 1 << 14
_LOOKS = (1, 2, 3, 5, 7, 10, 13, 16)
"""Epochs after which a library is evaluated that has to be fitted anew for each."""


@dataclass
class Fit:
    """A fit and what it cost.

    Attributes:
        seconds: From prepared data to a fitted model; evaluations are not counted.
        epoch_seconds: Of each epoch.
        curve: What `evaluate` gave after each epoch at which the library lets one look.
        final: What it gave for the model after the last epoch.
        digest: Of the model's arrays.
    """

    seconds: float
    epoch_seconds: list[float]
    curve: dict[int, float] = field(default_factory=dict)
    final: float = np.nan
    digest: str = ""


class Contender(Protocol):
    """An implementation. In all of them codes are in order of first appearance."""

    def prepare(self, train: pd.DataFrame) -> None:
        """Turn a ratings table into what the library fits."""

    def fit(self, n_epochs: int, evaluate: Evaluate | None = None) -> Fit:
        """Fit from scratch, with two epochs or more where not said otherwise."""
        ...


class Cartelera:
    """This project's SVD."""

    def __init__(self, **options: Any):
        from cartelera.factorization.svd import SVD

        self._svd = SVD
        self._options = options
        self.take(generate(20_000).matrix())
        self.fit(2)  # compiles, or reads what was compiled

    def prepare(self, train: pd.DataFrame) -> None:
        """See `Contender`."""
        self.take(RatingMatrix.from_frame(train, scale=SCALE))

    def take(self, matrix: RatingMatrix) -> None:
        """Take ratings that are prepared already."""
        self._matrix = matrix

    def fit(self, n_epochs: int, evaluate: Evaluate | None = None) -> Fit:
        """See `Contender`."""
        marks, curve, watch = [], {}, Stopwatch()

        def on_epoch(state: Any) -> bool:
            marks.append(watch.seconds)
            if evaluate is not None:
                with watch.paused():
                    curve[state.epoch] = evaluate(state.model.predict)
            return False

        model = self._svd(**_surprise_options(n_epochs), **self._options)
        model.fit_matrix(self._matrix, on_epoch)
        seconds = watch.seconds
        later = np.diff(marks).tolist()
        first = min(marks[0], float(np.median(later)))  # the rest of it is preparation
        final = curve.get(n_epochs, np.nan)
        return Fit(seconds, [first, *later], curve, final, _digest(model))


class Surprise:
    """`surprise.SVD`. One epoch is enough."""

    def __init__(self):
        import surprise

        self._surprise = surprise

    def prepare(self, train: pd.DataFrame) -> None:
        """See `Contender`."""
        columns = train[[c.USER_ID, c.TITLE_ID, c.RATING]]
        reader = self._surprise.Reader(rating_scale=SCALE)
        self._trainset = self._surprise.Dataset.load_from_df(columns, reader).build_full_trainset()

    def fit(self, n_epochs: int, evaluate: Evaluate | None = None) -> Fit:
        """See `Contender`; it prints a line as each epoch begins, which tells the epochs apart."""
        model = self._surprise.SVD(verbose=True, **_surprise_options(n_epochs))
        lines = _ClockedLines("Processing epoch")
        with contextlib.redirect_stdout(lines):
            seconds, _ = timed(model.fit, self._trainset)
        epochs = np.diff([*lines.times, time.perf_counter()]).tolist()
        arrays = (self._trainset.global_mean, model.bu, model.bi, model.pu, model.qi)
        final = np.nan if evaluate is None else evaluate(_prediction(*arrays))
        return Fit(seconds, epochs, {n_epochs: final}, final, _digest(model))


class Cornac:
    """Cornac's MF: the same model and rule, in float32. Its threads write without locks."""

    def __init__(self, n_threads: int):
        import cornac.models

        self._cornac = cornac
        self._n_threads = n_threads

    def prepare(self, train: pd.DataFrame) -> None:
        """See `Contender`."""
        rows = zip(train[c.USER_ID], train[c.TITLE_ID], train[c.RATING], strict=True)
        self._data = self._cornac.data.Dataset.from_uir(rows)

    def fit(self, n_epochs: int, evaluate: Evaluate | None = None) -> Fit:
        """See `Contender`; a model that is fitted again goes on from where it was."""
        epochs, curve, watch = [], {}, Stopwatch()
        model = self._cornac.models.MF(
            k=N_FACTORS,
            max_iter=0,
            learning_rate=RATE,
            lambda_reg=REGULARISATION,
            num_threads=self._n_threads,
        ).fit(self._data)
        model.max_iter = 1
        for epoch in range(1, n_epochs + 1):
            begin = watch.seconds
            model._fit_cpu(self._data, None)
            epochs.append(watch.seconds - begin)
            if evaluate is not None:
                arrays = (model.u_biases, model.i_biases, model.u_factors, model.i_factors)
                with watch.paused():
                    curve[epoch] = evaluate(_prediction(model.global_mean, *arrays))
        return Fit(watch.seconds, epochs, curve, curve.get(n_epochs, np.nan))


class Libmf:
    """LIBMF: factors without biases, in float32, with its own adaptive learning rate."""

    def __init__(self, n_threads: int):
        with contextlib.redirect_stdout(io.StringIO()):  # it says where it is installed
            from libmf import mf
        self._mf = mf
        self._n_threads = n_threads

    def prepare(self, train: pd.DataFrame) -> None:
        """See `Contender`."""
        users, titles = (pd.factorize(train[name])[0] for name in (c.USER_ID, c.TITLE_ID))
        self._rows = np.column_stack([users, titles, train[c.RATING]]).astype(np.float32)

    def fit(self, n_epochs: int, evaluate: Evaluate | None = None) -> Fit:
        """See `Contender`; an epoch is what it takes longer for more than one."""
        one, _ = timed(self._fitted, 1)
        seconds, model = timed(self._fitted, n_epochs)
        epoch = (seconds - one) / (n_epochs - 1)
        fit = Fit(seconds, [epoch] * n_epochs)
        if evaluate is not None:
            looks = [epochs for epochs in _LOOKS if epochs < n_epochs]
            fit.curve = {n: evaluate(_of_factors(self._fitted(n))) for n in looks}
            fit.curve[n_epochs] = fit.final = evaluate(_of_factors(model))
        return fit

    def _fitted(self, n_epochs: int) -> Any:
        model = self._mf.MF(
            k=N_FACTORS,
            nr_iters=n_epochs,
            nr_threads=self._n_threads,
            lambda_p1=0.0,
            lambda_q1=0.0,
            lambda_p2=LIBMF_REGULARISATION,
            lambda_q2=LIBMF_REGULARISATION,
            quiet=True,
        )
        model.fit(self._rows)
        return model


class _ClockedLines(io.TextIOBase):
    """A text stream that notes when lines with some beginning are written."""

    def __init__(self, beginning: str):
        self._beginning = beginning
        self.times: list[float] = []

    def write(self, text: str) -> int:
        if text.startswith(self._beginning):
            self.times.append(time.perf_counter())
        return len(text)


def _surprise_options(n_epochs: int) -> dict[str, Any]:
    return {
        "n_factors": N_FACTORS,
        "n_epochs": n_epochs,
        "init_std_dev": START,
        "lr_all": RATE,
        "reg_all": REGULARISATION,
        "random_state": 0,
    }


def _digest(model: Any) -> str:
    digest = hashlib.sha256()
    for array in (model.bu, model.bi, model.pu, model.qi):
        digest.update(np.ascontiguousarray(array))
    return digest.hexdigest()


def _prediction(offset: float, bu: Any, bi: Any, pu: Any, qi: Any) -> Predict:
    def predict(users: Codes, titles: Codes) -> NDArray[np.floating]:
        estimates = offset + np.asarray(bu)[users] + np.asarray(bi)[titles]
        for row in range(0, len(users), _PAIRS_AT_ONCE):
            some = slice(row, row + _PAIRS_AT_ONCE)
            estimates[some] += np.einsum("nf,nf->n", pu[users[some]], qi[titles[some]])
        return estimates

    return predict


def _of_factors(model: Any) -> Predict:
    pu, qi = model.p_factors(), model.q_factors()
    return _prediction(0.0, np.zeros(len(pu)), np.zeros(len(qi)), pu, qi)


@dataclass(frozen=True)
class Entry:
    """A contender by name.

    Attributes:
        make: Makes it.
        module: The library it needs.
        is_ours: Whether it is this project's.
        epochs: Of a short fit.
    """

    make: Callable[[], Contender]
    module: str
    is_ours: bool = False
    epochs: int = 3

    @property
    def is_installed(self) -> bool:
        """Whether the library is there."""
        return find_spec(self.module) is not None


SURPRISE, EXACT = "surprise.SVD", "Cartelera exact"
FAST_1, FAST_2 = "Cartelera, 1 thread", "Cartelera, 2 threads"
CORNAC, LIBMF = "Cornac MF, 2 threads", "LIBMF, 2 threads"
ENTRIES = {
    SURPRISE: Entry(Surprise, "surprise", epochs=1),
    EXACT: Entry(lambda: Cartelera(exact=True), "cartelera", is_ours=True, epochs=2),
    FAST_1: Entry(lambda: Cartelera(n_threads=1), "cartelera", is_ours=True),
    FAST_2: Entry(lambda: Cartelera(n_threads=2), "cartelera", is_ours=True),
    CORNAC: Entry(lambda: Cornac(2), "cornac"),
    LIBMF: Entry(lambda: Libmf(2), "libmf"),
}
