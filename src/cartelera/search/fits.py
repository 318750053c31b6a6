"""How the fits of one trial run: all folds epoch by epoch, or one whole fit after the other."""

from collections.abc import Generator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import repeat
from statistics import fmean
from typing import Any, Final, Protocol

import numpy as np
import pandas as pd

from cartelera import columns as c
from cartelera.errors import InputError
from cartelera.models.model_parameters import N_EPOCHS
from cartelera.models.registry import CodedRatings, FitStars, StarModel, StepwiseFit
from cartelera.processes import n_processors
from cartelera.ratings.split import split
from cartelera.search.settings import SearchSettings

N_THREADS: Final = "n_threads"


@dataclass(frozen=True)
class Part:
    """Ratings to fit on and ratings to validate with."""

    train: pd.DataFrame
    valid: pd.DataFrame


class Fits(Protocol):
    """The fits that a trial is measured on."""

    @property
    def has_curve(self) -> bool:
        """Whether a step is an epoch; else it is a whole fit."""
        ...

    def points(self, params: Mapping[str, Any]) -> Generator[tuple[int, float]]:
        """Fit, step by step: give each step's number, from 1, and validation RMSE, in stars.

        Raises:
            DivergedError: If a fit leaves the finite numbers.
        """
        ...


def hold_out(
    ratings: pd.DataFrame, *, method: str, valid_fraction: float, n_last: int, seed: int
) -> Part:
    """Split ratings once, the way train and test were split.

    Args:
        ratings: Clean ratings to learn from, never the test part.
        method: Name of the split.
        valid_fraction: Share to validate with (chronological, random).
        n_last: Ratings of each user to validate with (leave_last_n).
        seed: Seed of the split.

    Raises:
        InputError: If none are left to learn from or to validate with.
    """
    try:
        train, valid = split(
            ratings, method=method, test_fraction=valid_fraction, n_last=n_last, seed=seed
        )
    except InputError as error:
        raise InputError(
            "The train part cannot be validated on itself; test_fraction is search.valid_fraction "
            f"here: {error}"
        ) from error
    return Part(train, valid)


def folds(ratings: pd.DataFrame, *, n_folds: int, seed: int) -> tuple[Part, ...]:
    """Split ratings into random folds of equal size; each validates once.

    Raises:
        InputError: If there are fewer ratings than folds.
    """
    if len(ratings) < n_folds:
        raise InputError(
            f"{len(ratings)} ratings cannot be split into search.n_folds={n_folds}: lower it, or "
            "bring more ratings."
        )
    fold = np.random.default_rng(seed).permutation(len(ratings)) % n_folds
    return tuple(
        Part(ratings[fold != number], ratings[fold == number]) for number in range(n_folds)
    )


def parts_of(ratings: pd.DataFrame, settings: SearchSettings) -> tuple[Part, ...]:
    """Split ratings as a search's settings say: into folds, or once."""
    if settings.objective == "kfold":
        return folds(ratings, n_folds=settings.n_folds, seed=settings.seed)
    part = hold_out(
        ratings,
        method=settings.split_method,
        valid_fraction=settings.valid_fraction,
        n_last=settings.n_last,
        seed=settings.seed,
    )
    return (part,)


def fits_of(model: StarModel, parts: Sequence[Part], scale: tuple[float, float]) -> Fits:
    """Prepare the fits of all trials; what does not differ between trials is done here, once.

    Args:
        model: What is fitted.
        parts: One part (hold-out) or several (folds).
        scale: Lowest and highest rating, in stars.

    Raises:
        InputError: If the ratings are wrong.
    """
    if model.code is None:
        return WholeFits(model.fit, parts, scale)
    return EpochFits([model.code(part.train, part.valid, scale=scale) for part in parts])


@dataclass(frozen=True)
class EpochFits:
    """Fits on all parts that advance together, an epoch at a time.

    The error of an epoch is the mean over the parts, so that the curve, and with it the choice of
    the epoch and a pruner's verdict, is that of the whole trial from the first epoch on. Parts are
    fitted side by side on different processors; the numbers do not depend on how many there are.
    """

    parts: Sequence[CodedRatings]
    has_curve: bool = True

    def points(self, params: Mapping[str, Any]) -> Generator[tuple[int, float]]:
        """See `Fits`."""
        n_threads = params.get(N_THREADS) or n_processors()
        n_workers = min(n_threads, len(self.parts))
        shared = {**params, N_THREADS: n_threads // n_workers}
        with ThreadPoolExecutor(n_workers) as pool:
            running = list(pool.map(_begin, self.parts, repeat(shared)))
            for epoch in range(1, params[N_EPOCHS] + 1):
                yield epoch, fmean(pool.map(_advance, running))


def _begin(part: CodedRatings, params: Mapping[str, Any]) -> StepwiseFit:
    return part.begin(params)


def _advance(fit: StepwiseFit) -> float:
    return fit.advance()


@dataclass(frozen=True)
class WholeFits:
    """Fits that show nothing before their end; the error of a step is the mean of those so far."""

    fit: FitStars
    parts: Sequence[Part]
    scale: tuple[float, float]
    has_curve: bool = False

    def points(self, params: Mapping[str, Any]) -> Generator[tuple[int, float]]:
        """See `Fits`."""
        errors: list[float] = []
        for number, part in enumerate(self.parts, 1):
            fitted = self.fit(part.train, params, scale=self.scale, valid=part.valid)
            errors.append(float(fitted.curve[c.VALID_RMSE].iloc[-1]))
            yield number, fmean(errors)


@dataclass(frozen=True)
class ThreadedFits:
    """Fits with a number of threads, unless the parameters name one."""

    fits: Fits
    n_threads: int
    has_curve: bool = True

    def points(self, params: Mapping[str, Any]) -> Generator[tuple[int, float]]:
        """See `Fits`."""
        n_threads = params.get(N_THREADS) or self.n_threads
        yield from self.fits.points({**params, N_THREADS: n_threads})
