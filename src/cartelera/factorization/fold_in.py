"""A user the model was not fitted with: their bias and factors from a few ratings."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import index
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from cartelera.errors import InputError
from cartelera.factorization.recommender import FALLBACK, FOLD_IN, Ids

DEFAULT_REG: Final = 0.02
"""What Surprise's SVD regularises with unless told otherwise."""

PARAMS: Final = "params"
MEMBERS: Final = "members"
N_FACTORS: Final = "n_factors"

_TOO_WEAK: Final = 1e-8
_NEGLIGIBLE: Final = 1e-12


@dataclass(frozen=True)
class Regularisation:
    """How strongly a user's parameters are drawn to 0, per rating.

    Attributes:
        reg_bu: Of the bias b_u.
        reg_pu: Of the factors p_u: one number for all, or one a factor.
    """

    reg_bu: float
    reg_pu: float | tuple[float, ...]

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            numbers = np.asarray(value, dtype=np.float64)
            if not ((numbers >= 0) & np.isfinite(numbers)).all():
                raise ValueError(f"{name}={value} is not a finite number from 0")

    @classmethod
    def of_card(cls, card: Mapping[str, Any], n_factors: int) -> "Regularisation":
        """Read what a model was fitted with from its card, with Surprise's defaults.

        A single model's card has `params`. A blend's has `members`, each with its `n_factors` and
        its `params`. Ridge regression is a kernel method, its kernel of two titles being
        `1 / reg_bu + q_i . q_j / reg_pu` (Murphy, Machine Learning, 2012, section 14.4.3), and a
        blend's kernel shall be the mean of its members' kernels. The members' factors are divided
        by sqrt(M), so each keeps its own reg_pu; reg_bu is the harmonic mean of theirs. A blend of
        equal members then folds in as one of them does.

        Args:
            card: The model card.
            n_factors: How many factors the model has.

        Raises:
            KeyError: If a member lacks an entry.
            TypeError: If the card holds something else than numbers there.
            ValueError: If a number is negative or not finite, or the members' factors are not the
                model's.
        """
        if MEMBERS not in card:
            return cls(*_of_params(card.get(PARAMS, {})))
        members = card[MEMBERS]
        if not isinstance(members, Sequence) or not members:
            raise TypeError("members is not a list of models")
        sizes = [index(member[N_FACTORS]) for member in members]
        if min(sizes) < 1 or sum(sizes) != n_factors:
            raise ValueError(f"the members' factors {sizes} do not make up the model's {n_factors}")
        each = [cls(*_of_params(member[PARAMS])) for member in members]
        reg_bu = np.array([one.reg_bu for one in each])
        reg_pu = np.array([one.reg_pu for one in each])
        harmonic = float(1 / np.mean(1 / reg_bu)) if reg_bu.all() else 0.0
        return cls(harmonic, tuple(np.repeat(reg_pu, sizes).tolist()))

    def but(self, reg_bu: float | None, reg_pu: float | None) -> "Regularisation":
        """Give the same with those of the two replaced that are given."""
        return Regularisation(
            self.reg_bu if reg_bu is None else reg_bu, self.reg_pu if reg_pu is None else reg_pu
        )


def _of_params(params: object) -> tuple[float, float]:
    if not isinstance(params, Mapping):
        raise TypeError(f"{PARAMS} is not a mapping of parameters")
    for_all = params.get("reg_all", DEFAULT_REG)
    reg_bu, reg_pu = (params.get(name) for name in ("reg_bu", "reg_pu"))
    return (
        float(for_all if reg_bu is None else reg_bu),
        float(for_all if reg_pu is None else reg_pu),
    )


@dataclass(frozen=True, eq=False)
class FoldedUser:
    """What a model makes of a new user's ratings.

    Attributes:
        bias: b_u, in stars.
        factors: p_u; shape (n_factors,).
        origin: `fold-in`, or `fallback` if none of the ratings is of a title the model knows.
        title_ids: The rated titles that the model knows; shape (n,).
        ratings: Their ratings, in stars; shape (n,).
        ignored: The rated titles that the model does not know.
        influence: How far b_u and p_u move when one of the ratings rises by a star: p_u in the
            first columns, b_u in the last; shape (n, n_factors + 1).
        deviations: The ratings less mu and b_i, which is what b_u and p_u are fitted to; (n,).
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

        b_u and p_u are linear in the ratings' deviations from `mu + b_j` (`influences`), so is
        `b_u + q_i . p_u = sum_j w_j (r_j - mu - b_j)`, with `w_j = (q_i, 1) . influence_j`: the
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
    title_factors: NDArray[np.floating], *, biased: bool, regularisation: Regularisation
) -> NDArray[np.float64]:
    """Solve for one user's bias and factors, with everything about the titles fixed.

    SGD subtracts `reg * parameter` at every rating, so fitting the user's n ratings alone ends
    where `sum_j (d_j - b_u - q_j . p_u)^2 + n reg_bu b_u^2 + n reg_pu |p_u|^2` is least, d_j being
    the rating less mu and b_j. With A the rows (q_j, 1) and D the diagonal of n reg this is a
    ridge regression: `(p_u, b_u) = (A'A + D)^-1 A' d`. The matrix in front of d does not depend on
    the ratings; it is what this function returns, transposed. Without regularisation it is the
    pseudo-inverse, which is where gradient descent from 0 ends.

    Args:
        title_factors: q_j of the rated titles; shape (n, n_factors).
        biased: Whether the user has a bias; without, its column is 0.
        regularisation: The model's.

    Returns:
        Shape (n, n_factors + 1); see `FoldedUser.influence`.
    """
    n_ratings, n_factors = title_factors.shape
    design = np.empty((n_ratings, n_factors + 1))
    design[:, :-1], design[:, -1] = title_factors, float(biased)
    ridge = np.empty(n_factors + 1)
    ridge[:-1] = n_ratings * np.asarray(regularisation.reg_pu)
    ridge[-1] = n_ratings * regularisation.reg_bu
    if ridge.min() <= _TOO_WEAK * np.square(design).sum():
        # Least squares of the ratings and, below them, of one row sqrt(ridge) a parameter.
        augmented = np.vstack([design, np.diag(np.sqrt(ridge))])
        influence = np.linalg.pinv(augmented, rtol=_NEGLIGIBLE)[:, :n_ratings].T
    elif n_ratings > n_factors:
        influence = np.linalg.solve(design.T @ design + np.diag(ridge), design.T).T
    else:  # the same, by way of a matrix ratings x ratings
        weighted = design / ridge
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
    title_levels: NDArray[np.float64],
    biased: bool,
    regularisation: Regularisation,
) -> FoldedUser:
    """Make a user of checked ratings.

    Args:
        title_ids: The rated titles; shape (n,).
        ratings: In stars; shape (n,).
        known: Which of these titles the model knows; shape (n,). The others are ignored.
        title_factors: Their q_i; shape (n, n_factors).
        title_levels: What the model expects of them from anyone: `mu + b_i`, in stars; shape (n,).
        biased: Whether users have biases.
        regularisation: The model's.
    """
    ids, stars = np.asarray(title_ids, dtype=object), np.asarray(ratings, dtype=np.float64)
    influence = influences(title_factors[known], biased=biased, regularisation=regularisation)
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
    """Give the n ratings that speak most for a title, without the title's own; see `Factors`."""
    contributions = user.contributions(title_factors)
    found = [
        Reason(str(rated), float(stars), float(contribution))
        for rated, stars, contribution in zip(
            user.title_ids, user.ratings, contributions, strict=True
        )
        if contribution > 0 and rated != title_id
    ]
    return sorted(found, key=lambda reason: (-reason.contribution, reason.title_id))[:n]
