"""A user the model was not fitted with: their bias and factors from a few ratings."""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cartelera.errors import InputError
from cartelera.factorization.recommender import FALLBACK, FOLD_IN, Ids

CARD_KEY: Final = "fold_in"

_TOO_WEAK: Final = 1e-8
_NEGLIGIBLE: Final = 1e-12


@dataclass(frozen=True)
class Ridge:
    """What a newcomer is before the first rating, and how many ratings it takes to be another.

    b_u and p_u are how far the user departs from somebody like anyone; ridge regression draws them
    to 0 with constant strength, so that one rating says little and a hundred say nearly all. (It is
    the most probable user if these have a normal prior whose variance is that of a rating's noise,
    divided by the constant: Bishop, Pattern Recognition and Machine Learning, 2006, section 3.3.1.)
    SGD regularises by `reg * parameter` at every rating, which grows with their number: right for a
    fit, whose numbers go with that, but after one rating it holds back next to nothing.

    Attributes:
        reg_bu: Of the bias b_u, in ratings: infinity leaves it at 0.
        reg_pu: Of the factors p_u: infinity leaves them at 0.
        level: From where they depart: a mean of what is predicted for the average of the model's
            users, which counts for `level`, and of the title's shrunken mean, what a stranger gets,
            for the rest. The first is free of who happened to rate the title, the second holds
            whatever the fit; halves were nearly the best of all shares in any fit, with any number
            of ratings.
    """

    reg_bu: float = 10.0
    reg_pu: float = 30.0
    level: float = 0.5

    def __post_init__(self) -> None:
        for name in ("reg_bu", "reg_pu"):
            if not getattr(self, name) >= 0:
                raise ValueError(f"{name}={getattr(self, name)} is not a number from 0")
        if not 0 <= self.level <= 1:
            raise ValueError(f"level={self.level} is not a number from 0 to 1")

    @classmethod
    def of_card(cls, card: Mapping[str, Any]) -> "Ridge":
        """Read the constants from a model card, with defaults for a card without them.

        Args:
            card: The model card; see `to_card`.

        Raises:
            KeyError: If the card has some of the constants only.
            TypeError: If the card holds something else than numbers there.
            ValueError: If a number is out of range.
        """
        if CARD_KEY not in card:
            return cls()
        entry = card[CARD_KEY]
        if not isinstance(entry, Mapping):
            raise TypeError(f"{CARD_KEY} is not a mapping of constants")
        reg_bu, reg_pu = (
            math.inf if entry[name] is None else float(entry[name]) for name in ("reg_bu", "reg_pu")
        )
        return cls(reg_bu, reg_pu, float(entry["level"]))

    def to_card(self) -> dict[str, Any]:
        """Return the card entry `fold_in`: JSON values, null for infinity.

        >>> Ridge(10.0, math.inf).to_card()
        {'reg_bu': 10.0, 'reg_pu': None, 'level': 0.5}
        """
        reg_bu, reg_pu = (
            None if math.isinf(value) else value for value in (self.reg_bu, self.reg_pu)
        )
        return {"reg_bu": reg_bu, "reg_pu": reg_pu, "level": self.level}

    def but(self, reg_bu: float | None, reg_pu: float | None) -> "Ridge":
        """Return the same with those of the two replaced that are given."""
        return Ridge(
            self.reg_bu if reg_bu is None else reg_bu,
            self.reg_pu if reg_pu is None else reg_pu,
            self.level,
        )


@dataclass(frozen=True, eq=False)
class FoldedUser:
    """What a model makes of a new user's ratings.

    Attributes:
        bias: b_u, how much higher than anyone the user rates all titles, in stars.
        factors: p_u, how the user's taste departs from anyone's; shape (n_factors,).
        origin: `fold-in`, or `fallback` if none of the ratings is of a title the model knows.
        title_ids: The rated titles that the model knows; shape (n,).
        ratings: Their ratings, in stars; shape (n,).
        ignored: The rated titles that the model does not know.
        influence: How far b_u and p_u move when one of the ratings rises by a star: p_u in the
            first columns, b_u in the last; shape (n, n_factors + 1).
        deviations: The ratings less what is expected of anyone (`Ridge.level`), to which b_u and
            p_u are fitted, in stars; shape (n,).
    """

    bias: float
    factors: NDArray[np.float64]
    origin: str
    title_ids: NDArray[np.object_]
    ratings: NDArray[np.float64]
    ignored: tuple[str, ...]
    influence: NDArray[np.float64]
    deviations: NDArray[np.float64]

    def contributions(self, title_factors: NDArray[np.floating]) -> NDArray[np.float64]:
        """Split `b_u + q_i . p_u` into what each rating adds to it.

        b_u and p_u are linear in the ratings' deviations d_j from the titles' levels, so is
        `b_u + q_i . p_u = sum_j w_j d_j`, with `w_j = (q_i, 1) . influence_j` (`influences`): the
        terms of the sum are the contributions, and nothing is left over. The idea is that of Hu,
        Koren and Volinsky, Collaborative Filtering for Implicit Feedback Datasets (2008), section
        5, whose weights come out of their least squares in the same way.

        Args:
            title_factors: q_i; shape (n_factors,).

        Returns:
            In stars; shape (n,).
        """
        weights = self.influence[:, :-1] @ title_factors + self.influence[:, -1]
        return weights * self.deviations


@dataclass(frozen=True)
class Reason:
    """A rated title that speaks for a recommendation.

    Attributes:
        title_id: The rated title.
        rating: What the user gave it, in stars.
        contribution: What that adds to the predicted rating, in stars.
    """

    title_id: str
    rating: float
    contribution: float


def influences(
    title_factors: NDArray[np.floating], *, biased: bool, ridge: Ridge
) -> NDArray[np.float64]:
    """Solve for one user's bias and factors, with everything about the titles fixed.

    They make `sum_j (d_j - b_u - q_j . p_u)^2 + reg_bu b_u^2 + reg_pu |p_u|^2` least, d_j being the
    rating less the title's level. With A the rows (q_j, 1) and D the diagonal of the constants this
    is a ridge regression: `(p_u, b_u) = (A'A + D)^-1 A' d`. The matrix in front of d does not
    depend on the ratings; it is what this function returns, transposed. Without regularisation it
    is the pseudo-inverse.

    Args:
        title_factors: q_j of the rated titles; shape (n, n_factors).
        biased: Whether the user has a bias; without, its column is 0.
        ridge: The constants.

    Returns:
        Shape (n, n_factors + 1); see `FoldedUser.influence`.
    """
    n_ratings, n_factors = title_factors.shape
    design = np.empty((n_ratings, n_factors + 1))
    design[:, :-1], design[:, -1] = title_factors, float(biased)
    strength = np.full(n_factors + 1, ridge.reg_pu, dtype=np.float64)
    strength[-1] = ridge.reg_bu

    # A parameter that cannot move is one that no rating speaks of.
    immovable = np.isinf(strength)
    design[:, immovable], strength[immovable] = 0.0, 1.0

    if strength.min() <= _TOO_WEAK * np.square(design).sum():
        # Least squares of the ratings and, below them, of one row sqrt(strength) a parameter.
        augmented = np.vstack([design, np.diag(np.sqrt(strength))])
        influence = np.linalg.pinv(augmented, rtol=_NEGLIGIBLE)[:, :n_ratings].T
    elif n_ratings > n_factors:
        influence = np.linalg.solve(design.T @ design + np.diag(strength), design.T).T
    else:  # the same, by way of a matrix ratings x ratings
        weighted = design / strength
        influence = np.linalg.solve(weighted @ design.T + np.eye(n_ratings), weighted)

    return np.asarray(influence, dtype=np.float64)


def check_ratings(title_ids: Ids, ratings: Ids, scale: tuple[float, float]) -> None:
    """Refuse ratings that cannot be folded in.

    Raises:
        InputError: If a title is rated twice or a rating lies outside the scale.
        ValueError: If there are not as many titles as ratings.
    """
    ids, stars = list(title_ids), np.asarray(ratings, dtype=np.float64)
    if stars.shape != (len(ids),):
        raise ValueError(f"{len(ids)} titles and {stars.size} ratings do not make pairs.")

    low, high = scale
    for title_id, value in zip(ids, stars, strict=True):
        if not low <= value <= high:
            raise InputError(
                f"the rating {value:g} of {title_id} is outside the scale: "
                f"give a number from {low:g} to {high:g}."
            )

    if twice := sorted(str(title_id) for title_id, n in Counter(ids).items() if n > 1):
        raise InputError(f"rated more than once: {', '.join(twice)}: give a title one rating.")


def fold_in(
    title_ids: Ids,
    ratings: Ids,
    *,
    known: NDArray[np.bool_],
    title_factors: NDArray[np.float32],
    title_levels: NDArray[np.float32],
    biased: bool,
    ridge: Ridge,
) -> FoldedUser:
    """Make a user of checked ratings.

    Args:
        title_ids: The rated titles; shape (n,).
        ratings: In stars; shape (n,).
        known: Which of these titles the model knows; shape (n,). The others are ignored.
        title_factors: Their q_i; shape (n, n_factors).
        title_levels: What is expected of them from anyone, in stars; shape (n,).
        biased: Whether users have biases.
        ridge: The constants.
    """
    ids, stars = np.asarray(title_ids, dtype=object), np.asarray(ratings, dtype=np.float64)
    influence = influences(title_factors[known], biased=biased, ridge=ridge)

    # Ridge regression is linear in the stars: the influence of each is kept for reasons.
    deviations = stars[known] - title_levels[known]
    solution = deviations @ influence

    return FoldedUser(
        bias=float(solution[-1]),
        factors=solution[:-1],
        origin=FOLD_IN if known.any() else FALLBACK,
        title_ids=ids[known],
        ratings=stars[known],
        ignored=tuple(str(title_id) for title_id in ids[~known]),
        influence=influence,
        deviations=deviations,
    )


def reasons(
    user: FoldedUser, title_id: str, title_factors: NDArray[np.floating], n: int
) -> list[Reason]:
    """Return the n ratings that speak most for a title, without the title's own; see `Factors`."""
    contributions = user.contributions(title_factors)
    found = [
        Reason(str(rated), float(stars), float(contribution))
        for rated, stars, contribution in zip(
            user.title_ids, user.ratings, contributions, strict=True
        )
        if contribution > 0 and rated != title_id
    ]
    return sorted(found, key=lambda reason: (-reason.contribution, reason.title_id))[:n]
