"""Stars for newcomers: a fold-in's constants, chosen on users the model was not fitted with."""

import dataclasses
import logging
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from cartelera import columns as c
from cartelera.factorization.factors import Factors
from cartelera.factorization.fold_in import CARD_KEY, Ridge
from cartelera.factorization.recommender import UNKNOWN, look_up_titles

logger = logging.getLogger(__name__)

COUNTS: Final = (1, 3, 5, 10, 20)
"""So many ratings newcomers are tried with."""

MOST_PARTS: Final = 5
ENOUGH_USERS: Final = 1000

# The strongest first: of constants that are equally good the first are chosen.
REG_BU_GRID: Final = (math.inf, 50.0, 20.0, 10.0, 5.0, 2.0)
REG_PU_GRID: Final = (math.inf, 300.0, 100.0, 30.0, 10.0, 3.0, 1.0)
LEVEL_GRID: Final = (0.0, 0.5, 1.0)

_CLEARLY: Final = 2.0  # standard errors

_Place: TypeAlias = tuple[int, int, int]  # on the grids, the levels' first
_TITLE_MEANS: Final[_Place] = (0, 0, 0)  # nothing moves from them


@dataclass(frozen=True, eq=False)
class FoldIn:
    """The constants that were chosen, and what they are good for.

    Attributes:
        ridge: The constants; a model card has them as `ridge.to_card()` at `fold_in`.
        curve: The errors on the users they were chosen on, as `fold_in_curve` has them.
    """

    ridge: Ridge
    curve: pd.DataFrame


def choose_fold_in(
    train: pd.DataFrame, fit: Callable[[pd.DataFrame], Factors], seed: int
) -> FoldIn:
    """Choose the constants that a newcomer's first ratings are folded in with.

    A fifth of the users, at most 1,000, are held out and the model is fitted without them; if there
    are fewer than that, another fifth, until all have had their turn. Each is then a newcomer who
    gives their first 1, 3, 5, 10 and 20 ratings, and the rest is predicted. Of all constants on a
    grid that at none of these numbers are worse than the titles' shrunken means, the ones with the
    least mean squared error, averaged over the numbers, are the best. There always are some: those
    with which nothing moves from the means.

    The best are taken if they are better than the defaults by two standard errors, or the defaults
    are no candidates. The error is flat around its minimum, so with a hundred users chance decides
    where that is: on other users the best were then worse than the defaults.

    Args:
        train: Ratings to learn from; columns `columns.CLEAN_RATING_COLUMNS`.
        fit: Fits the model that ships, a blend included, to the ratings it is given: once if
            there are 5,000 users with at least two ratings, at most five times.
        seed: Of the users held out.

    Returns:
        The constants and the curve. With fewer than five users who rated twice the constants are
        the defaults, and the curve is empty.
    """
    measured = [
        _measure(fit(train[~held_out].reset_index(drop=True)), train[held_out])
        for held_out in (train[c.USER_ID].isin(users) for users in draw_newcomers(train, seed))
    ]
    if not any(n_predicted.any() for _, n_predicted in measured):
        return FoldIn(Ridge(), _table([]))

    # Errors of all parts together: each user was held out once.
    sums, n_predicted = (np.concatenate(parts) for parts in zip(*measured, strict=True))
    tried = n_predicted.any(axis=0)
    shares = sums[:, tried] / n_predicted.sum(axis=0)[tried, None, None, None]
    chosen = _choose(shares)

    level, reg_bu, _ = chosen
    rmses = np.sqrt(shares.sum(axis=0))
    of_all = [rmses[(slice(None), *at)] for at in (chosen, _TITLE_MEANS, (level, reg_bu, 0))]
    n_users = (n_predicted > 0).sum(axis=0)[tried]
    rows = zip(np.array(COUNTS)[tried], n_users, *of_all, strict=True)
    ridge = _ridge(chosen)
    logger.info("Newcomers are folded in with %s.", ridge)
    return FoldIn(ridge, _table(list(rows)))


def draw_newcomers(train: pd.DataFrame, seed: int) -> list[NDArray[Any]]:
    """Draw the users to hold out, of those whose ratings can be split into given and rest.

    Args:
        train: As for `choose_fold_in`.
        seed: Likewise.

    Returns:
        The ids of the users of each part; `choose_fold_in` fits once for each.
    """
    n_ratings = train[c.USER_ID].value_counts()
    able = np.sort(n_ratings.index[n_ratings > min(COUNTS)].to_numpy())
    n_a_part = min(len(able) // MOST_PARTS, ENOUGH_USERS)
    if not n_a_part:
        return []
    n_parts = min(math.ceil(ENOUGH_USERS / n_a_part), MOST_PARTS)
    drawn = np.random.default_rng(seed).permutation(able)
    return np.split(drawn[: n_parts * n_a_part], n_parts)


def fold_in_curve(model: Factors, ratings: pd.DataFrame) -> pd.DataFrame:
    """Measure how well newcomers are predicted, by the number of ratings they have given.

    Each user's first n ratings (those of one moment in the order of title ids) are folded in, and
    the rest is predicted. Ratings of titles the model does not know are left out.

    Args:
        model: Fitted without these users; its card's constants, or the defaults, are measured.
        ratings: The users' ratings; columns `columns.CLEAN_RATING_COLUMNS`.

    Returns:
        Columns `columns.FOLD_IN_CURVE_COLUMNS`, one row for each number of ratings (1, 3, 5, 10,
        20) that some user has more of: `n_users`, those with more; `rmse` of all their other
        ratings, in stars; and, for comparison, that of the titles' shrunken means and that of the
        user's bias alone, with the same constant but without factors.
    """
    ridge = Ridge.of_card(model.card)
    biases_alone = with_ridge(model, ridge.but(None, math.inf))
    histories = list(_histories(model, ratings))
    rows: list[tuple[float, ...]] = []

    for n_given in COUNTS:
        errors = [
            np.stack(
                [
                    _predict_rest(model, titles, stars, n_given),
                    model.title_means[titles[n_given:]],
                    _predict_rest(biases_alone, titles, stars, n_given),
                ]
            )
            - stars[n_given:]
            for titles, stars in histories
            if len(stars) > n_given
        ]
        if errors:
            rmses = np.sqrt(np.square(np.concatenate(errors, axis=1)).mean(axis=1))
            rows.append((n_given, len(errors), *rmses.tolist()))

    return _table(rows)


def with_ridge(model: Factors, ridge: Ridge) -> Factors:
    """Return the model with other constants for newcomers in its card."""
    return dataclasses.replace(model, card={**model.card, CARD_KEY: ridge.to_card()})


def _table(rows: Sequence[tuple[float, ...]]) -> pd.DataFrame:
    curve = pd.DataFrame(rows, columns=list(c.FOLD_IN_CURVE_COLUMNS))
    whole = {c.N_RATINGS: "int64", c.N_USERS: "int64"}
    return curve.astype({name: whole.get(name, "float64") for name in curve.columns})


def _histories(
    model: Factors, ratings: pd.DataFrame
) -> Iterator[tuple[NDArray[np.intp], NDArray[np.float64]]]:
    """Yield each user's ratings, the first ones first: codes of titles and stars, shape (n,)."""
    ordered = ratings.sort_values([c.USER_ID, c.TIMESTAMP, c.TITLE_ID])
    titles = look_up_titles(pd.Index(model.title_ids, dtype=object), ordered[c.TITLE_ID])
    known = titles != UNKNOWN
    users, stars = ordered[c.USER_ID].to_numpy()[known], ordered[c.RATING].to_numpy()[known]

    starts = np.flatnonzero(np.diff(users)) + 1
    pieces = (np.split(of_all, starts) for of_all in (titles[known], stars.astype(np.float64)))
    yield from zip(*pieces, strict=True)


def _predict_rest(
    model: Factors, titles: NDArray[np.intp], stars: NDArray[np.float64], n_given: int
) -> NDArray[np.float64]:
    title_ids = model.title_ids[titles]
    user = model.fold_in(title_ids[:n_given], stars[:n_given])
    return model.predict_folded(user, title_ids[n_given:])


def _choose(shares: NDArray[np.float64]) -> _Place:
    """Choose by what each user adds to the mean squared errors; see `_measure` for the shape."""
    errors = shares.sum(axis=0)

    # What is worse than the titles' means anywhere is no candidate; they themselves always are.
    never_worse = (errors <= errors[(slice(None), *_TITLE_MEANS)][:, None, None, None]).all(axis=0)
    score = np.where(never_worse, errors.mean(axis=0), np.inf)
    level, reg_bu, reg_pu = np.unravel_index(np.argmin(score), score.shape)
    best = int(level), int(reg_bu), int(reg_pu)

    default = _place(Ridge())
    if never_worse[default]:
        gains = (shares[(..., *default)] - shares[(..., *best)]).mean(axis=1)
        if gains.sum() <= _CLEARLY * np.sqrt(np.square(gains).sum()):
            return default
    return best


def _ridge(place: _Place) -> Ridge:
    level, reg_bu, reg_pu = place
    return Ridge(REG_BU_GRID[reg_bu], REG_PU_GRID[reg_pu], LEVEL_GRID[level])


def _place(ridge: Ridge) -> _Place:
    places = (LEVEL_GRID.index(ridge.level), REG_BU_GRID.index(ridge.reg_bu))
    return (*places, REG_PU_GRID.index(ridge.reg_pu))


def _measure(
    model: Factors, newcomers: pd.DataFrame
) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    """Measure all constants of the grid on each user.

    Returns:
        Sums of squared errors, in stars squared; shape (n_users, n_counts, n_levels, n_reg_bu,
        n_reg_pu); and of how many ratings: shape (n_users, n_counts).
    """
    factors = model.title_factors.astype(np.float64)
    levels = np.stack(
        [with_ridge(model, Ridge(level=level)).newcomer_levels for level in LEVEL_GRID], axis=1
    ).astype(np.float64)
    histories = list(_histories(model, newcomers))
    sums = np.zeros(
        (len(histories), len(COUNTS), len(LEVEL_GRID), len(REG_BU_GRID), len(REG_PU_GRID))
    )
    n_predicted = np.array([[max(len(stars) - n, 0) for n in COUNTS] for _, stars in histories])

    for of_user, (titles, stars) in zip(sums, histories, strict=True):
        # Only products of titles are needed: no newcomer's factors are made for any constants.
        products = factors[titles] @ factors[titles[: max(COUNTS)]].T
        for place, n_given in enumerate(COUNTS):
            if len(stars) <= n_given:
                break
            given, rest = slice(n_given), slice(n_given, None)
            deviations = stars[given, np.newaxis] - levels[titles[given]]
            departures = _predict_departures(
                products[given, :n_given], products[rest, :n_given], deviations, model.biased
            )
            estimates = np.clip(departures + levels[titles[rest]].T[:, None, None], *model.scale)
            of_user[place] = np.square(estimates - stars[rest]).sum(axis=-1)

    return sums, n_predicted


def _predict_departures(
    given: NDArray[np.float64],
    rest: NDArray[np.float64],
    deviations: NDArray[np.float64],
    biased: bool,
) -> NDArray[np.float64]:
    """Predict what `fold_in.influences` makes of a user with each of the constants, all at once.

    By the kernel of two titles, `1 / reg_bu + q_i . q_j / reg_pu`: with K that of all pairs of
    rated titles and k that of a title with them, `b_u + q_i . p_u = k' (K + I)^-1 d` (Murphy,
    Machine Learning, 2012, section 14.4.3), whose matrices are as small as the ratings are few.

    Args:
        given: q_i . q_j of the rated titles; shape (n_given, n_given).
        rest: The same of the titles to predict and the rated ones; shape (n_rest, n_given).
        deviations: d, one column a level, in stars; shape (n_given, n_levels).
        biased: Whether the user has a bias.

    Returns:
        In stars; shape (n_levels, n_reg_bu, n_reg_pu, n_rest).
    """
    of_bias = float(biased) / np.array(REG_BU_GRID)[:, np.newaxis, np.newaxis, np.newaxis]
    of_factors = 1 / np.array(REG_PU_GRID)[:, np.newaxis, np.newaxis]
    kernels = of_bias + of_factors * given
    weights = np.linalg.solve(kernels + np.eye(len(given)), deviations)
    departures = of_bias * weights.sum(axis=-2, keepdims=True) + of_factors * (rest @ weights)
    return np.moveaxis(departures, -1, 0)
